//! What the sockets in a room are told when people come and go.
//!
//! What is told is the difference between what was told and what is, so that nothing is told twice or forgotten,
//! however often it is asked for; and those who may not be in the room any more are shown out.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::try_join;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use shared::aws::Posted;
use shared::domain::account::UserId;
use shared::domain::occupancy::Occupancy;
use shared::domain::room::Token;
use shared::domain::socket::ConnectionId;
use shared::herald::frame;
use shared::table::{Error, Member, Roster, Told, ToldPeer};

use crate::room::{in_parts, joined};
use crate::session;
use crate::work::{SIDE_BY_SIDE, Work};

/// How often one who waits for another's turn looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells the sockets in a room what they were not told yet; `disinvited` know already that they do not belong to it.
///
/// # Errors
/// When the table fails; it has to be tried again then.
pub(crate) async fn tell(work: &Work<'_>, token: &Token, disinvited: &[UserId]) -> Result<(), Error> {
    if work.table.hall(token).await?.is_empty() {
        return Ok(());
    }
    let owner = work.random().nonce();
    loop {
        let wanted = match work.table.take_turn(token, &owner, work.milliseconds()).await? {
            Roster::Mine(turn, mut told) => {
                let mut turn = Some(turn);
                while let Some(mine) = turn {
                    told = tell_the_difference(work, token, told, disinvited).await?;
                    turn = work.table.end_turn(mine, &told, work.milliseconds()).await?;
                }
                return Ok(());
            }
            Roster::Others(wanted) => wanted,
        };
        while work.table.is_told(token, wanted, work.milliseconds()).await?.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
        if work.table.is_told(token, wanted, work.milliseconds()).await? == Some(true) {
            return Ok(());
        }
    }
}

/// What is, after those who may not be there were shown out.
struct Present {
    members: Vec<Member>,
    peers: BTreeSet<ToldPeer>,
    /// Everybody in the call, as clients are told.
    users: Vec<Value>,
}

async fn tell_the_difference(
    work: &Work<'_>,
    token: &Token,
    told: Told,
    disinvited: &[UserId],
) -> Result<Told, Error> {
    let (partition, hall) = try_join(work.table.stored_partition(token), work.table.hall(token)).await?;
    let present = match partition.occupancy(work.now()) {
        Some(room) => {
            let (members, out) = hall.into_iter().partition(|member| may_stay(&room, member));
            show_out(work, token, out, disinvited).await?;
            let peers = room.peers().filter(|peer| peer.is_reachable);
            let peers =
                peers.map(|peer| ToldPeer::new(peer.address.as_str(), peer.user, peer.participant_type));
            Present { members, peers: peers.collect(), users: frame::present(&room) }
        }
        None => {
            dissolve(work, hall).await?;
            Present { members: Vec::new(), peers: BTreeSet::new(), users: Vec::new() }
        }
    };
    let now = Told {
        members: present.members.iter().map(|member| member.public.clone()).collect(),
        peers: present.peers.clone(),
    };
    let come: Vec<&Member> =
        present.members.iter().filter(|member| !told.members.contains(&member.public)).collect();
    let gone: Vec<Value> =
        told.members.difference(&now.members).map(|public| json!(public.as_str())).collect();
    let update = (told.peers != now.peers).then(|| with_the_absent(&present, &told));
    let frames = |member: &Member| {
        let mut frames = Vec::new();
        let others: Vec<Value> =
            come.iter().filter(|it| it.public != member.public).map(|it| joined(it)).collect();
        if !others.is_empty() {
            frames.extend(
                in_parts(others).into_iter().map(|list| frame::event("room", "join", &Value::Array(list))),
            );
        }
        // What came and went before somebody was there does not matter to them.
        if !gone.is_empty() && told.members.contains(&member.public) {
            frames.extend(
                in_parts(gone.clone())
                    .into_iter()
                    .map(|list| frame::event("room", "leave", &Value::Array(list))),
            );
        }
        if let Some(users) = &update {
            frames.extend(in_parts(users.clone()).into_iter().map(|list| frame::participants(token, &list)));
        }
        frames
    };
    write_to_all(
        work,
        present.members.iter().map(|member| (member.connection.clone(), frames(member))).collect(),
    )
    .await?;
    Ok(now)
}

/// Everybody in the call, and those who were in it and are not any more.
fn with_the_absent(present: &Present, told: &Told) -> Vec<Value> {
    let is_here = |absent: &&ToldPeer| !present.peers.iter().any(|peer| peer.address == absent.address);
    let absent = told.peers.iter().filter(is_here);
    let absent = absent.map(|peer| frame::absent(&peer.address, peer.user.as_ref(), peer.participant_type));
    present.users.iter().cloned().chain(absent).collect()
}

/// Users are in a room by their row, guests by their session.
fn may_stay(room: &Occupancy, member: &Member) -> bool {
    match (&member.user, &member.session) {
        (Some(user), _) => room.occupant(user).is_some(),
        (None, Some(session)) => room.guests.iter().any(|guest| guest.session == *session),
        (None, None) => false,
    }
}

/// Those who were taken out of a room, or left it, are told so, and their sockets closed.
async fn show_out(
    work: &Work<'_>,
    token: &Token,
    members: Vec<Member>,
    disinvited: &[UserId],
) -> Result<(), Error> {
    let disinvite = json!({"roomid": token, "reason": "disinvited"});
    let frame = frame::event("roomlist", "disinvite", &disinvite);
    for member in members {
        if member.user.as_ref().is_none_or(|user| !disinvited.contains(user)) {
            work.post(&member.connection, &frame).await;
        }
        if let Some(session) = work.table.signaling_session(&member.public).await? {
            session::throw_out(work, &session).await?;
        }
    }
    Ok(())
}

/// Those who were in a room that is gone are in none.
async fn dissolve(work: &Work<'_>, members: Vec<Member>) -> Result<(), Error> {
    for member in members {
        let Some(session) = work.table.signaling_session(&member.public).await? else { continue };
        match work.table.leave_hall(&session).await {
            Ok((_, news)) => work.tell(&news).await,
            // It leaves by itself at this moment.
            Err(error) if error.is_contested() => {}
            Err(error) => return Err(error),
        }
        work.post(&member.connection, &frame::no_room()).await;
    }
    Ok(())
}

/// Writes to many sockets side by side, to each in order. A slow one delays nobody, and one that is closed is noted.
pub(crate) async fn write_to_all(
    work: &Work<'_>,
    frames: Vec<(ConnectionId, Vec<Value>)>,
) -> Result<(), Error> {
    let written = stream::iter(frames).map(|(connection, frames)| async move {
        for frame in frames {
            if work.post(&connection, &frame).await != Posted::Taken {
                return Some(connection);
            }
        }
        None
    });
    let lost: Vec<Option<ConnectionId>> = written.buffer_unordered(SIDE_BY_SIDE).collect().await;
    for connection in lost.into_iter().flatten() {
        work.table.cut(&connection, work.now()).await?;
    }
    Ok(())
}
