//! `POST /room/{token}/moderators`: makes a user a moderator.

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
    let promotable = moderator.may_promote(reading.target)?;
    exchange.table.promote(&moderator, &promotable).await?;
    Ok(Reply::empty())
}
