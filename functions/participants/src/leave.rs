//! `DELETE /room/{token}/participants/self`: leaves the room for good. No right is needed.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.table.partition(token).await?;
    let member = partition.standing(user.id()).found()?.member(&user)?;
    exchange.parameters()?;
    let departure = exchange.table.leave_room(&member, &partition, exchange.now).await?;
    exchange.announce(token, Notice::departed(user.id().clone(), departure, partition.users())).await;
    Ok(Reply::empty())
}
