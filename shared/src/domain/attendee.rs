//! Attendees, as API v4 calls everybody and everything that belongs to a room (`docs/api-v4.md#attendees`).

use serde::Serialize;

use super::account::{GroupId, UserId};
use super::room::{GuestId, Token};
use super::secret::Digest;

/// How many hexadecimal digits of a hash make an id: 52 bits, which every client reads exactly.
const ID_DIGITS: usize = 13;

/// What an attendee is called by number. It is a hash of room and name, so it is stored nowhere, and the same whenever
/// somebody comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AttendeeId(u64);

impl AttendeeId {
    /// The id of an attendee in a room.
    #[must_use]
    pub fn of(token: &Token, actor: Actor<'_>) -> Self {
        let name = format!("{token}#{}#{}", actor.kind(), actor.id());
        let digits: String = Digest::of(name.as_bytes()).as_str().chars().take(ID_DIGITS).collect();
        Self(u64::from_str_radix(&digits, 16).unwrap_or_default().saturating_add(1))
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Whether somebody asks for this one.
    #[must_use]
    pub fn is(self, number: i64) -> bool {
        u64::try_from(number) == Ok(self.0)
    }
}

/// Somebody or something that acts in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    User(&'a UserId),
    Guest(&'a str),
    Group(&'a GroupId),
}

impl<'a> Actor<'a> {
    /// The kind on the wire.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "users",
            Self::Guest(_) => "guests",
            Self::Group(_) => "groups",
        }
    }

    /// What the actor is called among its kind.
    #[must_use]
    pub fn id(self) -> &'a str {
        match self {
            Self::User(user) => user.as_str(),
            Self::Guest(id) => id,
            Self::Group(group) => group.as_str(),
        }
    }
}

/// As long as the ids of guests are elsewhere.
const GUEST_NAME_CHARACTERS: usize = 40;

/// What others call a guest: the beginning of the id, which tells nothing of the session.
#[must_use]
pub fn guest_name(id: &GuestId) -> String {
    id.as_str().chars().take(GUEST_NAME_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attendee_has_one_number_in_a_room_and_another_in_the_next() {
        let (Some(here), Some(there)) = (Token::parse("here"), Token::parse("there")) else { unreachable!() };
        let (Some(anna), Some(group)) = (UserId::parse("anna"), GroupId::parse("anna")) else {
            unreachable!()
        };
        let id = AttendeeId::of(&here, Actor::User(&anna));
        assert_eq!(id, AttendeeId::of(&here, Actor::User(&anna)));
        for other in [
            AttendeeId::of(&there, Actor::User(&anna)),
            AttendeeId::of(&here, Actor::Group(&group)),
            AttendeeId::of(&here, Actor::Guest("anna")),
        ] {
            assert_ne!(id, other);
        }
        let number = i64::try_from(id.0).unwrap_or_default();
        assert!(id.is(number) && !id.is(-number) && !id.is(0));
        assert!((1..=1 << 52).contains(&number));
    }
}
