//! `DELETE /room/{token}/participants`: removes a person with an account.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

use crate::leave::leave_seen_alone;
use crate::named::Named;

pub(crate) async fn remove(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let (moderator, target, _) = Named::read(exchange, token, "participant").await?.moderated()?;
    if moderator.room().is_one_to_one() {
        // Two people minus one is no room, whoever was named (section 9, no. 3).
        let partition = exchange.look(token).await?;
        exchange.table.delete_room(&moderator, &partition, exchange.attempt > 0, exchange.now).await?;
        exchange.announce(token, Notice::Deleted(partition.users())).await;
        return Ok(Reply::empty());
    }
    let removable = moderator.may_remove(target)?;
    if removable.participant().user == *moderator.member().user() {
        // Removing oneself may remove the last one.
        return leave_seen_alone(exchange, token, moderator.member()).await;
    }
    exchange.table.remove_participant(&moderator, &removable).await?;
    let session = removable.presence().and_then(|presence| presence.session.clone());
    let removed = removable.participant().user.clone();
    exchange.announce(token, Notice::Disinvited(vec![removed], session.into_iter().collect())).await;
    Ok(Reply::empty())
}
