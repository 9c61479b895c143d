//! In which room's call the caller is.

use serde_json::json;
use shared::auth::{Caller, GuestCookie};
use shared::exchange::Exchange;
use shared::refusal::Refusal;
use shared::room::Token;

/// What clients of an external server read here (reference "Send").
const DISABLED: &str = "Internal signaling disabled.";

/// The call of a room, and who wants to take part.
pub(crate) struct Place {
    pub(crate) token: Token,
    pub(crate) caller: Caller,
    /// By which the caller is known there, of guests.
    pub(crate) cookie: Option<GuestCookie>,
}

impl Place {
    /// The named room, else the one in whose call the caller was last heard of; `None` when there is
    /// none (reference "Receive").
    ///
    /// # Errors
    /// 400 where an external server does signaling; 401 and 412 as everywhere.
    pub(crate) async fn of(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Option<Self>, Refusal> {
        let caller = exchange.caller().await?;
        if exchange.signaling().external.is_some() {
            return Err(Refusal::bad_request(DISABLED).with_data(json!(DISABLED)));
        }
        let token = match (token, &caller) {
            (Some(token), _) => Some(token),
            (None, Caller::User(user)) => exchange.table.my_call(user.id()).await?,
            (None, Caller::Guest) => {
                let rooms = exchange.request.guest_rooms();
                let visits: Vec<_> = rooms
                    .into_iter()
                    .filter_map(|token| exchange.guest_cookie(&token).map(|cookie| (token, cookie)))
                    .collect();
                exchange.table.latest_visit(&visits, exchange.now).await?
            }
        };
        Ok(token.map(|token| {
            let cookie = exchange.guest_cookie(&token).filter(|_| matches!(caller, Caller::Guest));
            Self { token, caller, cookie }
        }))
    }
}
