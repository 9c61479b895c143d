//! One record of the table's stream, as far as people with sockets have to learn of it.

use serde_json::Value;
use shared::domain::account::UserId;
use shared::domain::room::{ParticipantType, Token};
use shared::domain::socket::PublicId;

/// What was committed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Somebody came into the call or the room, went, or has other rights.
    Moved(String),
    /// Somebody belongs to the room now.
    Invited(String, String),
    /// Somebody does not belong to the room any more.
    Disinvited(String, String),
    /// The room has another name or type.
    Updated(String),
    /// All logins of somebody have ended, or the account cannot be used any more.
    LoggedOut(String),
    /// A message waits for a session.
    Waiting(String),
}

impl Change {
    /// Reads a record; `None` when nobody with a socket has to learn of it.
    pub(crate) fn read(record: &Value) -> Option<Self> {
        let text = |path: &str| record.pointer(path).and_then(Value::as_str);
        let part = |image: &str, name: &str| record.pointer(&format!("/dynamodb/{image}/{name}"));
        let differs = |name: &str| part("OldImage", name) != part("NewImage", name);
        let (pk, sk) = (text("/dynamodb/Keys/pk/S")?, text("/dynamodb/Keys/sk/S")?);
        // Who begins to poll is there for others.
        let first_polled = || part("OldImage", "polls").is_none() && part("NewImage", "polls").is_some();
        let is_removed = text("/eventName") == Some("REMOVE");
        let is_new = text("/eventName") == Some("INSERT");
        if let Some(token) = pk.strip_prefix("HALL#") {
            return sk.starts_with("SESSION#").then(|| Self::Moved(token.to_owned()));
        }
        if let Some(token) = pk.strip_prefix("ROOM#") {
            let user = sk.strip_prefix("USER#");
            return match user {
                Some(user) if is_new || is_removed => {
                    let image = if is_new { "NewImage" } else { "OldImage" };
                    let follower = ParticipantType::SelfJoined.number().to_string();
                    let is_follower =
                        part(image, "participant_type/N").and_then(Value::as_str) == Some(&follower);
                    Some(match (is_follower, is_new) {
                        (true, _) => Self::Moved(token.to_owned()),
                        (false, true) => Self::Invited(token.to_owned(), user.to_owned()),
                        (false, false) => Self::Disinvited(token.to_owned(), user.to_owned()),
                    })
                }
                Some(_) => differs("participant_type").then(|| Self::Moved(token.to_owned())),
                None if sk == "ROOM" && !is_new => {
                    if is_removed || differs("hidden_since") {
                        Some(Self::Moved(token.to_owned()))
                    } else {
                        let is_other = differs("name") || differs("room_type");
                        is_other.then(|| Self::Updated(token.to_owned()))
                    }
                }
                None if sk.starts_with("PRESENCE#") => {
                    let is_other = differs("session_id") || differs("socket") || first_polled();
                    is_other.then(|| Self::Moved(token.to_owned()))
                }
                None => None,
            };
        }
        if let Some(user) = pk.strip_prefix("USER#") {
            return match sk {
                // Of a call that ended, the presence tells.
                "CALL" if !is_removed => {
                    text("/dynamodb/NewImage/token/S").map(|token| Self::Moved(token.to_owned()))
                }
                "ACCOUNT" if !is_new => {
                    let is_out = is_removed
                        || part("NewImage", "is_enabled/BOOL") == Some(&Value::Bool(false))
                        || part("NewImage", "removed_since").is_some()
                        || differs("logins_ended");
                    is_out.then(|| Self::LoggedOut(user.to_owned()))
                }
                _ => None,
            };
        }
        pk.strip_prefix("QUEUE#")?;
        (!is_removed).then_some(())?;
        text("/dynamodb/NewImage/socket/S").map(|public| Self::Waiting(public.to_owned()))
    }

    pub(crate) fn token(&self) -> Option<Token> {
        match self {
            Self::Moved(token)
            | Self::Invited(token, _)
            | Self::Disinvited(token, _)
            | Self::Updated(token) => Token::parse(token),
            Self::LoggedOut(_) | Self::Waiting(_) => None,
        }
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Invited(_, user) | Self::Disinvited(_, user) | Self::LoggedOut(user) => UserId::parse(user),
            Self::Moved(_) | Self::Updated(_) | Self::Waiting(_) => None,
        }
    }

    pub(crate) fn session(&self) -> Option<PublicId> {
        match self {
            Self::Waiting(public) => PublicId::parse(public),
            _ => None,
        }
    }
}
