//! `DELETE /call/{token}`: leaves the call and stays in the room; followers and guests are gone.

use shared::domain::guest::GuestCookie;
use shared::domain::identity::{Caller, User};
use shared::domain::permission::Found;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn leave(exchange: &Exchange<'_>, caller: Caller, token: &Token) -> Result<Reply, Refusal> {
    match caller {
        Caller::User(user) => as_user(exchange, &user, token).await,
        Caller::Guest(cookie) => as_guest(exchange, cookie.as_ref(), token).await,
    }
}

/// Only this call ends; in a room without a row there is nothing to end.
async fn as_user(exchange: &Exchange<'_>, user: &User, token: &Token) -> Result<Reply, Refusal> {
    let reading = exchange.table.standing_and_target(token, user.id(), Some(user.id()));
    let reading = exchange.beside_login(user, reading).await?;
    user.still(reading.account)?;
    let found = exchange.granted(reading.standing.found())?;
    if let Some(row) = found.row() {
        let presence = reading.target.presence.as_ref();
        exchange.tell(exchange.table.leave_call_as_user(token, user.id(), row, presence).await?).await;
    }
    Ok(Reply::empty())
}

async fn as_guest(
    exchange: &Exchange<'_>,
    cookie: Option<&GuestCookie>,
    token: &Token,
) -> Result<Reply, Refusal> {
    let standing = exchange.table.guest_standing(token, cookie, exchange.now).await?;
    exchange.granted(Found::new(standing.room, None))?;
    if let Some(session) = standing.session {
        exchange.tell(exchange.table.leave_call_as_guest(token, &session).await?).await;
    }
    Ok(Reply::empty().with_cookie(exchange.clear_guest_cookie(token)))
}
