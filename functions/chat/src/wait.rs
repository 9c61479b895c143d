//! `GET /chat/{token}` with `lookIntoFuture`: waits for what is said next.

use std::time::Duration;

use futures_util::future::try_join;
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
    mut wanted: Wanted,
) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let standing = exchange.beside_login(user, exchange.table.standing(token, user.id())).await?;
    let mut member = standing.member(user)?;
    if parameters.flag("setReadMarker")?.unwrap_or(true) && !exchange.request.is_head() {
        note_read(exchange, &member, wanted.known).await?;
    }
    let known_common = common_read(parameters)?;
    let end = exchange.began.saturating_add(longest(parameters)?);
    loop {
        if let Some(reply) = news(exchange, &member, &wanted, known_common).await? {
            return Ok(reply);
        }
        // What was said by now is none to be shown: it is to be forgotten by now.
        wanted = wanted.knowing(member.room().chat.said);
        let is_over =
            exchange.request.is_head() || !until_news(exchange, token, &wanted, known_common, end).await?;
        member = still(exchange, user, token).await?;
        if is_over {
            return Ok(with_common_read(Reply::not_modified(), member.room().common_read));
        }
    }
}

/// The answer for somebody who does not know everything.
async fn news(
    exchange: &Exchange<'_>,
    member: &Member,
    wanted: &Wanted,
    known_common: Option<MarkerId>,
) -> Result<Option<Reply>, Refusal> {
    let room = member.room();
    if wanted.has_news(room.chat.said) {
        // What was cleared may not be removed yet.
        let wanted =
            if wanted.known < room.chat.cleared { wanted.knowing(room.chat.cleared) } else { *wanted };
        let page = exchange.table.page(&room.token, wanted.after(), wanted.limit(), exchange.clock().now());
        let history = exchange.table.complete(room, page.await?).await?;
        if !history.messages.is_empty() {
            return answer(&history, member).map(Some);
        }
    }
    let has_read_on = known_common.is_some_and(|known| known != room.common_read);
    Ok(has_read_on.then(|| with_common_read(Reply::empty(), room.common_read)))
}

/// The caller after a while: somebody who was removed, or may not log in any more, learns nothing.
async fn still(exchange: &Exchange<'_>, user: &User, token: &Token) -> Result<Member, Refusal> {
    let login = exchange.table.login(user.id(), user.app_password());
    let (login, standing) = try_join(login, exchange.table.standing(token, user.id())).await?;
    user.still_with(login)?;
    Ok(standing.member(user)?)
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

/// Looks at the room again and again, until something is said in it or it is gone; `false` when there is no more time.
async fn until_news(
    exchange: &Exchange<'_>,
    token: &Token,
    wanted: &Wanted,
    known_common: Option<MarkerId>,
    end: Duration,
) -> Result<bool, Refusal> {
    let mut pause = FIRST_PAUSE;
    loop {
        let left = end.saturating_sub(exchange.clock().elapsed());
        if left.is_zero() || exchange.table.deadline().is_near() {
            return Ok(false);
        }
        exchange.clock().sleep(pause.min(left)).await;
        pause = pause.mul_f64(1.5).min(LONGEST_PAUSE);
        let room = exchange.table.glance(token).await?;
        if !room.is_some_and(|room| is_quiet(&room, wanted, known_common)) {
            return Ok(true);
        }
    }
}

/// Who asks for what comes after a message has read it.
async fn note_read(exchange: &Exchange<'_>, member: &Member, known: MessageId) -> Result<(), Refusal> {
    let room = member.room();
    let known = known.min(room.chat.said);
    if known.0 > 0 && !member.attendance().marker.id.covers(known) {
        let marker = exchange.table.marker_at(room, known, exchange.now).await?;
        exchange.table.mark_on(member, marker, exchange.now).await?;
    }
    Ok(())
}
