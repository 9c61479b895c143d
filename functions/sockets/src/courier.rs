//! How messages reach their recipients: over a socket, by the queue of somebody who polls, or later.

use std::time::Duration;

use futures_util::future::try_join;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use shared::aws::{Posted, Repeat};
use shared::domain::account::UserId;
use shared::domain::address::Address;
use shared::domain::occupancy::Occupancy;
use shared::domain::room::{ParticipantType, SessionId};
use shared::domain::socket::PublicId;
use shared::herald::frame;
use shared::table::{
    BoxTurn, Error, Handing, Message, Outgoing, SessionBox, SignalingSession, TURN_MILLISECONDS,
};

use crate::talk::{Sender, Words};
use crate::work::{SIDE_BY_SIDE, Work};

/// A message is handed on so long after the gateway took it, in milliseconds: what the gateway hands over within 250 of one
/// another has come and is stored by then.
const HOLD_MILLISECONDS: i64 = 300;
/// How often one who waits for another's turn looks.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);
/// The most frames that are handed on in one turn, so that it is over in time.
const FRAMES_IN_A_TURN: usize = 25;
/// What one transaction takes.
const MAX_MESSAGES_AT_ONCE: usize = 100;

/// Waits until all has come that a session said before this moment, and hands it on.
pub(crate) async fn empty_outbox(
    work: &Work<'_>,
    public: &PublicId,
    id: &str,
    milliseconds: i64,
) -> Result<(), Error> {
    work.sleep_until(milliseconds.saturating_add(HOLD_MILLISECONDS)).await;
    let patience = work.milliseconds().saturating_add(2 * TURN_MILLISECONDS);
    let mut pause = PAUSE;
    while work.table.is_outgoing(public, id, milliseconds).await? {
        let until = work.milliseconds().saturating_sub(HOLD_MILLISECONDS).max(milliseconds);
        if hand_on_outgoing(work, public, until).await? || work.milliseconds() > patience {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
        if pause > LONGEST_PAUSE {
            pause = LONGEST_PAUSE;
            // It takes long: is there still anybody who says this?
            if work.table.signaling_session(public).await?.is_none() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Hands on all that a session said, which says nothing more.
pub(crate) async fn empty_outbox_at_once(work: &Work<'_>, public: &PublicId) -> Result<(), Error> {
    hand_on_outgoing(work, public, i64::MAX).await.map(|_| ())
}

/// Hands on what a session said until a moment; `false` when another one is at it, or the session is gone. A message is
/// handed on once, also when that fails: the sender is told.
async fn hand_on_outgoing(work: &Work<'_>, public: &PublicId, until: i64) -> Result<bool, Error> {
    let Some((turn, sender)) = work.table.take_box(public, SessionBox::Out, work.milliseconds()).await?
    else {
        return Ok(false);
    };
    let (messages, handing) = work.table.outgoing(public, until).await?;
    let turn = take_out(work, turn, &handing).await?;
    let delivered = deliver(work, &sender, &messages).await;
    work.table.hand_over(turn, handing).await?;
    delivered.map(|()| true).map_err(not_again)
}

/// What was delivered or is kept must not be said again, so the frame does not start anew.
fn not_again(error: Error) -> Error {
    if error.is_contested() { Error::Overloaded("a message met too many changes".to_owned()) } else { error }
}

/// Hands messages of one sender on, in order for each recipient. The sender learns when somebody's box is full.
async fn deliver(work: &Work<'_>, session: &SignalingSession, messages: &[Outgoing]) -> Result<(), Error> {
    let mut is_all = true;
    for said in messages.chunk_by(|one, next| one.place == next.place) {
        let Some(first) = said.first() else { continue };
        let sender = Sender { public: &session.public, user: session.user.as_ref(), place: &first.place };
        let words: Vec<Words> = said.iter().filter_map(|message| Words::read(&message.text)).collect();
        is_all &= deliver_in_room(work, sender, words).await?;
    }
    if !is_all {
        let sentence = "More messages wait for a recipient than may.";
        work.post(&session.connection, &frame::error("too_many_requests", sentence)).await;
    }
    Ok(())
}

/// The same of what was said in one room; whether everybody's box had room for it.
async fn deliver_in_room(work: &Work<'_>, sender: Sender<'_>, mut words: Vec<Words>) -> Result<bool, Error> {
    let token = &sender.place.token;
    let named: Option<Vec<PublicId>> = words.iter().map(Words::public).collect();
    // Only what is not for sessions that are named makes it necessary to read the room.
    let (room, ids) = match named {
        Some(ids) => (None, ids),
        None => {
            let (partition, hall) =
                try_join(work.table.stored_partition(token), work.table.hall(token)).await?;
            let ids = hall.into_iter().map(|member| member.public).collect();
            (partition.occupancy(work.now()), ids)
        }
    };
    let (rights, sessions) = admitted(work, sender, ids).await?;
    let Some(rights) = rights else { return Ok(true) };
    words.retain(|words| rights.has_moderator_rights() || !words.is_control);
    let mut chains: Vec<(SignalingSession, Vec<String>)> = Vec::new();
    for session in sessions {
        let heard = words.iter().filter(|words| words.are_for(&session, room.as_ref()));
        let frames: Vec<String> = heard.map(|words| words.frame(sender)).collect();
        if !frames.is_empty() {
            chains.push((session, frames));
        }
    }
    let written =
        stream::iter(chains).map(|(session, frames)| async move { to_socket(work, &session, frames).await });
    let all: Vec<bool> = written.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    let is_all = all.into_iter().all(|all| all);
    match &room {
        Some(room) => Ok(to_polls(work, sender, room, &words).await? && is_all),
        None => Ok(is_all),
    }
}

/// What the sender is in the room at this moment, and those of the sessions who are there, too, without the sender.
async fn admitted(
    work: &Work<'_>,
    sender: Sender<'_>,
    mut ids: Vec<PublicId>,
) -> Result<(Option<ParticipantType>, Vec<SignalingSession>), Error> {
    let token = &sender.place.token;
    ids.sort();
    ids.dedup();
    ids.retain(|id| id != sender.public);
    let mut sessions = work.table.signaling_sessions(&ids).await?;
    sessions.retain(|session| session.place.as_ref().is_some_and(|place| place.token == *token));
    let mut people = vec![sender.person()];
    people.extend(sessions.iter().map(person));
    let mut types = work.table.admitted(token, &people, work.now()).await?.into_iter();
    let rights = types.next().flatten();
    let sessions = sessions.into_iter().zip(types).filter(|(_, found)| found.is_some());
    Ok((rights, sessions.map(|(session, _)| session).collect()))
}

/// As whom a session is in its room.
pub(crate) fn person(session: &SignalingSession) -> (Option<&UserId>, Option<&SessionId>) {
    (session.user.as_ref(), session.place.as_ref().and_then(|place| place.session.as_ref()))
}

/// Writes frames to a session, in order. What its socket does not take waits for the next one, if there is room.
pub(crate) async fn to_socket(
    work: &Work<'_>,
    session: &SignalingSession,
    frames: Vec<String>,
) -> Result<bool, Error> {
    let mut left = frames;
    if session.gone_at.is_none() && !session.has_waiting {
        let written = write(work, session, &left).await?;
        left.drain(..written);
    }
    if left.is_empty() {
        return Ok(true);
    }
    let is_all = work.table.keep_for_socket(&session.public, &left, work.now()).await?;
    // Where another one is at it, or nothing can be written now, the stream brings what was kept.
    if let Some((turn, session)) =
        work.table.take_box(&session.public, SessionBox::In, work.milliseconds()).await?
    {
        hand_on(work, turn, &session).await.map_err(not_again)?;
    }
    Ok(is_all)
}

/// Writes frames to a session's socket until it takes no more; how many it took.
async fn write(work: &Work<'_>, session: &SignalingSession, frames: &[String]) -> Result<usize, Error> {
    let (written, posted) = work.post_in_order(&session.connection, frames, Repeat::Harmful).await;
    note_gone(work, session, posted).await?;
    Ok(written)
}

/// Takes messages out of a box with the turn to do so, which ends where that fails.
async fn take_out(work: &Work<'_>, turn: BoxTurn, handing: &Handing) -> Result<BoxTurn, Error> {
    match work.table.take_out_of_box(handing).await {
        Ok(()) => Ok(turn),
        Err(error) => {
            work.table.hand_over(turn, Handing::none()).await?;
            Err(error)
        }
    }
}

/// A socket that is closed, or has to be because something may be missing, waits for the next one.
async fn note_gone(work: &Work<'_>, session: &SignalingSession, posted: Posted) -> Result<(), Error> {
    if matches!(posted, Posted::Gone | Posted::Unknown) {
        work.table.cut(&session.connection, work.now()).await?;
    }
    Ok(())
}

/// Hands on what waits for a session, if it has a socket. Waits for another one who does the same, because what was kept a
/// moment ago may have come too late for that one.
pub(crate) async fn empty_inbox(work: &Work<'_>, public: &PublicId) -> Result<(), Error> {
    let patience = work.milliseconds().saturating_add(2 * TURN_MILLISECONDS);
    while work.milliseconds() <= patience {
        match work.table.take_box(public, SessionBox::In, work.milliseconds()).await? {
            Some((turn, session)) => {
                if !hand_on(work, turn, &session).await? {
                    return Ok(());
                }
            }
            None if work.table.signaling_session(public).await?.is_none() => return Ok(()),
            None => tokio::time::sleep(PAUSE).await,
        }
    }
    Ok(())
}

/// Hands on some of what waits for a session, with the turn to do so; whether there may be more. It is taken out of the
/// box before it is written, so that it is not written twice, and what the socket did not take is put back.
pub(crate) async fn hand_on(
    work: &Work<'_>,
    turn: BoxTurn,
    session: &SignalingSession,
) -> Result<bool, Error> {
    if session.gone_at.is_some() {
        return work.table.hand_over(turn, Handing::none()).await.map(|()| false);
    }
    let (mut waiting, handing) = work.table.incoming(&session.public, work.now()).await?;
    let is_more = waiting.len() > FRAMES_IN_A_TURN;
    waiting.truncate(FRAMES_IN_A_TURN);
    let handing = handing.first(waiting.len());
    let turn = take_out(work, turn, &handing).await?;
    let frames: Vec<String> = waiting.iter().map(|waiting| waiting.text.clone()).collect();
    let (written, posted) = work.post_in_order(&session.connection, &frames, Repeat::Harmful).await;
    // Before anything is put back, which makes the stream bring it.
    note_gone(work, session, posted).await?;
    let left = waiting.get(written..).unwrap_or_default();
    let is_done = left.is_empty();
    let handing = work.table.put_back(&session.public, handing, left).await?;
    work.table.hand_over(turn, handing).await?;
    Ok(is_more && is_done)
}

/// Queues messages for those who poll; whether there was room.
async fn to_polls(
    work: &Work<'_>,
    sender: Sender<'_>,
    room: &Occupancy,
    words: &[Words],
) -> Result<bool, Error> {
    let mut is_all = true;
    // Each for itself: the full queue of one is no reason that others miss something.
    for recipient in room.sessions().filter(|peer| matches!(peer.address, Address::Poll(_))) {
        let heard = words.iter().filter(|words| words.are_for_peer(&recipient, sender));
        let texts: Vec<String> = heard.filter_map(|words| words.polled(sender)).collect();
        for texts in texts.chunks(MAX_MESSAGES_AT_ONCE) {
            let message = |text: &String| Message { recipient: recipient.clone(), text: text.clone() };
            let messages: Vec<Message<'_>> = texts.iter().map(message).collect();
            match work.table.send_to_polls(&room.room.token, &messages, work.now()).await {
                Ok(news) => work.tell(&news).await,
                Err(Error::Denied(_)) => is_all = false,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(is_all)
}
