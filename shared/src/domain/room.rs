//! Rooms and the people in them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_repr::{Deserialize_repr, Serialize_repr};

use super::account::UserId;
use super::attendance::Attendance;
use super::chat::{ChatHead, MarkerId};
use super::permissions::RoomPermissions;
use super::secret::{Digest, PasswordHash};
use super::socket::PublicId;
use super::time::Timestamp;

/// The length of a session id in characters.
pub const SESSION_ID_CHARACTERS: usize = 512;
/// How long somebody is active after a ping, in seconds (`docs/api.md#sessions-and-pings`).
pub const ACTIVE_SECONDS: i64 = 30;
/// How long a session lives without a ping, in seconds; then a guest is gone and a user is not connected.
pub const SILENCE_SECONDS: i64 = 100;
/// How long the last ping of a user is kept, in seconds, because lists are sorted by it.
pub const LAST_PING_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// What a room is called in URLs: 4 to 30 of `a-z0-9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Reads a token; `None` when no room can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        ((4..=30).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    pub(crate) const fn from_random(text: String) -> Self {
        Self(text)
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What one join of a call is known by, to everybody in the room. No credential, but kept out of
/// logs all the same, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    pub(crate) const fn from_random(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a guest with this session is stored under.
    #[must_use]
    pub fn guest_id(&self) -> GuestId {
        GuestId::of_session_text(&self.0)
    }
}

/// What a guest is stored under: the SHA-256 of the session id, which is too long for a key.
#[derive(Clone, PartialEq, Eq)]
pub struct GuestId(Digest);

impl GuestId {
    /// The id that a guest with this session id would have.
    #[must_use]
    pub fn of_session_text(text: &str) -> Self {
        Self(Digest::of(text.as_bytes()))
    }

    /// Reads an id; `None` when it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Digest::parse(text).map(Self)
    }

    /// The hexadecimal characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Who may find a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize_repr, Deserialize_repr)]
#[repr(u8)]
pub enum RoomType {
    /// Two people and nobody else.
    OneToOne = 1,
    /// Those who were added.
    Group = 2,
    /// Everybody who knows the token.
    Public = 3,
}

impl RoomType {
    /// The type with this number on the wire.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::OneToOne),
            2 => Some(Self::Group),
            3 => Some(Self::Public),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What stands for the session of somebody who is not connected, or of whom the reader may not know (`docs/api.md#sessions-and-pings`).
pub const NO_SESSION: &str = "0";

/// What somebody is in a room (`docs/api.md#types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize_repr, Deserialize_repr)]
#[repr(u8)]
pub enum ParticipantType {
    /// Made the room, or is one of the two of a one-to-one room.
    Owner = 1,
    /// Was promoted.
    Moderator = 2,
    /// Was invited or added.
    User = 3,
    /// Is not logged in. Never stored: a guest has a presence only.
    Guest = 4,
    /// Is logged in and followed the link of a public room.
    SelfJoined = 5,
}

impl ParticipantType {
    /// Whether this type may manage the room.
    #[must_use]
    pub const fn has_moderator_rights(self) -> bool {
        matches!(self, Self::Owner | Self::Moderator)
    }

    /// Whether this type is in a room only while it is public.
    #[must_use]
    pub const fn needs_public_room(self) -> bool {
        matches!(self, Self::SelfJoined | Self::Guest)
    }

    /// The type with this number on the wire.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Owner),
            2 => Some(Self::Moderator),
            3 => Some(Self::User),
            4 => Some(Self::Guest),
            5 => Some(Self::SelfJoined),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The two people of a one-to-one room, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair(UserId, UserId);

impl Pair {
    /// The pair of two people; `None` when they are one.
    #[must_use]
    pub fn new(one: &UserId, other: &UserId) -> Option<Self> {
        match one.cmp(other) {
            std::cmp::Ordering::Less => Some(Self(one.clone(), other.clone())),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Self(other.clone(), one.clone())),
        }
    }

    /// Both, in order.
    #[must_use]
    pub const fn ids(&self) -> (&UserId, &UserId) {
        (&self.0, &self.1)
    }

    /// The one that is not `user`.
    #[must_use]
    pub fn other_than(&self, user: &UserId) -> &UserId {
        if self.0 == *user { &self.1 } else { &self.0 }
    }
}

/// Something of another app that a room was made for. Both are empty where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    pub kind: String,
    pub id: String,
}

