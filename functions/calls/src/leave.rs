//! `DELETE /call/{token}`: leaves the call and stays in the room; followers and guests are gone.

use shared::auth::{Caller, User};
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Found;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

pub(crate) async fn leave(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    match exchange.caller().await? {
        Caller::User(user) => as_user(exchange, token, &user).await,
        Caller::Guest => as_guest(exchange, token).await,
    }
}

/// Only this call ends (section 9, no. 20); in a room without a row there is nothing to end.
async fn as_user(exchange: &Exchange<'_>, token: &Token, user: &User) -> Result<Reply, Refusal> {
    let reading = exchange.table.standing_and_target(token, user.id(), Some(user.id())).await?;
    let found = reading.standing.found()?;
    exchange.parameters()?;
    if let Some(row) = found.row() {
        let presence = reading.target.presence.as_ref();
        exchange.table.leave_call_as_user(token, user.id(), row, presence).await?;
        if let Some(session) = presence.and_then(|presence| presence.session.clone()) {
            exchange.announce(token, Notice::Left(Some(user.id().clone()), session)).await;
        }
    }
    Ok(Reply::empty())
}

async fn as_guest(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let cookie = exchange.guest_cookie(token);
    let standing = exchange.table.guest_standing(token, cookie.as_ref(), exchange.now).await?;
    Found::new(standing.room, None)?;
    exchange.parameters()?;
    if let (Some(cookie), Some(session)) = (cookie, standing.session) {
        exchange.table.leave_call_as_guest(token, &cookie).await?;
        exchange.announce(token, Notice::Left(None, session)).await;
    }
    Ok(Reply::empty().with_cookie(exchange.clear_guest_cookie(token)))
}
