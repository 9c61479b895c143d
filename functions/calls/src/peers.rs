//! `GET /call/{token}`: everybody who is in the call.

use serde::Serialize;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Sight;
use shared::refusal::Refusal;
use shared::room::Token;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    user_id: &'a str,
    token: &'a Token,
    last_ping: i64,
    session_id: &'a str,
}

pub(crate) async fn peers(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    let partition = exchange.look(token).await?;
    let cookie = exchange.guest_cookie(token);
    // From outside nobody reads session ids, not even in a public room (section 9, no. 9).
    let sight = Sight::new(partition.occupancy(exchange.now), &caller, cookie.as_ref())?.insider()?;
    exchange.parameters()?;
    let peers = sight.occupancy().peers().map(|peer| Entry {
        user_id: peer.user_id(),
        token,
        last_ping: peer.last_ping.0,
        session_id: peer.session.as_str(),
    });
    Reply::ok(peers.collect::<Vec<_>>())
}
