//! How a session enters a room and leaves it, and what it is told on its arrival.

use futures_util::future::try_join;
use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::domain::occupancy::Occupancy;
use shared::domain::room::Token;
use shared::herald::frame;
use shared::table::{Connected, Error, MAX_SOCKETS_IN_ROOM, Member, SignalingSession};

use crate::protocol::{Reply, Request};
use crate::work::Work;

/// The most bytes of a list in one frame: longer ones go in parts. The gateway counts in units of 32 KB.
const MAX_LIST_BYTES: usize = 30 * 1024;

/// Enters the room that is named, or leaves the one in which the session is when none is.
pub(crate) async fn room(work: &Work<'_>, connected: &Connected, request: &Request) -> Result<Reply, Error> {
    let Some(body) = &request.body else { return Ok(Reply::malformed("room is missing.")) };
    let text = |name| body.get(name).and_then(Value::as_str);
    let Some(name) = text("roomid") else { return Ok(Reply::malformed("room.roomid is missing.")) };
    let Some(session) = work.table.signaling_session(&connected.public).await? else {
        return Ok(Reply::Nothing);
    };
    if name.is_empty() {
        leave(work, session).await?;
        return Ok(Reply::Answer(frame::no_room()));
    }
    match Token::parse(name) {
        Some(token) => enter(work, session, request, &token, text("sessionid").unwrap_or_default()).await,
        None => Ok(no_such_room()),
    }
}

fn no_such_room() -> Reply {
    Reply::Refusal("no_such_room", "The user is not invited to this room.".to_owned())
}

async fn leave(work: &Work<'_>, session: SignalingSession) -> Result<SignalingSession, Error> {
    let (session, news) = work.table.leave_hall(&session).await?;
    work.tell(&news).await;
    Ok(session)
}

async fn enter(
    work: &Work<'_>,
    session: SignalingSession,
    request: &Request,
    token: &Token,
    named: &str,
) -> Result<Reply, Error> {
    let (partition, hall) = try_join(work.table.stored_partition(token), work.table.hall(token)).await?;
    let user = session.user.as_ref().map_or("", UserId::as_str);
    let Some(visitor) = partition.visitor(user, named, work.now()) else { return Ok(no_such_room()) };
    let is_in = hall.iter().any(|member| member.public == session.public);
    if !is_in && hall.len() >= MAX_SOCKETS_IN_ROOM {
        let sentence = format!("The room has {MAX_SOCKETS_IN_ROOM} sessions, which is the most it takes.");
        return Ok(Reply::Refusal("room_join_failed", sentence));
    }
    let answer = frame::room(visitor.room());
    let place = session.place.as_ref();
    if place.is_some_and(|place| place.token == *token && place.session.as_ref() == visitor.session()) {
        return Ok(Reply::Answer(answer));
    }
    let session = match place {
        Some(place) if place.token != *token => leave(work, session).await?,
        _ => session,
    };
    let entrance = work.table.entrance(&session, &partition, visitor).await?;
    let (session, news) = work.table.enter_hall(&session, &entrance, work.now()).await?;
    work.tell(&news).await;
    if let Some(ousted) = &entrance.ousted {
        let bye = json!({"type": "bye", "bye": {"reason": "room_session_reconnected"}});
        work.post(&ousted.connection, &bye).await;
        work.close(&ousted.connection).await;
    }
    work.post(&session.connection, &request.answered(answer)).await;
    let occupancy = work.table.stored_partition(token).await?.occupancy(work.now());
    describe(work, &session, occupancy.as_ref()).await?;
    Ok(Reply::Nothing)
}

/// Tells a session how things are: who is in the room, all of them, and who is in the call.
pub(crate) async fn describe(
    work: &Work<'_>,
    session: &SignalingSession,
    occupancy: Option<&Occupancy>,
) -> Result<(), Error> {
    let Some(occupancy) = occupancy else { return Ok(()) };
    let token = &occupancy.room.token;
    let hall = work.table.hall(token).await?;
    for list in in_parts(hall.iter().map(joined).collect()) {
        work.post(&session.connection, &frame::event("room", "join", &Value::Array(list))).await;
    }
    for list in in_parts(frame::present(occupancy)) {
        work.post(&session.connection, &frame::participants(token, &list)).await;
    }
    Ok(())
}

/// Somebody in the room, as the others see it.
pub(crate) fn joined(member: &Member) -> Value {
    let mut entry = json!({
        "sessionid": member.public.as_str(),
        "userid": member.user.as_ref().map_or("", UserId::as_str),
    });
    if let (Some(_), Some(fields)) = (&member.user, entry.as_object_mut()) {
        fields.insert("user".to_owned(), json!({"displayname": member.display_name}));
    }
    entry
}

/// A list in parts that each fit a frame; an empty one is one part.
pub(crate) fn in_parts(list: Vec<Value>) -> Vec<Vec<Value>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0_usize;
    for entry in list {
        let length = entry.to_string().len();
        if bytes.saturating_add(length) > MAX_LIST_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        if let Some(part) = parts.last_mut() {
            part.push(entry);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_for_a_frame_goes_in_several() {
        assert_eq!(in_parts(Vec::new()).len(), 1);
        let list: Vec<Value> =
            (0..900).map(|number| json!({"sessionid": format!("{number:0100}")})).collect();
        let parts = in_parts(list.clone());
        assert!(parts.len() > 1);
        for part in &parts {
            assert!(Value::Array(part.clone()).to_string().len() < 32 * 1024);
        }
        assert_eq!(parts.concat(), list);
    }
}
