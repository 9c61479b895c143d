//! `DELETE /room/{token}/moderators`: makes a moderator a plain user.

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
    let member = reading.standing.found()?.member(&user)?;
    // Aiming at oneself is refused before the right is asked for (section 9, no. 10).
    let moderator = member.not_oneself(named.as_deref().unwrap_or_default())?.moderator()?;
    named?;
    let demotable = moderator.may_demote(reading.target)?;
    exchange.table.demote(&moderator, &demotable).await?;
    Ok(Reply::empty())
}
