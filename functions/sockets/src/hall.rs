//! What the sockets in a room are told when people come and go.
//!
//! What is told is the difference between what was told and what is, so that nothing is told twice or forgotten,
//! however often it is asked for; and those who may not be in the room any more are shown out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{try_join, try_join3};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use shared::aws::{Posted, Repeat};
use shared::domain::account::UserId;
use shared::domain::occupancy::{Occupancy, Peer};
use shared::domain::room::Token;
use shared::domain::socket::PublicId;
use shared::herald::frame;
use shared::table::{Error, Member, Place, Roster, Told, ToldPeer};

use crate::lists::{in_parts, joined};
use crate::session;
use crate::work::{SIDE_BY_SIDE, Work};

/// How often one who waits for another's turn looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells the sockets in a room what they were not told yet; `disinvited` know already that they do not belong to it. When
/// another one is telling, waits until that one has told this as well.
///
/// # Errors
/// When the table fails; it has to be tried again then.
pub(crate) async fn tell(work: &Work<'_>, token: &Token, disinvited: &[UserId]) -> Result<(), Error> {
    if work.table.hall(token).await?.is_empty() {
        return Ok(());
    }
    while let Some(wanted) = tell_in_turn(work, token, disinvited).await? {
        let is_told = loop {
            match work.table.is_told(token, wanted, work.milliseconds()).await? {
                Some(is_told) => break is_told,
                None => tokio::time::sleep(PAUSE).await,
            }
        };
        if is_told {
            return Ok(());
        }
    }
    Ok(())
}

/// The same for one who has a client waiting: when another one is telling, that one goes on with this.
///
/// # Errors
/// When the table fails; the stream tries again.
pub(crate) async fn tell_if_nobody_does(work: &Work<'_>, token: &Token) -> Result<(), Error> {
    tell_in_turn(work, token, &[]).await.map(|_| ())
}

/// Tells what is to be told, if it is this one's turn; otherwise, up to what the other one has to tell.
async fn tell_in_turn(work: &Work<'_>, token: &Token, disinvited: &[UserId]) -> Result<Option<u64>, Error> {
    let owner = work.random().nonce();
    let (turn, mut told) = match work.table.take_turn(token, &owner, work.milliseconds()).await? {
        Roster::Mine(turn, told) => (turn, told),
        Roster::Others(wanted) => return Ok(Some(wanted)),
    };
    let mut turn = Some(turn);
    while let Some(mine) = turn {
        told = tell_the_difference(work, token, told, disinvited).await?;
        turn = match work.table.end_turn(mine, &told, work.milliseconds()).await {
            // It took too long, and another one has taken over.
            Err(error) if error.is_contested() => None,
            outcome => outcome?,
        };
    }
    Ok(None)
}

/// Tells the sockets in a room what was left untold: by somebody who died while telling, or because the stream gave up.
/// Mostly that is nothing, and costs three reads.
///
/// # Errors
/// When the table fails; the next tick tries again.
pub(crate) async fn catch_up(work: &Work<'_>, token: &Token) -> Result<(), Error> {
    let (partition, hall, told) =
        try_join3(work.table.stored_partition(token), work.table.hall(token), work.table.told(token)).await?;
    let is_told = partition.occupancy(work.now()).zip(told).is_some_and(|(room, told)| {
        let is_in = |member: &Member| {
            may_stay(&room, member) && told.members.get(&member.public) == Some(&member.epoch)
        };
        hall.iter().all(is_in) && told.members.len() == hall.len() && told.peers == peers(&room)
    });
    if is_told { Ok(()) } else { tell(work, token, &[]).await }
}

/// Those in the call whom messages reach.
fn peers(room: &Occupancy) -> BTreeSet<ToldPeer> {
    let told = |peer: Peer<'_>| ToldPeer::new(peer.address.as_str(), peer.user, peer.participant_type);
    room.reachable_peers().map(told).collect()
}

/// What is, after those who may not be there were shown out.
struct Snapshot {
    members: Vec<Member>,
    peers: BTreeSet<ToldPeer>,
    /// Everybody in the call, as clients are told.
    users: Vec<Value>,
}

