//! `POST /call/{token}/ping`: stays in the call. One write and no read while all is well.

use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::table::Purpose;

pub(crate) async fn ping(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    // Nothing here needs a parameter, so a body that is none is refused before anything is written.
    let parameters = exchange.parameters();
    match caller {
        Caller::User(user) => {
            let pinged = match parameters {
                Ok(_) => {
                    exchange.table.ping_as_user(token, user.id(), Purpose::Staying, exchange.now).await?
                }
                Err(_) => None,
            };
            match pinged {
                Some(pinged) => exchange.note_call(pinged.room_id),
                // A ping connects nobody, but tells members that the room is there (section 9, no. 7, 8).
                None => {
                    exchange.table.standing(token, user.id()).await?.found()?.member(&user)?;
                }
            }
        }
        Caller::Guest => {
            let cookie = exchange.guest_cookie(token).ok_or_else(Refusal::not_found)?;
            match parameters {
                Ok(_) => {
                    let pinged =
                        exchange.table.ping_as_guest(token, &cookie, Purpose::Staying, exchange.now).await?;
                    exchange.note_call(pinged.ok_or_else(Refusal::not_found)?.room_id);
                }
                Err(_) => {
                    let standing = exchange.table.guest_standing(token, Some(&cookie), exchange.now).await?;
                    standing.session.ok_or_else(Refusal::not_found)?;
                }
            }
        }
    }
    parameters.map(|_| Reply::empty())
}
