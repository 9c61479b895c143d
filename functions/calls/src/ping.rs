//! `POST /call/{token}/ping`: stays in the call. One write and no read while all is well.

use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    // Nothing here needs a parameter, so a body that is none is refused before anything is written.
    let parameters = exchange.parameters();
    match caller {
        Caller::User(user) => {
            let is_live =
                parameters.is_ok() && exchange.table.ping_as_user(token, user.id(), exchange.now).await?;
            if !is_live {
                // A ping connects nobody, but tells members that the room is there (section 9, no. 7, 8).
                exchange.table.standing(token, user.id()).await?.found()?.member(&user)?;
            }
        }
        Caller::Guest => {
            let cookie = exchange.guest_cookie(token).ok_or_else(Refusal::not_found)?;
            let is_live = match parameters {
                Ok(_) => exchange.table.ping_as_guest(token, &cookie, exchange.now).await?,
                Err(_) => exchange.table.guest_standing(token, Some(&cookie)).await?.1,
            };
            if !is_live {
                return Err(Refusal::not_found());
            }
        }
    }
    parameters.map(|_| Reply::empty())
}
