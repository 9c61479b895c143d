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
    /// The room has another name or type.
    Updated(Token),
    /// All logins of somebody have ended, or the account cannot be used any more.
    LoggedOut(UserId),
    /// A message waits for a session.
    Waiting(PublicId),
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
            return sk.starts_with("SESSION#").then(|| Token::parse(token).map(Self::Moved))?;
        }
        if let Some(token) = pk.strip_prefix("ROOM#") {
            let token = Token::parse(token)?;
            return match sk.strip_prefix("USER#") {
                Some(user) if is_new || is_removed => {
                    let image = if is_new { "NewImage" } else { "OldImage" };
                    let follower = ParticipantType::SelfJoined.number().to_string();
                    let is_follower =
                        part(image, "participant_type/N").and_then(Value::as_str) == Some(&follower);
                    Some(match (is_follower, is_new) {
                        (true, _) => Self::Moved(token),
                        (false, true) => Self::Invited(token, UserId::parse(user)?),
                        (false, false) => Self::Disinvited(token, UserId::parse(user)?),
                    })
                }
                Some(_) => differs("participant_type").then_some(Self::Moved(token)),
                None if sk == "ROOM" && !is_new => {
                    if is_removed || differs("hidden_since") {
                        Some(Self::Moved(token))
                    } else {
                        let is_other = differs("name") || differs("room_type");
                        is_other.then_some(Self::Updated(token))
                    }
                }
                None if sk.starts_with("PRESENCE#") => {
                    let is_other = differs("session_id") || differs("socket") || first_polled();
                    is_other.then_some(Self::Moved(token))
                }
                None => None,
            };
        }
        if let Some(user) = pk.strip_prefix("USER#") {
            return match sk {
                // Of a call that ended, the presence tells.
                "CALL" if !is_removed => {
                    text("/dynamodb/NewImage/token/S").and_then(Token::parse).map(Self::Moved)
                }
                "ACCOUNT" if !is_new => {
                    let is_out = is_removed
                        || part("NewImage", "is_enabled/BOOL") == Some(&Value::Bool(false))
                        || part("NewImage", "removed_since").is_some()
                        || differs("logins_ended");
                    is_out.then(|| UserId::parse(user).map(Self::LoggedOut))?
                }
                _ => None,
            };
        }
        // One that is removed has no new image.
        pk.strip_prefix("QUEUE#")?;
        text("/dynamodb/NewImage/socket/S").and_then(PublicId::parse).map(Self::Waiting)
    }
}
