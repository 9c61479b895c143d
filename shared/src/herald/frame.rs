//! What is written to sockets, in the words of the signaling server's protocol.

use serde_json::{Value, json};

use super::notice::{Present, properties};
use crate::domain::account::UserId;
use crate::domain::occupancy::Occupancy;
use crate::domain::room::{Room, Token};

/// A message or a control message of one member of a call to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Message,
    /// What only moderators send.
    Control,
}

impl Kind {
    /// The type on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Control => "control",
        }
    }
}

/// A message, as its recipient gets it. `scope` is to whom it was sent: a session, a user, the room, the call.
#[must_use]
pub fn message(kind: Kind, scope: &str, sender: &str, user: Option<&UserId>, data: &Value) -> Value {
    let mut from = json!({"type": scope, "sessionid": sender});
    if let (Some(user), Some(fields)) = (user, from.as_object_mut()) {
        fields.insert("userid".to_owned(), json!(user));
    }
    json!({"type": kind.name(), kind.name(): {"sender": from, "data": data}})
}

/// An event; the inner key is its type.
#[must_use]
pub fn event(target: &str, kind: &str, content: &Value) -> Value {
    json!({"type": "event", "event": {"target": target, "type": kind, kind: content}})
}

/// That there is something new to fetch from the chat of a room.
#[must_use]
pub fn said(token: &Token) -> Value {
    event("room", "message", &json!({"roomid": token, "data": super::notice::said()}))
}

/// Who is in the call, and who just left it.
#[must_use]
pub fn participants(token: &Token, users: &[Value]) -> Value {
    event("participants", "update", &json!({"roomid": token, "users": users}))
}

/// Everybody in the call whom messages reach. Somebody who just joined, and neither polled nor opened a socket yet, has
/// another address in a moment.
#[must_use]
pub fn present(room: &Occupancy) -> Vec<Value> {
    room.reachable_peers().map(|peer| json!(Present::from(peer))).collect()
}

/// Somebody who left the call.
#[must_use]
pub fn absent(address: &str, user: Option<&UserId>, participant_type: u8) -> Value {
    json!({"sessionId": address, "userId": user.map_or("", UserId::as_str), "inCall": 0, "lastPing": 0,
        "participantType": participant_type})
}

/// The room in which a session is now.
#[must_use]
pub fn room(room: &Room) -> Value {
    json!({"type": "room", "room": {"roomid": room.token, "properties": properties(room)}})
}

/// That a session is in no room any more.
#[must_use]
pub fn no_room() -> Value {
    json!({"type": "room", "room": {"roomid": ""}})
}

/// That the server ends a session or leaves it, and why; without a reason it answers the client's own.
#[must_use]
pub fn bye(reason: &str) -> Value {
    json!({"type": "bye", "bye": {"reason": reason}})
}

/// A refusal.
#[must_use]
pub fn error(code: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"code": code, "message": message}})
}
