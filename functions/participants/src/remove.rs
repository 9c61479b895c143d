//! `DELETE /room/{token}/participants`: removes a person with an account.

use shared::account::UserId;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let named = exchange.parameters().and_then(|parameters| parameters.text_or_empty("participant"));
    let target = named.as_ref().ok().and_then(|name| UserId::parse(name));
    let reading = exchange.table.standing_and_target(token, user.id(), target.as_ref()).await?;
    let moderator = reading.standing.found()?.member(&user)?.moderator()?;
    named?;
    if moderator.room().is_one_to_one() {
        // Two people minus one is no room, whoever was named (section 9, no. 3).
        let partition = exchange.table.partition(token).await?;
        exchange.table.delete_room(&moderator, &partition, exchange.attempt > 0, exchange.now).await?;
        return Ok(Reply::empty());
    }
    let removable = moderator.may_remove(reading.target)?;
    exchange.table.remove_participant(&moderator, &removable).await?;
    Ok(Reply::empty())
}
