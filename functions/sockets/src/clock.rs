//! What has to happen to sockets by themselves, every four minutes.
//!
//! The gateway cuts what is silent for ten minutes or open for two hours, and today's web client stays deaf after such
//! a cut; so it must never come to that.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use shared::aws::Posted;
use shared::domain::account::UserId;
use shared::domain::room::Token;
use shared::herald::frame;
use shared::table::{CONNECTED_SECONDS, Connected, Error};

use crate::work::{SIDE_BY_SIDE, Work};
use crate::{hall, news, session};

/// How old a socket is whose client is asked to open another one, in seconds.
const OLD_SECONDS: i64 = 105 * 60;
/// How old a socket is that is closed, in seconds: one tick later.
const TOO_OLD_SECONDS: i64 = 109 * 60;
/// The most rooms that are looked at side by side.
const ROOMS_SIDE_BY_SIDE: usize = 8;
/// How long a guest may be in no room, in seconds.
const HOMELESS_SECONDS: i64 = 60;

/// Goes through all sockets; `false` when there are none.
///
/// # Errors
/// When the table fails; the next tick goes on.
pub(crate) async fn tick(work: &Work<'_>) -> Result<bool, Error> {
    let sockets = work.table.sockets().await?;
    let is_empty = sockets.is_empty();
    let tokens: BTreeSet<Token> =
        sockets.iter().filter_map(|socket| Some(socket.place.as_ref()?.token.clone())).collect();
    let users: BTreeSet<UserId> = sockets.iter().filter_map(|socket| socket.user.clone()).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let mut outcomes = Vec::new();
    // Mostly the stream did it at once.
    for user in work.table.locked_out(&users).await? {
        outcomes.push(news::log_out(work, user).await);
    }
    let kept = stream::iter(sockets).map(|socket| async move { keep(work, &socket).await });
    outcomes.extend(kept.buffer_unordered(SIDE_BY_SIDE).collect::<Vec<_>>().await);
    let told = stream::iter(tokens).map(|token| async move { hall::catch_up(work, &token).await });
    outcomes.extend(told.buffer_unordered(ROOMS_SIDE_BY_SIDE).collect::<Vec<_>>().await);
    // One that fails is no reason to forget the others.
    outcomes.into_iter().collect::<Result<(), Error>>()?;
    Ok(!is_empty)
}

/// Keeps one socket open, or takes care of one that is not.
async fn keep(work: &Work<'_>, socket: &Connected) -> Result<(), Error> {
    let now = work.now();
    let age = now.0.saturating_sub(socket.since.0);
    let Some(session) = work.table.signaling_session(&socket.public).await? else {
        work.close(&socket.connection).await;
        return Ok(());
    };
    let is_carrier = session.connection == socket.connection;
    if is_carrier && socket.user.is_none() && socket.place.is_none() && age > HOMELESS_SECONDS {
        work.post(&socket.connection, &frame::bye("room_join_timeout")).await;
        return session::throw_out(work, &session).await;
    }
    if is_carrier && session.gone_at.is_some() {
        // It was to be closed and is open, or nobody waited for it to come back.
        work.close(&socket.connection).await;
        return if session.is_alive(now) { Ok(()) } else { session::end(work, &session).await };
    }
    if age >= TOO_OLD_SECONDS {
        // The client opens another one and resumes.
        work.close(&socket.connection).await;
        return Ok(());
    }
    let frame = if age >= OLD_SECONDS {
        // Android opens another one and resumes; others pass it over.
        frame::error("hello_expected", "This socket will be closed soon. Resume over another one.")
    } else {
        // No client does anything about an empty list.
        frame::event("room", "join", &json!([]))
    };
    match work.post(&socket.connection, &frame).await {
        Posted::Taken => {
            let (user, place) = (socket.user.as_ref(), socket.place.as_ref());
            work.table.hold(&socket.public, user, place, CONNECTED_SECONDS, now).await
        }
        // The next tick ends it, unless its client comes back.
        Posted::Gone => work.table.cut(&socket.connection, now).await.map(|_| ()),
        Posted::Refused(_) | Posted::Unknown | Posted::Unfit => Ok(()),
    }
}
