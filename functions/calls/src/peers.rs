//! `GET /call/{token}`: everybody who is in the call. From outside nobody reads session ids, not even in a public
//! room.

use serde::Serialize;
use shared::domain::permission::Sight;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    user_id: &'a str,
    token: &'a Token,
    last_ping: i64,
    session_id: &'a str,
}

pub(crate) async fn peers(_: &Exchange<'_>, sight: Sight) -> Result<Reply, Refusal> {
    let occupancy = sight.occupancy();
    let peers = occupancy.peers().map(|peer| Entry {
        user_id: peer.user_id(),
        token: &occupancy.room.token,
        last_ping: peer.last_ping.0,
        session_id: peer.session.as_str(),
    });
    Reply::ok(peers.collect::<Vec<_>>())
}
