//! `POST /call/{token}/ping`: stays in the call. One write and no read while all is well.

use shared::domain::guest::GuestCookie;
use shared::domain::identity::{Caller, User};
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Ping;

/// Nothing here needs a parameter, so a body that cannot be read is refused before anything is written; but a caller
/// who is not in the call learns of that first.
pub(crate) async fn ping(exchange: &Exchange<'_>, caller: Caller, token: &Token) -> Result<Reply, Refusal> {
    let is_readable = exchange.parameters().is_ok();
    match &caller {
        Caller::User(user) => as_user(exchange, user, token, is_readable).await?,
        Caller::Guest(cookie) => as_guest(exchange, cookie.as_ref(), token, is_readable).await?,
    }
    exchange.granted(Ok::<_, Refusal>(Reply::empty()))
}

/// A ping connects nobody, but tells members that the room is there.
async fn as_user(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
    is_readable: bool,
) -> Result<(), Refusal> {
    if is_readable
        && let Some(pinged) = exchange.table.ping_as_user(token, user.id(), Ping::Keep, exchange.now).await?
    {
        exchange.note_call(pinged.room_id);
        return Ok(());
    }
    let standing = exchange.beside_login(user, exchange.table.standing(token, user.id())).await?;
    standing.member(user)?;
    Ok(())
}

async fn as_guest(
    exchange: &Exchange<'_>,
    cookie: Option<&GuestCookie>,
    token: &Token,
    is_readable: bool,
) -> Result<(), Refusal> {
    let cookie = cookie.ok_or_else(Refusal::not_found)?;
    if is_readable {
        let pinged = exchange.table.ping_as_guest(token, cookie, Ping::Keep, exchange.now).await?;
        exchange.note_call(pinged.ok_or_else(Refusal::not_found)?.room_id);
    } else {
        let standing = exchange.table.guest_standing(token, Some(cookie), exchange.now).await?;
        standing.session.ok_or_else(Refusal::not_found)?;
    }
    Ok(())
}
