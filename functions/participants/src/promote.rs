//! `POST /room/{token}/moderators`: makes a user a moderator.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

use crate::named::Named;

pub(crate) async fn promote(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let (moderator, target, _) = Named::read(exchange, token, "participant").await?.moderated()?;
    let promotable = moderator.may_promote(target)?;
    exchange.table.promote(&moderator, &promotable).await?;
    exchange.announce(token, Notice::Changed(promotable.user().clone())).await;
    Ok(Reply::empty())
}
