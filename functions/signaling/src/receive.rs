//! `GET /signaling` and `/signaling/{token}`: waits for messages and for changes of who is there.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Speaker;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Present;
use shared::table::{Pinged, Purpose, Signals};

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

pub(crate) async fn answer(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Reply, Refusal> {
    let place = Place::of(exchange, token).await?.ok_or_else(nobody)?;
    exchange.parameters()?;
    // A poll is a ping.
    let pinged = ping(exchange, &place).await?.ok_or_else(nobody)?;
    exchange.note_call(pinged.room_id);
    let end = exchange.began.saturating_add(exchange.signaling().hold);
    let mut pause = FIRST_PAUSE;
    let mut signals = exchange.table.signals(&place.token).await?;
    loop {
        let is_over = exchange.clock().elapsed() >= end;
        if is_over
            || signals.people != pinged.told
            || exchange.table.has_messages(&pinged, now(exchange)).await?
        {
            let reply = tell(exchange, &place, &pinged, signals).await?;
            // An empty answer at once would make clients ask again and again; a later poll of the same
            // session ends this one, whose connection nobody may hear any more.
            if is_over || reply.has_news || exchange.table.is_overtaken(&pinged).await? {
                return Ok(reply.reply);
            }
        }
        signals = next_signals(exchange, &place.token, signals, &mut pause, end).await?;
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
    match (&place.caller, &place.cookie) {
        (Caller::User(user), _) => {
            exchange.table.ping_as_user(&place.token, user.id(), Purpose::Polling, exchange.now).await
        }
        (Caller::Guest, Some(cookie)) => {
            exchange.table.ping_as_guest(&place.token, cookie, Purpose::Polling, exchange.now).await
        }
        (Caller::Guest, None) => Ok(None),
    }
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
    let now = now(exchange);
    // Before the messages are taken: what fails after that would lose them.
    let partition = exchange.table.partition(&place.token).await?;
    let speaker = Speaker::new(partition.occupancy(now), &place.caller, place.cookie.as_ref());
    let speaker =
        speaker.filter(|speaker| speaker.session() == pinged.mailbox.session()).ok_or_else(nobody)?;
    let room = &speaker.occupancy().room;
    let taken = exchange.table.take(pinged, now).await?;
    exchange.table.note_told(pinged, signals, &taken, now).await;
    let peers = speaker.occupancy().peers();
    let present: Vec<Entry<'_>> =
        peers.map(|peer| Entry { room_id: room.id, present: peer.into() }).collect();
    let messages = taken.texts.iter().map(|text| json!({"type": "message", "data": text}));
    let mut entries: Vec<Value> = messages.collect();
    let has_news = !entries.is_empty() || signals.people != pinged.told;
    entries.push(json!({"type": "usersInRoom", "data": present}));
    Ok(Told { reply: Reply::ok(entries)?, has_news })
}

/// The present moment, which in a poll is not that of its beginning.
fn now(exchange: &Exchange<'_>) -> shared::time::Timestamp {
    exchange.clock().now()
}

/// 404 with nobody in the room, by which clients know that they are out (reference "Receive").
fn nobody() -> Refusal {
    Refusal::not_found().with_data(json!([{"type": "usersInRoom", "data": []}]))
}
