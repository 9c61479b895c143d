//! What is there, read from the table as readers of the API see it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::state::{FOLLOWER, PUBLIC, Room, State};
use crate::step::NAMES;

type Item = HashMap<String, AttributeValue>;

/// What is known of rooms and sessions from answers.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// The places of rooms by their tokens.
    pub(crate) places: BTreeMap<String, usize>,
    /// Where a room may be of which nobody was told.
    pub(crate) unheard: Option<usize>,
    /// The guests by the sessions that they have.
    pub(crate) guests: BTreeMap<String, usize>,
}

/// What is there at a moment.
///
/// # Errors
/// A sentence about what cannot be.
pub(crate) fn observe(items: &[Item], known: &Known, now: i64) -> Result<State, String> {
    let mut state = State::default();
    let mut places = BTreeMap::new();
    for item in items {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        if let (Some(user), "ACCOUNT") = (pk.strip_prefix("USER#").and_then(user), sk) {
            state.accounts[user] = !item.contains_key("removed_since");
        }
        if let (Some(_), Some(user)) = (pk.strip_prefix("GROUP#"), sk.strip_prefix("USER#").and_then(user)) {
            state.group.insert(user);
        }
        if let (Some(token), "ROOM") = (pk.strip_prefix("ROOM#"), sk)
            && !item.contains_key("hidden_since")
        {
            let place = known.places.get(token).copied().or(known.unheard);
            let place = place.ok_or_else(|| format!("nobody made the room {token}"))?;
            if state.rooms[place].replace(room(item, token)).is_some() {
                return Err(format!("there are two rooms at place {place}"));
            }
            places.insert(token.to_owned(), place);
        }
    }
    for item in items {
        let Some(&place) = text(item, "pk").strip_prefix("ROOM#").and_then(|token| places.get(token)) else {
            continue;
        };
        let Some(room) = &mut state.rooms[place] else { continue };
        let sk = text(item, "sk");
        if let Some(user) = sk.strip_prefix("USER#").and_then(user) {
            let row = number(item, "participant_type");
            if row != i64::from(FOLLOWER) || room.kind == PUBLIC {
                room.rows.insert(user, u8::try_from(row).unwrap_or(0));
            }
        }
        if sk.starts_with("PRESENCE#GUEST#") && room.kind == PUBLIC && number(item, "expires_at") > now {
            match known.guests.get(text(item, "session_id")) {
                Some(&guest) => _ = room.guests.insert(guest),
                None => room.strangers += 1,
            }
        }
    }
    for item in items {
        let Some(&place) = text(item, "pk").strip_prefix("ROOM#").and_then(|token| places.get(token)) else {
            continue;
        };
        let Some(user) = text(item, "sk").strip_prefix("PRESENCE#USER#").and_then(user) else { continue };
        let is_seen = state.rooms[place].as_ref().is_some_and(|room| room.rows.contains_key(&user));
        if item.contains_key("session_id") && is_seen && state.calls[user].replace(place).is_some() {
            return Err(format!("{} is in two calls", NAMES[user]));
        }
    }
    Ok(state)
}

fn room(item: &Item, token: &str) -> Room {
    let mut room = Room::new(token, u8::try_from(number(item, "room_type")).unwrap_or(0), BTreeMap::new());
    room.name = text(item, "name").to_owned();
    room.description = text(item, "description").to_owned();
    room.is_locked = item.contains_key("password_hash");
    room
}

fn user(id: &str) -> Option<usize> {
    NAMES.iter().position(|name| *name == id)
}

fn text<'a>(item: &'a Item, attribute: &str) -> &'a str {
    item.get(attribute).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn number(item: &Item, attribute: &str) -> i64 {
    item.get(attribute).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).unwrap_or(0)
}
