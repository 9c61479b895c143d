//! How a session enters a room and leaves it, and what it is told on its arrival.

use futures_util::future::try_join;
use serde_json::Value;
use shared::domain::account::UserId;
use shared::domain::room::Token;
use shared::herald::frame;
use shared::table::{Connected, Error, MAX_SOCKETS_IN_ROOM, SignalingSession};

use crate::hall;
use crate::protocol::{Reply, Request};
use crate::work::Work;

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
        work.dismiss(&ousted.connection, "room_session_reconnected").await;
    }
    work.post(&session.connection, &request.answered(answer)).await;
    // Everybody in the room, and in the call, as the newcomer has not been told anything yet.
    hall::tell_if_nobody_does(work, token).await?;
    Ok(Reply::Nothing)
}
