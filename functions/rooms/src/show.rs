//! `GET /room/{token}`: one room, also for guests. Looking does not join.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Sight;
use shared::refusal::Refusal;
use shared::room::Token;

use crate::object::RoomObject;

pub(crate) async fn show(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    let partition = exchange.look(token).await?;
    let cookie = exchange.guest_cookie(token);
    let sight = Sight::new(partition.occupancy(exchange.now), &caller, cookie.as_ref())?;
    exchange.parameters()?;
    Reply::ok(RoomObject::new(&sight))
}
