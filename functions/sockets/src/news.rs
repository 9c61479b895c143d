//! Tells people with sockets what the table's stream brings: all that was committed, whichever function did it, and
//! also when that one died right after it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::domain::chat::MessageId;
use shared::domain::room::Token;
use shared::domain::socket::ConnectionId;
use shared::herald::{frame, properties};
use shared::table::Error;

use crate::change::Change;
use crate::work::{SIDE_BY_SIDE, Work};
use crate::{courier, hall, session};

/// The most rooms that are told side by side.
const ROOMS_SIDE_BY_SIDE: usize = 8;

/// Tells of changes, those of each room together.
///
/// # Errors
/// When the table fails; the stream brings them again then. What was told already is told again, which clients bear.
pub(crate) async fn tell(work: &Work<'_>, changes: Vec<Change>) -> Result<(), Error> {
    // What happened twice is told once.
    let changes: BTreeSet<Change> = changes.into_iter().collect();
    let mut rooms: BTreeMap<Token, OfRoom> = BTreeMap::new();
    for change in changes {
        match change {
            Change::Moved(token) => rooms.entry(token).or_default().is_moved = true,
            Change::Said(token) => rooms.entry(token).or_default().is_said = true,
            Change::Removed(token) => rooms.entry(token).or_default().is_removed = true,
            Change::Invited(token, user) => rooms.entry(token).or_default().invited.push(user),
            Change::Disinvited(token, user) => rooms.entry(token).or_default().disinvited.push(user),
            Change::Updated { token, is_said } => {
                let room = rooms.entry(token).or_default();
                room.is_updated = true;
                room.is_said |= is_said;
            }
            Change::LoggedOut(user) => log_out(work, user).await?,
            Change::Waiting(public) => courier::empty_inbox(work, &public).await?,
        }
    }
    let told = stream::iter(rooms).map(|(token, news)| async move { of_room(work, &token, &news).await });
    told.buffer_unordered(ROOMS_SIDE_BY_SIDE).try_collect::<Vec<()>>().await.map(|_| ())
}

/// What happened to one room.
#[derive(Default)]
struct OfRoom {
    invited: Vec<UserId>,
    disinvited: Vec<UserId>,
    is_moved: bool,
    is_said: bool,
    is_updated: bool,
    is_removed: bool,
}

impl OfRoom {
    /// Whether it concerns more than what was said.
    const fn concerns_people(&self) -> bool {
        self.is_moved
            || self.is_updated
            || self.is_removed
            || !self.invited.is_empty()
            || !self.disinvited.is_empty()
    }
}

/// First the lists of rooms, then who is in the room: somebody who was taken out learns why before the socket is closed.
async fn of_room(work: &Work<'_>, token: &Token, news: &OfRoom) -> Result<(), Error> {
    if news.is_said {
        let hall = work.table.hall(token).await?;
        write_to(work, hall.into_iter().map(|member| member.connection).collect(), &frame::said(token)).await;
    }
    if !news.invited.is_empty() || !news.disinvited.is_empty() || news.is_updated {
        lists(work, token, news).await?;
    }
    if news.concerns_people() {
        hall::tell(work, token, &news.disinvited).await?;
    }
    if news.is_removed {
        // Nobody can read what was said in it, and it is nobody's business to keep it.
        work.table.erase_messages(token, MessageId(u64::MAX)).await?;
    }
    Ok(())
}

/// Tells those who see the room in a list, and of a new name those who are in it.
async fn lists(work: &Work<'_>, token: &Token, news: &OfRoom) -> Result<(), Error> {
    let partition = work.table.stored_partition(token).await?;
    let room = partition.occupancy(work.now());
    let reason = if room.is_some() { "disinvited" } else { "deleted" };
    let gone = frame::event("roomlist", "disinvite", &json!({"roomid": token, "reason": reason}));
    // Somebody who came back meanwhile was not taken out.
    let is_in = |user: &UserId| room.as_ref().is_some_and(|room| room.occupant(user).is_some());
    let out: Vec<UserId> = news.disinvited.iter().filter(|user| !is_in(user)).cloned().collect();
    write_to_users(work, &out, &gone).await?;
    let Some(room) = room else { return Ok(()) };
    let about = json!({"roomid": token, "properties": properties(&room.room)});
    let (new, others): (Vec<UserId>, Vec<UserId>) =
        room.users.iter().map(|occupant| occupant.user.clone()).partition(|user| news.invited.contains(user));
    write_to_users(work, &new, &frame::event("roomlist", "invite", &about)).await?;
    write_to_users(work, &others, &frame::event("roomlist", "update", &about)).await?;
    if news.is_updated {
        let hall = work.table.hall(token).await?;
        write_to(work, hall.into_iter().map(|member| member.connection).collect(), &frame::room(&room.room))
            .await;
    }
    Ok(())
}

async fn write_to_users(work: &Work<'_>, users: &[UserId], frame: &Value) -> Result<(), Error> {
    let sockets = work.table.sockets_of(users).await?;
    write_to(work, sockets.into_iter().map(|(_, connection)| connection).collect(), frame).await;
    Ok(())
}

async fn write_to(work: &Work<'_>, connections: Vec<ConnectionId>, frame: &Value) {
    let text = frame.to_string();
    let written = stream::iter(connections).map(|connection| {
        let text = text.clone();
        async move { work.post_text(&connection, &text).await }
    });
    written.buffer_unordered(SIDE_BY_SIDE).collect::<Vec<_>>().await;
}

/// Somebody whose logins have ended has no sockets any more.
pub(crate) async fn log_out(work: &Work<'_>, user: UserId) -> Result<(), Error> {
    for (public, _) in work.table.sockets_of(&[user]).await? {
        if let Some(session) = work.table.signaling_session(&public).await? {
            session::throw_out(work, &session).await?;
        }
    }
    Ok(())
}