/// A room.
#[derive(Clone)]
pub struct Room {
    /// What it is called in URLs.
    pub token: Token,
    /// A number that older clients want beside the token.
    pub id: u64,
    /// Who may find it.
    pub room_type: RoomType,
    /// May be empty.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What guests and followers have to know; stays while the room is not public.
    pub password: Option<PasswordHash>,
    /// The two people, of a one-to-one room only.
    pub pair: Option<Pair>,
    /// What the room was made for, if its maker said so.
    pub object: Object,
    /// Whether nobody may write, react or call; managing goes on.
    pub is_read_only: bool,
    /// What those may do who do not manage the room.
    pub permissions: RoomPermissions,
    pub created_at: Timestamp,
    /// When somebody last found the call empty and joined; `None` when nobody joined since it was last seen to be empty.
    pub called_since: Option<Timestamp>,
    /// What it knows of its chat.
    pub chat: ChatHead,
    /// Up to which message everybody has read.
    pub common_read: MarkerId,
    /// When that was last worked out.
    pub(crate) common_read_at: Timestamp,
    /// The one of two who left the room to the other.
    pub absent: Option<UserId>,
    /// Until when somebody is taken to be guessing at the password.
    pub(crate) guessed_until: Timestamp,
}

impl Room {
    /// Whether everybody who knows the token finds it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.room_type == RoomType::Public
    }

    /// When something last happened in it that people want to know of.
    #[must_use]
    pub fn last_activity(&self) -> Timestamp {
        self.chat.active_at.unwrap_or(self.created_at)
    }

    /// Whether somebody of this type can be in it; followers that a crash left in a room that is no longer public
    /// cannot.
    #[must_use]
    pub fn admits(&self, participant_type: ParticipantType) -> bool {
        self.is_public() || !participant_type.needs_public_room()
    }

    /// Whether it belongs to exactly two people.
    #[must_use]
    pub fn is_one_to_one(&self) -> bool {
        self.room_type == RoomType::OneToOne
    }
}

/// Somebody with an account who belongs to a room.
#[derive(Clone)]
pub struct Participant {
    /// Who.
    pub user: UserId,
    /// What others see.
    pub display_name: String,
    /// What the person is in the room.
    pub participant_type: ParticipantType,
    /// What else the room keeps of the person.
    pub attendance: Attendance,
}

/// When somebody was last heard of, and under which session.
#[derive(Clone)]
pub struct Presence {
    /// The session of the last join; `None` after leaving.
    pub session: Option<SessionId>,
    /// The last join or ping; the present moment of those whose socket is open.
    pub last_ping: Timestamp,
    /// What carries the session, of those who have a socket.
    pub socket: Option<PublicId>,
    /// Whether the session was ever polled for.
    pub has_polled: bool,
    /// The messages for the session.
    pub queue: Queue,
}

/// The messages for a session, counted since the join.
#[derive(Clone, Copy, Default)]
pub struct Queue {
    /// What was sent to it.
    pub sent: Amount,
    /// What of that was taken, or is too old.
    pub taken: Amount,
}

/// Some messages.
#[derive(Clone, Copy, Default)]
pub struct Amount {
    /// How many.
    pub messages: u64,
    /// How long they are together, in bytes.
    pub bytes: u64,
}

impl Queue {
    /// What nobody took yet.
    #[must_use]
    pub const fn waiting(&self) -> Amount {
        Amount {
            messages: self.sent.messages.saturating_sub(self.taken.messages),
            bytes: self.sent.bytes.saturating_sub(self.taken.bytes),
        }
    }
}

impl Presence {
    /// The session, unless the person has been silent for too long.
    #[must_use]
    pub fn live_session(&self, now: Timestamp) -> Option<&SessionId> {
        self.session.as_ref().filter(|_| !is_silent(self.last_ping, now))
    }
}

/// Whether a ping at `last_ping` still makes somebody active.
#[must_use]
pub fn is_active(last_ping: Timestamp, now: Timestamp) -> bool {
    last_ping > now.minus(ACTIVE_SECONDS)
}

/// Whether somebody who pinged at `last_ping` has to join again.
#[must_use]
pub fn is_silent(last_ping: Timestamp, now: Timestamp) -> bool {
    last_ping <= now.minus(SILENCE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_one_form() {
        for good in ["abcd", "0123", &"z".repeat(30)] {
            assert!(Token::parse(good).is_some(), "{good}");
        }
        for bad in ["", "abc", "ABCD", "ab-d", "abcdé", &"z".repeat(31), &"z".repeat(10_000)] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn activity_ends_after_30_seconds_and_the_session_after_100() {
        let presence = Presence {
            session: Some(SessionId("s".to_owned())),
            last_ping: Timestamp(1000),
            socket: None,
            has_polled: false,
            queue: Queue::default(),
        };
        for (now, active, live) in [
            (1000, true, true),
            (1029, true, true),
            (1030, false, true),
            (1099, false, true),
            (1100, false, false),
        ] {
            assert_eq!(is_active(presence.last_ping, Timestamp(now)), active, "{now}");
            assert_eq!(presence.live_session(Timestamp(now)).is_some(), live, "{now}");
        }
    }

    #[test]
    fn a_pair_is_the_same_from_both_sides() {
        let (Some(a), Some(b)) = (UserId::parse("a"), UserId::parse("b")) else { unreachable!() };
        assert_eq!(Pair::new(&a, &b), Pair::new(&b, &a));
        assert_eq!(Pair::new(&a, &a), None);
    }
}
