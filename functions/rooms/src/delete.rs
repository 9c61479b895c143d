//! `DELETE /room/{token}`: the room and everybody in it, calls included.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

pub(crate) async fn delete(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.look(token).await?;
    let moderator = partition.standing(user.id()).found()?.member(&user)?.moderator()?;
    exchange.parameters()?;
    exchange.table.delete_room(&moderator, &partition, exchange.attempt > 0, exchange.now).await?;
    exchange.announce(token, Notice::Deleted(partition.users())).await;
    Ok(Reply::empty())
}
