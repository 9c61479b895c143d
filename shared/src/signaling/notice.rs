//! What the external signaling server is told, so that its clients learn of it.

use serde_json::{Value, json};

use crate::account::UserId;
use crate::occupancy::{Occupancy, Peer};
use crate::room::{Room, SessionId};

/// Somebody in a call has all three: is in it, with sound and picture (reference "Receive").
pub const IN_CALL: u8 = 7;
/// The server takes bodies of 256 KiB; lists beyond this many sessions of 512 characters stay out.
const MAX_LISTED: usize = 300;

/// A change that clients of the signaling server must learn of.
pub enum Notice {
    /// These people belong to the room now.
    Invited(Vec<UserId>),
    /// These people and sessions do not belong to the room any more.
    Disinvited(Vec<UserId>, Vec<SessionId>),
    /// The room has another name or type.
    Updated,
    /// The room is gone; these people were in it.
    Deleted(Vec<UserId>),
    /// The person has other rights.
    Changed(UserId),
    /// The session entered the call.
    Joined(SessionId),
    /// The session of this person, or of a guest, left the call.
    Left(Option<UserId>, SessionId),
}

impl Notice {
    /// Whether the room has to be read before this can be told.
    pub(crate) const fn needs_room(&self) -> bool {
        !matches!(self, Self::Deleted(_))
    }

    /// What is posted; `room` is the room as it is after the change.
    pub(crate) fn bodies(&self, room: Option<&Occupancy>) -> Vec<Value> {
        match (self, room) {
            (Self::Deleted(users), _) => vec![json!({"type": "delete", "delete": {"userids": users}})],
            (_, None) => Vec::new(),
            (Self::Invited(users), Some(room)) => vec![json!({"type": "invite", "invite": {
                "userids": users, "alluserids": all(room), "properties": properties(&room.room)}})],
            (Self::Disinvited(users, sessions), Some(room)) => {
                vec![json!({"type": "disinvite", "disinvite": {
                    "userids": users, "sessionids": sessions, "alluserids": all(room),
                    "properties": properties(&room.room)}})]
            }
            (Self::Updated, Some(room)) => vec![json!({"type": "update", "update": {
                "userids": all(room), "properties": properties(&room.room)}})],
            (Self::Changed(user), Some(room)) => {
                let changed = room.peers().filter(|peer| peer.user == Some(user)).map(|peer| entry(&peer));
                vec![participants(changed.collect(), room)]
            }
            (Self::Joined(session), Some(room)) => {
                let joined = room.peers().filter(|peer| peer.session == session);
                in_call(joined.map(|peer| entry(&peer)).collect(), IN_CALL, room)
            }
            (Self::Left(user, session), Some(room)) => {
                let gone = json!({"sessionId": session, "nextcloudSessionId": session, "inCall": 0,
                    "userId": user.as_ref().map_or("", UserId::as_str)});
                in_call(vec![gone], 0, room)
            }
        }
    }
}

/// What the server hands on to clients of a room.
#[must_use]
pub fn properties(room: &Room) -> Value {
    json!({"name": room.name, "type": room.room_type})
}

fn all(room: &Occupancy) -> Vec<&UserId> {
    room.users.iter().map(|occupant| &occupant.user).collect()
}

/// Somebody in the call, as internal and external signaling show the person.
fn entry(peer: &Peer<'_>) -> Value {
    json!({
        "userId": peer.user.map_or("", |user| user.as_str()),
        "sessionId": peer.session,
        "nextcloudSessionId": peer.session,
        "lastPing": peer.last_ping.0,
        "inCall": IN_CALL,
        "participantType": peer.participant_type,
    })
}

fn users(room: &Occupancy) -> Vec<Value> {
    room.peers().take(MAX_LISTED).map(|peer| entry(&peer)).collect()
}

fn participants(changed: Vec<Value>, room: &Occupancy) -> Value {
    json!({"type": "participants", "participants": {"changed": changed, "users": users(room)}})
}

/// The server replaces session ids by its own, and skips those that have not joined it yet.
fn in_call(changed: Vec<Value>, flags: u8, room: &Occupancy) -> Vec<Value> {
    let call = json!({"type": "incall", "incall": {
        "incall": flags, "changed": changed.clone(), "users": users(room)}});
    vec![call, participants(changed, room)]
}
