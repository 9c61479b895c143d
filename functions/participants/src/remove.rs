//! `DELETE /room/{token}/participants`: removes a person with an account.

use shared::domain::identity::User;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::named::Named;

pub(crate) async fn remove(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let (table, now) = (exchange.table, exchange.now);
    let Named { moderator, target, .. } = Named::read(exchange, &user, token, "participant").await?;
    if moderator.room().is_one_to_one() {
        // Two people minus one is no room, no matter who was named.
        let partition = exchange.look(token).await?;
        let deleted = table.delete_room(&moderator, &partition, exchange.lost_a_race(), now).await?;
        exchange.tell(deleted).await;
        return Ok(Reply::empty());
    }
    let removable = moderator.may_remove(target)?;
    let removed = if removable.participant().user == *moderator.member().user() {
        // Removing oneself may remove the last one.
        table.leave_room(moderator.member(), &exchange.look(token).await?, exchange.occasion()).await?
    } else {
        table.remove_participant(&moderator, &removable, exchange.occasion()).await?
    };
    exchange.tell(removed).await;
    Ok(Reply::empty())
}
