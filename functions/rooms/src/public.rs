//! `POST` and `DELETE /room/{token}/public`: lets guests in, or not any more.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

/// Group and one-to-one rooms become public; in the latter both stay owners.
pub(crate) async fn open(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.look(token).await?;
    let moderator = partition.standing(user.id()).found()?.member(&user)?.moderator()?;
    exchange.parameters()?;
    if !moderator.room().is_public() {
        // Guests whom a crash left from an earlier public time must not come back.
        exchange.table.close_to_public(&moderator, &partition, false).await?;
        exchange.table.open_to_public(&moderator).await?;
        exchange.announce(token, Notice::Updated).await;
    }
    Ok(Reply::empty())
}

/// A public room becomes a group room, and guests and followers go at once.
pub(crate) async fn close(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.look(token).await?;
    let moderator = partition.standing(user.id()).found()?.member(&user)?.moderator()?;
    exchange.parameters()?;
    exchange.table.close_to_public(&moderator, &partition, exchange.attempt > 0).await?;
    let (followers, guests) = partition.outsiders(exchange.now);
    if !followers.is_empty() || !guests.is_empty() {
        exchange.announce(token, Notice::Disinvited(followers, guests)).await;
    }
    if moderator.room().is_public() {
        exchange.announce(token, Notice::Updated).await;
    }
    Ok(Reply::empty())
}
