//! `DELETE /room/{token}/participants/self`: leaves the room for good. No right is needed.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Member;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;
use shared::table::Partition;

pub(crate) async fn leave(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.look(token).await?;
    let member = partition.standing(user.id()).found()?.member(&user)?;
    exchange.parameters()?;
    depart(exchange, &member, &partition).await
}

/// The same for a member who has been looked at without the others.
pub(crate) async fn leave_seen_alone(
    exchange: &Exchange<'_>,
    token: &Token,
    member: &Member,
) -> Result<Reply, Refusal> {
    let partition = exchange.look(token).await?;
    depart(exchange, member, &partition).await
}

async fn depart(exchange: &Exchange<'_>, member: &Member, partition: &Partition) -> Result<Reply, Refusal> {
    let departure = exchange.table.leave_room(member, partition, exchange.now).await?;
    let notice = Notice::departed(member.user().clone(), departure, partition.users());
    exchange.announce(&member.room().token, notice).await;
    Ok(Reply::empty())
}
