//! `POST /call/{token}`: joins the call under a new session.

use serde::Serialize;
use shared::auth::{Caller, GuestCookie, User};
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Found;
use shared::refusal::Refusal;
use shared::room::{SessionId, Token};
use shared::secret::{PasswordHash, Secret};
use shared::signaling::Notice;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Joined {
    session_id: SessionId,
}

pub(crate) async fn join(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    match &caller {
        Caller::User(user) => as_user(exchange, token, &caller, user).await,
        Caller::Guest => as_guest(exchange, token, &caller).await,
    }
}

async fn as_user(
    exchange: &Exchange<'_>,
    token: &Token,
    caller: &Caller,
    user: &User,
) -> Result<Reply, Refusal> {
    let joining = exchange.table.joining(token, user.id(), exchange.attempt > 0).await?;
    let found = joining.standing.found()?;
    let password = exchange.parameters()?.secret("password")?;
    let admission = found.admit(caller, |hash| is_password(exchange, hash, &password))?;
    let session_id = exchange.random().session_id();
    exchange.table.join_as_user(&admission, &joining.joiner, &session_id, exchange.now).await?;
    if let Some((room, session)) = joining.joiner.former() {
        exchange.announce(room, Notice::Left(Some(user.id().clone()), session.clone())).await;
    }
    exchange.note_call(admission.room().id);
    exchange.announce(token, Notice::Joined(session_id.clone())).await;
    Reply::ok(Joined { session_id })
}

async fn as_guest(exchange: &Exchange<'_>, token: &Token, caller: &Caller) -> Result<Reply, Refusal> {
    let cookie = exchange.guest_cookie(token);
    let standing = exchange.table.guest_standing(token, cookie.as_ref(), exchange.now).await?;
    let (limit, former) = (exchange.guest_limit(), standing.former(cookie));
    let may_be_full = standing.may_be_full(limit);
    let found = Found::new(standing.room, None)?;
    let password = exchange.parameters()?.secret("password")?;
    let admission = found.admit(caller, |hash| is_password(exchange, hash, &password))?;
    if may_be_full {
        exchange.table.count_guests(token, limit, exchange.now).await?;
    }
    let session_id = exchange.random().session_id();
    let cookie = GuestCookie::new(session_id.guest_id(), exchange.random().cookie_secret());
    exchange
        .table
        .join_as_guest(&admission, &session_id, &cookie, former.as_ref(), limit, exchange.now)
        .await?;
    if let Some(session) = standing.session {
        exchange.announce(token, Notice::Left(None, session)).await;
    }
    exchange.note_call(admission.room().id);
    exchange.announce(token, Notice::Joined(session_id.clone())).await;
    Ok(Reply::ok(Joined { session_id })?.with_cookie(exchange.set_guest_cookie(token, &cookie)))
}

fn is_password(exchange: &Exchange<'_>, hash: &PasswordHash, password: &Secret) -> bool {
    !password.is_empty() && exchange.memory().matches(hash, password, exchange.now)
}
