//! `DELETE /room/{token}/moderators`: makes a moderator a plain user.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

use crate::named::Named;

pub(crate) async fn demote(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let named = Named::read(exchange, token, "participant").await?;
    let (moderator, target, _) = named.moderated_for_others()?;
    let demotable = moderator.may_demote(target)?;
    exchange.table.demote(&moderator, &demotable).await?;
    exchange.announce(token, Notice::Changed(demotable.user().clone())).await;
    Ok(Reply::empty())
}
