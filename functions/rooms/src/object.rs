//! The room object (`docs/api.md#the-room-object`): what a caller sees of a room.

use serde::{Serialize, Serializer};
use shared::domain::account::UserId;
use shared::domain::occupancy::{Occupancy, Occupant};
use shared::domain::permission::Sight;
use shared::domain::room::{NO_SESSION, ParticipantType, Token};

/// A room as one caller sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomObject<'a> {
    id: u64,
    token: &'a Token,
    r#type: u8,
    name: &'a str,
    display_name: String,
    description: &'a str,
    participant_type: u8,
    count: usize,
    has_password: bool,
    last_ping: i64,
    session_id: &'a str,
    participants: Participants<'a>,
    num_guests: usize,
    guest_list: String,
}

impl<'a> RoomObject<'a> {
    pub(crate) fn new(sight: &'a Sight) -> Self {
        let occupancy = sight.occupancy();
        let (own_row, own_guest) = (sight.own_row(), sight.own_guest());
        let is_inside = !sight.is_from_outside();
        let guests = occupancy.active_guests().count();
        let guest_list = if is_inside { guest_list(sight) } else { String::new() };
        Self {
            id: occupancy.room.id,
            token: &occupancy.room.token,
            r#type: occupancy.room.room_type.number(),
            name: name(occupancy, own_row),
            display_name: display_name(sight, &guest_list),
            description: if sight.shows_names() { &occupancy.room.description } else { "" },
            participant_type: own_row.map_or(ParticipantType::Guest, |row| row.participant_type).number(),
            count: occupancy.active_rows(),
            has_password: occupancy.room.password.is_some(),
            last_ping: own_row
                .map(|row| row.last_ping.0)
                .or(own_guest.map(|guest| guest.last_ping.0))
                .unwrap_or(0),
            session_id: own_row
                .and_then(|row| row.session.as_ref())
                .or(own_guest.map(|guest| &guest.session))
                .map_or(NO_SESSION, |session| session.as_str()),
            participants: Participants(if is_inside { &occupancy.users } else { &[] }),
            num_guests: if is_inside { guests } else { 0 },
            guest_list,
        }
    }
}

/// A one-to-one room is called by the id of the other one.
fn name<'a>(occupancy: &'a Occupancy, own_row: Option<&Occupant>) -> &'a str {
    match (&occupancy.room.pair, own_row) {
        (Some(pair), Some(row)) => pair.other_than(&row.user).as_str(),
        _ => &occupancy.room.name,
    }
}

/// A map from user ids to names and types, the most recent ping first.
struct Participants<'a>(&'a [Occupant]);

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    r#type: u8,
}

impl<'a> From<&'a Occupant> for Entry<'a> {
    fn from(occupant: &'a Occupant) -> Self {
        Self { name: &occupant.display_name, r#type: occupant.participant_type.number() }
    }
}

impl Serialize for Participants<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // PHP, from which this API comes, writes an empty map as a list.
        if self.0.is_empty() {
            return serializer.collect_seq([(); 0]);
        }
        serializer.collect_map(self.0.iter().map(|occupant| (&occupant.user, Entry::from(occupant))))
    }
}

/// How many guests are active, for a guest without that guest.
pub(crate) fn guest_list(sight: &Sight) -> String {
    let own = sight.own_guest().map(|guest| &guest.session);
    let others = sight.occupancy().active_guests().filter(|guest| own != Some(&guest.session)).count();
    let other = if own.is_some() { "other " } else { "" };
    match others {
        0 => String::new(),
        1 => format!("1 {other}guest"),
        _ => format!("{others} {other}guests"),
    }
}

/// The name, else who is there, as far as outsiders may know.
pub(crate) fn display_name(sight: &Sight, guest_list: &str) -> String {
    let occupancy = sight.occupancy();
    let own: Option<&UserId> = sight.own_row().map(|row| &row.user);
    let others = || occupancy.users.iter().filter(|occupant| Some(&occupant.user) != own);
    if occupancy.room.is_one_to_one() {
        let absent = occupancy.absent.iter().map(|other| other.display_name.as_str());
        return others().map(|occupant| occupant.display_name.as_str()).chain(absent).collect();
    }
    if !occupancy.room.name.is_empty() {
        return occupancy.room.name.clone();
    }
    if !sight.shows_names() {
        return String::new();
    }
    let mut parts: Vec<&str> = others().map(|occupant| occupant.display_name.as_str()).collect();
    if sight.own_guest().is_some() || (own.is_some() && parts.is_empty()) {
        parts.push("You");
    }
    if !guest_list.is_empty() {
        parts.push(guest_list);
    }
    parts.join(", ")
}
