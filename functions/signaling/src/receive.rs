//! `GET /signaling` and `/signaling/{token}`: waits for messages and for changes of who is there.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use shared::domain::identity::Caller;
use shared::domain::permission::Speaker;
use shared::domain::room::Token;
use shared::domain::time::Timestamp;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::herald::Present;
use shared::table::{Ping, Pinged, Signals};

use crate::place::Place;

/// The first pause between two looks; each later one is half as long again, up to the longest. What
/// follows an offer comes at once, what follows silence can wait.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(rename = "roomId")]
    room_id: u64,
    #[serde(flatten)]
    present: Present<'a>,
}

/// In the call of this room.
pub(crate) async fn receive(
    exchange: &Exchange<'_>,
    caller: Caller,
    token: &Token,
) -> Result<Reply, Refusal> {
    receive_in(exchange, Place::in_room(exchange, caller, token)?).await
}

/// In the one call in which the caller is.
pub(crate) async fn receive_anywhere(exchange: &Exchange<'_>, caller: Caller) -> Result<Reply, Refusal> {
    let place = Place::anywhere(exchange, caller).await?;
    receive_in(exchange, place.ok_or_else(nobody)?).await
}

async fn receive_in(exchange: &Exchange<'_>, place: Place) -> Result<Reply, Refusal> {
    let place = exchange.granted(Ok::<_, Refusal>(place))?;
    if exchange.request.is_head() {
        return place.speaker(exchange, exchange.now).await?.map(|_| Reply::empty()).ok_or_else(nobody);
    }
    // Before the ping, which is the beginning of this poll: whatever overtakes it changes them later.
    let mut signals = exchange.table.signals(&place.token).await?;
    // A poll is a ping.
    let pinged = ping(exchange, &place).await?.ok_or_else(nobody)?;
    exchange.note_call(pinged.room_id);
    exchange.table.overtake(&place.token, &pinged, exchange.now).await;
    let end = exchange.began.saturating_add(exchange.signaling().hold);
    let mut pause = FIRST_PAUSE;
    let mut may_have_messages = true;
    loop {
        let is_over = exchange.clock().elapsed() >= end || exchange.table.deadline().is_near();
        let has_news = signals.people != pinged.told
            || may_have_messages && exchange.table.has_messages(&pinged, now(exchange)).await?;
        if is_over || has_news {
            let told = tell(exchange, &place, &pinged, signals).await?;
            // An empty answer at once would make clients ask again and again.
            if is_over || told.has_news || exchange.table.is_overtaken(&pinged).await? {
                return Ok(told.reply);
            }
        }
        let known = signals;
        signals = next_signals(exchange, &place.token, known, &mut pause, end).await?;
        if signals.polls != known.polls && exchange.table.is_overtaken(&pinged).await? {
            return overtaken(exchange, &place, &pinged).await;
        }
        may_have_messages = signals.messages != known.messages;
    }
}

/// Waits until something happens to the call, or until the end.
async fn next_signals(
    exchange: &Exchange<'_>,
    token: &Token,
    known: Signals,
    pause: &mut Duration,
    end: Duration,
) -> Result<Signals, Refusal> {
    loop {
        let left = end.saturating_sub(exchange.clock().elapsed());
        if left.is_zero() {
            return Ok(known);
        }
        exchange.clock().sleep((*pause).min(left)).await;
        *pause = pause.mul_f64(1.5).min(LONGEST_PAUSE);
        let signals = exchange.table.signals(token).await?;
        if signals != known {
            return Ok(signals);
        }
    }
}

async fn ping(exchange: &Exchange<'_>, place: &Place) -> Result<Option<Pinged>, Refusal> {
    let (table, token, now) = (exchange.table, &place.token, exchange.now);
    Ok(match &place.caller {
        Caller::User(user) => table.ping_as_user(token, user.id(), Ping::Poll, now).await?,
        Caller::Guest(Some(cookie)) => table.ping_as_guest(token, cookie, Ping::Poll, now).await?,
        Caller::Guest(None) => None,
    })
}

/// What a poll is answered with.
struct Told {
    reply: Reply,
    /// Whether it holds a message, or shows others in the call than before.
    has_news: bool,
}

/// Who is there, and the messages, which nobody else gets from now on.
async fn tell(
    exchange: &Exchange<'_>,
    place: &Place,
    pinged: &Pinged,
    signals: Signals,
) -> Result<Told, Refusal> {
    // Before the messages are taken: what fails after that would lose them.
    let speaker = same_speaker(exchange, place, pinged).await?;
    let Some(taken) = exchange.table.take(pinged, now(exchange)).await? else {
        // Somebody else gets them, or there is no time to hand them over.
        return Ok(Told { reply: reply(&speaker, &[])?, has_news: false });
    };
    exchange.table.note_told(pinged, signals, &taken, now(exchange)).await;
    let has_news = !taken.texts.is_empty() || signals.people != pinged.told;
    Ok(Told { reply: reply(&speaker, &taken.texts)?, has_news })
}

/// The answer to a poll after which the same session began another, which gets the messages: the connection
/// of this one may be gone.
async fn overtaken(exchange: &Exchange<'_>, place: &Place, pinged: &Pinged) -> Result<Reply, Refusal> {
    reply(&same_speaker(exchange, place, pinged).await?, &[])
}

/// The caller, who may have been removed or have joined again since the poll began.
async fn same_speaker(exchange: &Exchange<'_>, place: &Place, pinged: &Pinged) -> Result<Speaker, Refusal> {
    let speaker = place.speaker(exchange, now(exchange)).await?;
    speaker.filter(|speaker| speaker.session() == pinged.mailbox.session()).ok_or_else(nobody)
}

fn reply(speaker: &Speaker, texts: &[String]) -> Result<Reply, Refusal> {
    let room = &speaker.occupancy().room;
    let peers = speaker.occupancy().peers();
    let present: Vec<Entry<'_>> =
        peers.map(|peer| Entry { room_id: room.id, present: peer.into() }).collect();
    let messages = texts.iter().map(|text| json!({"type": "message", "data": text}));
    let mut entries: Vec<Value> = messages.collect();
    entries.push(json!({"type": "usersInRoom", "data": present}));
    Reply::ok(entries)
}

/// The present moment, which in a poll is not that of its beginning.
fn now(exchange: &Exchange<'_>) -> Timestamp {
    exchange.clock().now()
}

/// 404 with nobody in the room, by which clients know that they are out.
fn nobody() -> Refusal {
    Refusal::not_found().with_data(json!([{"type": "usersInRoom", "data": []}]))
}