/// What each of those in the room is told, as text: they are many.
struct Frames {
    /// For those who were told before.
    difference: Vec<String>,
    /// For those who came: everybody.
    everything: Vec<String>,
    /// For those who came back and may remember others: both.
    again: Vec<String>,
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
            Snapshot { members, peers: peers(&room), users: frame::present(&room) }
        }
        None => {
            dissolve(work, hall).await?;
            Snapshot { members: Vec::new(), peers: BTreeSet::new(), users: Vec::new() }
        }
    };
    let frames = Arc::new(frames(token, &present, &told));
    let write = |member: Member| {
        let (frames, known) = (Arc::clone(&frames), told.members.get(&member.public).copied());
        async move {
            let frames = match known {
                Some(epoch) if epoch == member.epoch => &frames.difference,
                Some(_) => &frames.again,
                None => &frames.everything,
            };
            (work.post_in_order(&member.connection, frames, Repeat::Harmless).await.1, member)
        }
    };
    let written: Vec<(Posted, Member)> =
        stream::iter(present.members).map(write).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let mut members = BTreeMap::new();
    for (posted, member) in written {
        match posted {
            Posted::Taken | Posted::Unfit => _ = members.insert(member.public, member.epoch),
            Posted::Gone => {
                work.table.cut(&member.connection, work.now()).await?;
                // When it comes back it is told everything.
                members.insert(member.public, member.epoch);
            }
            // What it missed it is told with everything else the next time.
            Posted::Refused(_) | Posted::Unknown => {}
        }
    }
    Ok(Told { members, peers: present.peers })
}

fn frames(token: &Token, present: &Snapshot, told: &Told) -> Frames {
    let now: BTreeSet<&PublicId> = present.members.iter().map(|member| &member.public).collect();
    let come = present.members.iter().filter(|member| !told.members.contains_key(&member.public));
    let gone = told.members.keys().filter(|public| !now.contains(public));
    let come: Vec<Value> = come.map(joined).collect();
    let gone: Vec<Value> = gone.map(|public| json!(public.as_str())).collect();
    let list = |kind: &str, list: Vec<Value>| {
        let parts = in_parts(list).into_iter().filter(|part| !part.is_empty());
        parts.map(|part| frame::event("room", kind, &Value::Array(part)).to_string()).collect::<Vec<_>>()
    };
    let update = |users: Vec<Value>| {
        in_parts(users)
            .into_iter()
            .map(|part| frame::participants(token, &part).to_string())
            .collect::<Vec<_>>()
    };
    let gone = list("leave", gone);
    let everybody = list("join", present.members.iter().map(joined).collect());
    let difference_in_call = match told.peers == present.peers {
        true => Vec::new(),
        false => update(with_the_absent(present, told)),
    };
    let difference = [list("join", come), gone.clone(), difference_in_call].concat();
    let everything = [everybody.clone(), update(present.users.clone())].concat();
    let again = [everybody, gone, update(with_the_absent(present, told))].concat();
    Frames { difference, everything, again }
}

/// Everybody in the call, and those who were in it and are not any more.
fn with_the_absent(present: &Snapshot, told: &Told) -> Vec<Value> {
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
    let frame = frame::event("roomlist", "disinvite", &disinvite).to_string();
    let out = stream::iter(members).map(|member| {
        let knows = member.user.as_ref().is_some_and(|user| disinvited.contains(user));
        let frame = frame.clone();
        async move {
            let Some(session) = work.table.signaling_session(&member.public).await? else { return Ok(()) };
            // It may have left by itself since the list was read.
            let is_here = |place: &Place| place.token == *token && place.session == member.session;
            if !session.place.as_ref().is_some_and(is_here) {
                return Ok(());
            }
            if !knows {
                work.post_text(&session.connection, &frame).await;
            }
            session::throw_out(work, &session).await
        }
    });
    out.buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<()>>().await.map(|_| ())
}

/// Those who were in a room that is gone are in none.
async fn dissolve(work: &Work<'_>, members: Vec<Member>) -> Result<(), Error> {
    let out = stream::iter(members).map(|member| async move {
        let Some(session) = work.table.signaling_session(&member.public).await? else { return Ok(()) };
        match work.table.leave_hall(&session).await {
            Ok((_, news)) => work.tell(&news).await,
            // It leaves by itself at this moment.
            Err(error) if error.is_contested() => {}
            Err(error) => return Err(error),
        }
        work.post(&session.connection, &frame::no_room()).await;
        Ok(())
    });
    out.buffer_unordered(SIDE_BY_SIDE).try_collect::<Vec<()>>().await.map(|_| ())
}
