//! `POST /call/{token}`: joins the call under a new session.

use serde::Serialize;
use shared::domain::guest::GuestCookie;
use shared::domain::identity::{Caller, User};
use shared::domain::permission::{Admission, Found};
use shared::domain::room::{SessionId, Token};
use shared::gateway::{Exchange, Refusal, Reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Joined {
    session_id: SessionId,
}

pub(crate) async fn join(exchange: &Exchange<'_>, caller: Caller, token: &Token) -> Result<Reply, Refusal> {
    match &caller {
        Caller::User(user) => as_user(exchange, &caller, user, token).await,
        Caller::Guest(cookie) => as_guest(exchange, &caller, cookie.as_ref(), token).await,
    }
}

async fn as_user(
    exchange: &Exchange<'_>,
    caller: &Caller,
    user: &User,
    token: &Token,
) -> Result<Reply, Refusal> {
    let joining = exchange.table.joining(token, user, exchange.lost_a_race());
    let joining = exchange.beside_login(user, joining).await?;
    let admission = admit(exchange, joining.standing.found()?, caller).await?;
    let session_id = exchange.random().session_id();
    let joined = exchange.table.join_as_user(&admission, &joining.joiner, &session_id, exchange.now).await?;
    exchange.note_call(admission.room().id);
    exchange.tell(joined).await;
    Reply::ok(Joined { session_id })
}

async fn as_guest(
    exchange: &Exchange<'_>,
    caller: &Caller,
    cookie: Option<&GuestCookie>,
    token: &Token,
) -> Result<Reply, Refusal> {
    let (table, limit, now) = (exchange.table, exchange.guest_limit(), exchange.now);
    let standing = table.guest_standing(token, cookie, now).await?;
    let (former, may_be_full) = (standing.former(cookie), standing.may_be_full(limit));
    let admission = admit(exchange, Found::new(standing.room, None)?, caller).await?;
    if may_be_full {
        table.count_guests(&exchange.look(token).await?, limit, now).await?;
    }
    let session_id = exchange.random().session_id();
    let cookie = GuestCookie::new(session_id.guest_id(), exchange.random().cookie_secret());
    let joined = table.join_as_guest(&admission, &session_id, &cookie, former.as_ref(), limit, now).await?;
    exchange.note_call(admission.room().id);
    exchange.tell(joined).await;
    Ok(Reply::ok(Joined { session_id })?.with_cookie(exchange.set_guest_cookie(token, &cookie)))
}

/// Lets the caller in, with the password that guests and followers have to know.
async fn admit(exchange: &Exchange<'_>, found: Found, caller: &Caller) -> Result<Admission, Refusal> {
    let password = exchange.parameters()?.secret("password")?;
    let knows_password = match found.password_for(caller) {
        Some(hash) => exchange.is_password_of(found.room(), hash, &password).await?,
        None => false,
    };
    Ok(found.admit(caller, knows_password)?)
}
