//! `GET /room/{token}/participants`: everybody in the room, users first, active or not.
//!
//! Every user may list a public room, but from outside learns no session, and no names where the room has a
//! password.

use serde::Serialize;
use shared::domain::permission::Sight;
use shared::domain::room::ParticipantType;
use shared::gateway::{Exchange, Refusal, Reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    user_id: &'a str,
    display_name: &'a str,
    participant_type: u8,
    last_ping: i64,
    session_id: &'a str,
}

pub(crate) async fn list(_: &Exchange<'_>, sight: Sight) -> Result<Reply, Refusal> {
    Reply::ok(entries(&sight))
}

fn entries(sight: &Sight) -> Vec<Entry<'_>> {
    let occupancy = sight.occupancy();
    let name = |name| if sight.shows_names() { name } else { "" };
    let users = occupancy.users.iter().map(|occupant| Entry {
        user_id: name(occupant.user.as_str()),
        display_name: name(&occupant.display_name),
        participant_type: occupant.participant_type.number(),
        last_ping: occupant.last_ping.0,
        session_id: sight.session(occupant.session.as_ref()),
    });
    let guests = occupancy.guests.iter().map(|guest| Entry {
        user_id: "",
        display_name: "",
        participant_type: ParticipantType::Guest.number(),
        last_ping: guest.last_ping.0,
        session_id: sight.session(Some(&guest.session)),
    });
    users.chain(guests).collect()
}
