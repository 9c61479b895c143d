//! `DELETE /room/{token}/participants`: removes a person with an account.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;

use crate::named::Named;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let (moderator, target, _) = Named::read(exchange, token, "participant").await?.moderated()?;
    if moderator.room().is_one_to_one() {
        // Two people minus one is no room, whoever was named (section 9, no. 3).
        let partition = exchange.table.partition(token).await?;
        exchange.table.delete_room(&moderator, &partition, exchange.attempt > 0, exchange.now).await?;
        return Ok(Reply::empty());
    }
    let removable = moderator.may_remove(target)?;
    exchange.table.remove_participant(&moderator, &removable).await?;
    Ok(Reply::empty())
}
