//! In which room's call the caller is.

use serde_json::json;
use shared::auth::{Caller, GuestCookie};
use shared::exchange::Exchange;
use shared::permission::Speaker;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::time::Timestamp;

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
    /// 400 where an external server does signaling.
    pub(crate) async fn of(
        exchange: &Exchange<'_>,
        caller: Caller,
        token: Option<Token>,
    ) -> Result<Option<Self>, Refusal> {
        if exchange.signaling().external.is_some() {
            return Err(Refusal::bad_request(DISABLED).with_data(json!(DISABLED)));
        }
        let token = match (token, &caller) {
            (Some(token), _) => Some(token),
            (None, Caller::User(user)) => exchange.table.my_call(user.id()).await?,
            (None, Caller::Guest) => latest_visit(exchange).await?,
        };
        Ok(token.map(|token| {
            let cookie = exchange.guest_cookie(&token).filter(|_| matches!(caller, Caller::Guest));
            Self { token, caller, cookie }
        }))
    }
}

impl Place {
    /// The caller at this moment, if in the call.
    ///
    /// # Errors
    /// Only of the table.
    pub(crate) async fn speaker(
        &self,
        exchange: &Exchange<'_>,
        now: Timestamp,
    ) -> Result<Option<Speaker>, Refusal> {
        let partition = exchange.watch(&self.token, now).await?;
        Ok(Speaker::new(partition.occupancy(now), &self.caller, self.cookie.as_ref()))
    }
}

/// The most cookies that are looked up, since anybody can make them. Browsers send the newest last.
const MAX_VISITS: usize = 20;

/// The room in whose call a guest was last heard of, by the cookies.
pub(crate) async fn latest_visit(exchange: &Exchange<'_>) -> Result<Option<Token>, Refusal> {
    let rooms = exchange.request.guest_rooms().into_iter().rev();
    let visits: Vec<_> = rooms
        .filter_map(|token| exchange.guest_cookie(&token).map(|cookie| (token, cookie)))
        .take(MAX_VISITS)
        .collect();
    exchange.table.latest_visit(&visits, exchange.now).await
}
