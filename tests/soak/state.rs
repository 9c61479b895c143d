//! What there is: accounts, rooms, people in rooms and calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::step::{ROOMS, USERS};

pub(crate) const OWNER: u8 = 1;
pub(crate) const MODERATOR: u8 = 2;
pub(crate) const USER: u8 = 3;
/// Followed the link, and has an account.
pub(crate) const FOLLOWER: u8 = 5;

pub(crate) const ONE_TO_ONE: u8 = 1;
pub(crate) const GROUP: u8 = 2;
pub(crate) const PUBLIC: u8 = 3;

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Empty as long as nobody was told.
    pub(crate) token: String,
    pub(crate) kind: u8,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_locked: bool,
    /// What each user is in it.
    pub(crate) rows: BTreeMap<usize, u8>,
    /// The guests in the call.
    pub(crate) guests: BTreeSet<usize>,
    /// How many sessions of guests are there of which nobody was told.
    pub(crate) strangers: usize,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Who has an account.
    pub(crate) accounts: [bool; USERS],
    /// Who is in the one group.
    pub(crate) group: BTreeSet<usize>,
    pub(crate) rooms: [Option<Room>; ROOMS],
    /// In which room's call each user is, or was when last heard of.
    pub(crate) calls: [Option<usize>; USERS],
}

impl Room {
    pub(crate) fn new(token: &str, kind: u8, rows: BTreeMap<usize, u8>) -> Self {
        Self {
            token: token.to_owned(),
            kind,
            name: String::new(),
            description: String::new(),
            is_locked: false,
            rows,
            guests: BTreeSet::new(),
            strangers: 0,
        }
    }

    /// Whether anybody but this user keeps the room.
    pub(crate) fn outlives(&self, user: usize) -> bool {
        self.rows.iter().any(|(&other, &row)| other != user && row != FOLLOWER)
    }
}

impl State {
    /// Whether two states are the same but for the names of rooms of which nobody was told.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    /// Where another state differs, in words.
    pub(crate) fn difference(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.accounts != other.accounts {
            differences.push(format!("accounts {:?} and not {:?}", other.accounts, self.accounts));
        }
        if self.group != other.group {
            differences.push(format!("the group has {:?} and not {:?}", other.group, self.group));
        }
        if self.calls != other.calls {
            differences.push(format!("calls {:?} and not {:?}", other.calls, self.calls));
        }
        for (place, (one, another)) in self.rooms.iter().zip(&other.rooms).enumerate() {
            let unnamed = |room: &Room| Room { token: String::new(), ..room.clone() };
            let is_same = match (one, another) {
                (Some(one), Some(another)) if one.token.is_empty() => unnamed(one) == unnamed(another),
                (one, another) => one == another,
            };
            if !is_same {
                differences.push(format!("room {place} is {another:?} and not {one:?}"));
            }
        }
        differences
    }

    /// Takes a room away with everybody in it.
    pub(crate) fn drop_room(&mut self, place: usize) {
        self.rooms[place] = None;
        for call in &mut self.calls {
            if *call == Some(place) {
                *call = None;
            }
        }
    }

    /// Takes a user out of a room, and out of its call.
    pub(crate) fn take_out(&mut self, place: usize, user: usize) {
        if let Some(room) = &mut self.rooms[place] {
            room.rows.remove(&user);
        }
        if self.calls[user] == Some(place) {
            self.calls[user] = None;
        }
    }

    /// Ends the session that a user has; a follower's row goes with it.
    pub(crate) fn hang_up(&mut self, user: usize) {
        let Some(place) = self.calls[user].take() else { return };
        if let Some(room) = &mut self.rooms[place]
            && room.rows.get(&user) == Some(&FOLLOWER)
        {
            room.rows.remove(&user);
        }
    }
}
