//! In which room's call the caller is.

use serde_json::json;
use shared::domain::identity::Caller;
use shared::domain::permission::Speaker;
use shared::domain::room::Token;
use shared::domain::time::Timestamp;
use shared::gateway::{Exchange, Refusal};

/// What clients of an external server read here.
const DISABLED: &str = "Internal signaling disabled.";

/// The call of a room, and who wants to take part.
pub(crate) struct Place {
    pub(crate) token: Token,
    pub(crate) caller: Caller,
}

impl Place {
    /// The call of the named room.
    ///
    /// # Errors
    /// 400 where an external server does signaling.
    pub(crate) fn in_room(exchange: &Exchange<'_>, caller: Caller, token: &Token) -> Result<Self, Refusal> {
        demand_own_signaling(exchange)?;
        Ok(Self { token: token.clone(), caller })
    }

    /// The call in which the caller was last heard of, if any.
    ///
    /// # Errors
    /// 400 where an external server does signaling.
    pub(crate) async fn anywhere(exchange: &Exchange<'_>, caller: Caller) -> Result<Option<Self>, Refusal> {
        demand_own_signaling(exchange)?;
        let token = match &caller {
            Caller::User(user) => exchange.table.my_call(user.id()).await?,
            Caller::Guest(_) => latest_visit(exchange).await?,
        };
        Ok(token.map(|token| {
            let caller = match caller {
                Caller::Guest(_) => Caller::Guest(exchange.guest_cookie(&token)),
                user @ Caller::User(_) => user,
            };
            Self { token, caller }
        }))
    }

    /// The caller at this moment, if in the call.
    ///
    /// # Errors
    /// When the table fails.
    pub(crate) async fn speaker(
        &self,
        exchange: &Exchange<'_>,
        now: Timestamp,
    ) -> Result<Option<Speaker>, Refusal> {
        let partition = exchange.watch(&self.token, now).await?;
        Ok(Speaker::new(partition.occupancy(now), &self.caller))
    }
}

fn demand_own_signaling(exchange: &Exchange<'_>) -> Result<(), Refusal> {
    match exchange.signaling().external() {
        Some(_) => Err(Refusal::bad_request(DISABLED).with_data(json!(DISABLED))),
        None => Ok(()),
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
    Ok(exchange.table.latest_visit(&visits, exchange.now).await?)
}
