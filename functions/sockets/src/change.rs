//! One record of the table's stream, as far as people with sockets have to learn of it.

use serde_json::Value;
use shared::domain::account::UserId;
use shared::domain::room::{ParticipantType, Token};
use shared::domain::socket::PublicId;

/// What was committed.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Somebody came into the call or the room, went, or has other rights.
    Moved(Token),
    /// Somebody belongs to the room now.
    Invited(Token, UserId),
    /// Somebody does not belong to the room any more.
    Disinvited(Token, UserId),
    /// Something was said in the room.
    Said(Token),
    /// The room has another name or type.
    Updated {
        token: Token,
        /// Whether it says so.
        is_said: bool,
    },
    /// The room is gone.
    Removed(Token),
    /// All logins of somebody have ended, or the account cannot be used any more.
    LoggedOut(UserId),
    /// A message waits for a session.
    Waiting(PublicId),
}

impl Change {
    /// Reads a record; `None` when nobody with a socket has to learn of it.
    pub(crate) fn read(record: &Value) -> Option<Self> {
        let record = Record(record);
        let (pk, sk) = (record.text("Keys", "pk/S")?, record.text("Keys", "sk/S")?);
        match pk.split_once('#')? {
            ("HALL", token) => sk.starts_with("SESSION#").then(|| Token::parse(token).map(Self::Moved))?,
            ("ROOM", token) => Self::of_room(&record, Token::parse(token)?, sk),
            ("USER", user) => Self::of_user(&record, user, sk),
            // One that is removed has no new image.
            ("QUEUE", _) => record.text("NewImage", "socket/S").and_then(PublicId::parse).map(Self::Waiting),
            _ => None,
        }
    }

    /// What happened under a room's key.
    fn of_room(record: &Record<'_>, token: Token, sk: &str) -> Option<Self> {
        if let Some(user) = sk.strip_prefix("USER#") {
            return Self::of_row(record, token, UserId::parse(user)?);
        }
        if sk == "ROOM" && !record.is_new() {
            if record.is_removed() {
                return Some(Self::Removed(token));
            }
            if record.differs("hidden_since") {
                return Some(Self::Moved(token));
            }
            if record.differs("name") || record.differs("room_type") {
                return Some(Self::Updated { token, is_said: record.differs("said") });
            }
            return record.differs("said").then_some(Self::Said(token));
        }
        // Who begins to poll is there for others.
        let first_polled =
            || record.part("OldImage", "polls").is_none() && record.part("NewImage", "polls").is_some();
        let is_other = || record.differs("session_id") || record.differs("socket") || first_polled();
        (sk.starts_with("PRESENCE#") && is_other()).then_some(Self::Moved(token))
    }

    /// What happened to somebody's row in a room.
    fn of_row(record: &Record<'_>, token: Token, user: UserId) -> Option<Self> {
        if record.is_new() || record.is_removed() {
            let image = if record.is_new() { "NewImage" } else { "OldImage" };
            let follower = ParticipantType::SelfJoined.number().to_string();
            if record.text(image, "participant_type/N") == Some(&follower) {
                return Some(Self::Moved(token));
            }
            return Some(match record.is_new() {
                true => Self::Invited(token, user),
                false => Self::Disinvited(token, user),
            });
        }
        if record.differs("left_at") {
            return Some(match record.part("NewImage", "left_at") {
                None => Self::Invited(token, user),
                Some(_) => Self::Disinvited(token, user),
            });
        }
        record.differs("participant_type").then_some(Self::Moved(token))
    }

    /// What happened under a user's key.
    fn of_user(record: &Record<'_>, user: &str, sk: &str) -> Option<Self> {
        match sk {
            // Of a call that ended, the presence tells.
            "CALL" if !record.is_removed() => {
                record.text("NewImage", "token/S").and_then(Token::parse).map(Self::Moved)
            }
            "ACCOUNT" if !record.is_new() => {
                let is_out = record.is_removed()
                    || record.part("NewImage", "is_enabled/BOOL") == Some(&Value::Bool(false))
                    || record.part("NewImage", "removed_since").is_some()
                    || record.differs("logins_ended");
                is_out.then(|| UserId::parse(user).map(Self::LoggedOut))?
            }
            _ => None,
        }
    }
}

/// A record, as the stream has it.
struct Record<'a>(&'a Value);

impl<'a> Record<'a> {
    fn part(&self, image: &str, name: &str) -> Option<&'a Value> {
        self.0.pointer(&format!("/dynamodb/{image}/{name}"))
    }

    fn text(&self, image: &str, name: &str) -> Option<&'a str> {
        self.part(image, name)?.as_str()
    }

    fn differs(&self, name: &str) -> bool {
        self.part("OldImage", name) != self.part("NewImage", name)
    }

    fn is_new(&self) -> bool {
        self.0.get("eventName").is_some_and(|name| name == "INSERT")
    }

    fn is_removed(&self) -> bool {
        self.0.get("eventName").is_some_and(|name| name == "REMOVE")
    }
}
