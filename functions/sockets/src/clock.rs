//! What has to happen to sockets by themselves, every four minutes.
//!
//! The gateway cuts what is silent for ten minutes or open for two hours, and today's web client stays deaf after such
//! a cut; so it must never come to that.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use shared::aws::Posted;
use shared::domain::room::Token;
use shared::herald::frame;
use shared::table::{CONNECTED_SECONDS, Connected, Error};

use crate::work::{SIDE_BY_SIDE, Work};
use crate::{hall, session};

/// How old a socket is whose client is asked to open another one, in seconds.
const OLD_SECONDS: i64 = 105 * 60;
/// How old a socket is that is closed, in seconds: one tick later.
const TOO_OLD_SECONDS: i64 = 109 * 60;
/// How long a guest may be in no room, in seconds.
const HOMELESS_SECONDS: i64 = 60;

/// Goes through all sockets; `false` when there are none.
///
/// # Errors
/// When the table fails; the next tick goes on.
pub(crate) async fn tick(work: &Work<'_>) -> Result<bool, Error> {
    let sockets = work.table.sockets().await?;
    let tokens: BTreeSet<Token> =
        sockets.iter().filter_map(|socket| Some(socket.place.as_ref()?.token.clone())).collect();
    let is_empty = sockets.is_empty();
    let kept = stream::iter(sockets).map(|socket| async move { keep(work, &socket).await });
    kept.buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<()>>().await?;
    // What was left untold by somebody who died while telling.
    for token in tokens {
        hall::tell(work, &token, &[]).await?;
    }
    Ok(!is_empty)
}

/// Keeps one socket open, or takes care of one that is not.
async fn keep(work: &Work<'_>, socket: &Connected) -> Result<(), Error> {
    let now = work.now();
    let age = now.0.saturating_sub(socket.since.0);
    if socket.user.is_none() && socket.place.is_none() && age > HOMELESS_SECONDS {
        let bye = json!({"type": "bye", "bye": {"reason": "room_join_timeout"}});
        work.post(&socket.connection, &bye).await;
        return match work.table.signaling_session(&socket.public).await? {
            Some(session) if session.connection == socket.connection => {
                session::throw_out(work, &session).await
            }
            _ => Ok(()),
        };
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
        Posted::Gone => bury(work, socket).await,
        Posted::Refused(_) => Ok(()),
    }
}

/// Takes care of a socket of whose end nobody was told, or whose waiter died.
async fn bury(work: &Work<'_>, socket: &Connected) -> Result<(), Error> {
    if work.table.cut(&socket.connection, work.now()).await?.is_some() {
        return Ok(());
    }
    match work.table.signaling_session(&socket.public).await? {
        Some(session) if !session.is_alive(work.now()) => session::end(work, &session).await,
        _ => Ok(()),
    }
}
