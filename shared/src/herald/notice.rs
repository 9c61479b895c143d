//! What the external signaling server is told, so that its clients learn of it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::account::UserId;
use crate::domain::news::Event;
use crate::domain::occupancy::{Occupancy, Peer};
use crate::domain::room::{ParticipantType, Room, SessionId};

/// Somebody in a call has all three: is in it, with sound and picture (`docs/api.md#receiving`).
const IN_CALL: u8 = 7;
/// The server takes bodies of 64 KiB (0.4.1; later ones of 256), so longer lists go in parts. A part has room for
/// this many user ids of 64 characters in each of two lists, and for this many session ids of 512.
const USERS_IN_A_PART: usize = 200;
const SESSIONS_IN_A_PART: usize = 60;

/// Whether the room has to be read before this can be told.
pub(super) const fn needs_room(event: &Event) -> bool {
    !matches!(event, Event::Deleted(_) | Event::Said)
}

/// What is posted; `room` is the room as it is after the change.
pub(super) fn bodies(event: &Event, room: Option<&Occupancy>) -> Vec<Value> {
    match (event, room) {
        (Event::Deleted(users), _) if users.is_empty() => {
            vec![json!({"type": "delete", "delete": {"userids": []}})]
        }
        (Event::Deleted(users), _) => parts(users, &[], &[])
            .map(|part| json!({"type": "delete", "delete": {"userids": part.users}}))
            .collect(),
        (Event::Said, _) => vec![json!({"type": "message", "message": {"data": said()}})],
        (_, None) => Vec::new(),
        (Event::Invited(users), Some(room)) => parts(users, &[], &all(room))
            .map(|part| {
                json!({"type": "invite", "invite": {
                "userids": part.users, "alluserids": part.all, "properties": properties(&room.room)}})
            })
            .collect(),
        (Event::Disinvited { users, sessions }, Some(room)) => parts(users, sessions, &all(room))
            .map(|part| {
                json!({"type": "disinvite", "disinvite": {
                "userids": part.users, "sessionids": part.sessions, "alluserids": part.all,
                "properties": properties(&room.room)}})
            })
            .collect(),
        (Event::Updated, Some(room)) => parts(&all(room), &[], &[])
            .map(|part| {
                json!({"type": "update", "update": {
                "userids": part.users, "properties": properties(&room.room)}})
            })
            .collect(),
        (Event::Changed(user), Some(room)) => {
            let changed = room.peers().filter(|peer| peer.user == Some(user)).map(Present::from);
            vec![participants(&json!(changed.collect::<Vec<_>>()), room)]
        }
        (Event::Joined(session), Some(room)) => {
            let joined = room.peers().filter(|peer| peer.session == session).map(Present::from);
            in_call(&json!(joined.collect::<Vec<_>>()), IN_CALL, room)
        }
        (Event::Left(user, session), Some(room)) => {
            let gone = json!({"sessionId": session, "inCall": 0,
                "userId": user.as_ref().map_or("", UserId::as_str)});
            in_call(&json!([gone]), 0, room)
        }
    }
}

/// By what clients know that there is something new to fetch.
#[must_use]
pub(super) fn said() -> Value {
    json!({"type": "chat", "chat": {"refresh": true}})
}

/// What the server hands on to clients of a room.
#[must_use]
pub fn properties(room: &Room) -> Value {
    json!({"name": room.name, "type": room.room_type})
}

fn all(room: &Occupancy) -> Vec<UserId> {
    room.users.iter().map(|occupant| occupant.user.clone()).collect()
}

/// As much of long lists as goes into one body.
struct Part<'a> {
    users: &'a [UserId],
    sessions: &'a [SessionId],
    all: &'a [UserId],
}

fn parts<'a>(
    users: &'a [UserId],
    sessions: &'a [SessionId],
    all: &'a [UserId],
) -> impl Iterator<Item = Part<'a>> {
    let count = [
        users.len().div_ceil(USERS_IN_A_PART),
        sessions.len().div_ceil(SESSIONS_IN_A_PART),
        all.len().div_ceil(USERS_IN_A_PART),
    ];
    (0..count.into_iter().max().unwrap_or_default()).map(move |place| Part {
        users: users.chunks(USERS_IN_A_PART).nth(place).unwrap_or_default(),
        sessions: sessions.chunks(SESSIONS_IN_A_PART).nth(place).unwrap_or_default(),
        all: all.chunks(USERS_IN_A_PART).nth(place).unwrap_or_default(),
    })
}

/// Somebody in the call, as internal and external signaling show the person.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Present<'a> {
    user_id: &'a str,
    session_id: &'a str,
    last_ping: i64,
    in_call: u8,
    participant_type: ParticipantType,
}

impl<'a> From<Peer<'a>> for Present<'a> {
    fn from(peer: Peer<'a>) -> Self {
        Self {
            user_id: peer.user_id(),
            session_id: peer.address.as_str(),
            last_ping: peer.last_ping.0,
            in_call: IN_CALL,
            participant_type: peer.participant_type,
        }
    }
}

fn users(room: &Occupancy) -> Vec<Present<'_>> {
    room.peers().map(Present::from).collect()
}

fn participants(changed: &Value, room: &Occupancy) -> Value {
    json!({"type": "participants", "participants": {"changed": changed, "users": users(room)}})
}

/// The server replaces session ids by its own, and skips those that have not joined it yet.
fn in_call(changed: &Value, flags: u8, room: &Occupancy) -> Vec<Value> {
    let call = json!({"type": "incall", "incall": {
        "incall": flags, "changed": changed, "users": users(room)}});
    vec![call, participants(changed, room)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_one_body_goes_in_several() {
        let users: Vec<UserId> =
            (0..450).filter_map(|number| UserId::parse(&format!("{number:064}"))).collect();
        let bodies = bodies(&Event::Deleted(users.clone()), None);
        assert!(bodies.iter().all(|body| body.to_string().len() < 64 * 1024));
        let told = bodies.iter().filter_map(|body| body.pointer("/delete/userids")?.as_array()).flatten();
        assert_eq!(
            told.cloned().collect::<Vec<_>>(),
            users.iter().map(|user| json!(user)).collect::<Vec<_>>()
        );
        let sessions: Vec<SessionId> =
            (0..130).map(|number| SessionId::from_random(format!("{number:0512}"))).collect();
        let parts: Vec<_> = parts(&users, &sessions, &users).collect();
        assert_eq!(parts.len(), 3);
        for part in &parts {
            let body = json!([part.users, part.sessions, part.all]).to_string();
            assert!(body.len() < 63 * 1024, "{}", body.len());
        }
        assert_eq!(parts.iter().map(|part| part.sessions.len()).sum::<usize>(), 130);
    }
}
