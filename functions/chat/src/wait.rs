//! `GET /chat/{token}` with `lookIntoFuture`: waits for what is said next.

use std::time::Duration;

use shared::domain::chat::{MarkerId, MessageId};
use shared::domain::identity::User;
use shared::domain::permission::Member;
use shared::domain::room::{Room, Token};
use shared::gateway::{Exchange, Parameters, Refusal, Reply};

use crate::history::{Wanted, answer};
use crate::object::with_common_read;

/// The longest wait, in seconds: the gateway gives a request 30, and a slow table needs the rest.
const LONGEST_WAIT: u64 = 25;
/// What somebody answers comes soon or much later: the first pauses are short, and each later one is half as long again.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) async fn wait(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
    wanted: &Wanted,
) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let standing = exchange.beside_login(user, exchange.table.standing(token, user.id())).await?;
    let mut member = standing.member(user)?;
    if parameters.flag("setReadMarker")?.unwrap_or(true) {
        note_read(exchange, &member, wanted.known).await?;
    }
    let known_common = common_read(parameters)?;
    let end = exchange.began.saturating_add(longest(parameters)?);
    if is_quiet(member.room(), wanted, known_common) && !exchange.request.is_head() {
        until_news(exchange, token, wanted, known_common, end).await?;
        // Somebody who was removed meanwhile learns nothing any more.
        member =
            exchange.beside_login(user, exchange.table.standing(token, user.id())).await?.member(user)?;
    }
    if wanted.has_news(member.room().chat.said) {
        let page = exchange.table.page(token, wanted.after(), wanted.limit(), exchange.clock().now()).await?;
        let history = exchange.table.complete(member.room(), page).await?;
        if !history.messages.is_empty() {
            return answer(&history, &member);
        }
    }
    let common = member.room().common_read;
    let reply = if known_common.is_some_and(|known| known != common) {
        Reply::empty()
    } else {
        Reply::not_modified()
    };
    Ok(with_common_read(reply, common))
}

/// Up to which message everybody has read, as far as the client knows.
fn common_read(parameters: &Parameters) -> Result<Option<MarkerId>, Refusal> {
    let id = MessageId::from_number(parameters.integer("lastCommonReadId")?);
    Ok(id.map(MarkerId::from))
}

fn longest(parameters: &Parameters) -> Result<Duration, Refusal> {
    let seconds = match parameters.text("timeout")? {
        None => LONGEST_WAIT,
        Some(_) => u64::try_from(parameters.integer("timeout")?).unwrap_or_default(),
    };
    Ok(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// Whether a client knows everything.
fn is_quiet(room: &Room, wanted: &Wanted, known_common: Option<MarkerId>) -> bool {
    !wanted.has_news(room.chat.said) && known_common.is_none_or(|known| known == room.common_read)
}

/// Looks at the room again and again, until something is said in it, it is gone, or the end.
async fn until_news(
    exchange: &Exchange<'_>,
    token: &Token,
    wanted: &Wanted,
    known_common: Option<MarkerId>,
    end: Duration,
) -> Result<(), Refusal> {
    let mut pause = FIRST_PAUSE;
    loop {
        let left = end.saturating_sub(exchange.clock().elapsed());
        if left.is_zero() || exchange.table.deadline().is_near() {
            return Ok(());
        }
        exchange.clock().sleep(pause.min(left)).await;
        pause = pause.mul_f64(1.5).min(LONGEST_PAUSE);
        let room = exchange.table.glance(token).await?;
        if !room.is_some_and(|room| is_quiet(&room, wanted, known_common)) {
            return Ok(());
        }
    }
}

/// Who asks for what comes after a message has read it.
async fn note_read(exchange: &Exchange<'_>, member: &Member, known: MessageId) -> Result<(), Refusal> {
    let room = member.room();
    let known = known.min(room.chat.said);
    if known.0 > 0 && !member.attendance().marker.id.covers(known) {
        let marker = exchange.table.marker_at(room, known, exchange.now).await?;
        exchange.table.mark(member, marker).await?;
    }
    Ok(())
}
