//! `DELETE /room/{token}/participants/self`: leaves the room for good. No right is needed.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;
use shared::table::Departure;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.table.partition(token).await?;
    let member = partition.standing(user.id()).found()?.member(&user)?;
    exchange.parameters()?;
    let end = exchange.table.leave_room(&member, &partition, exchange.now).await?;
    let notice = match end {
        Departure::RoomGone => Notice::Deleted(partition.users()),
        Departure::RoomStays => Notice::Disinvited(vec![user.id().clone()], Vec::new()),
    };
    exchange.announce(token, notice).await;
    Ok(Reply::empty())
}
