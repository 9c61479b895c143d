//! `POST` and `DELETE /room/{token}/moderators`: makes a user a moderator, and a moderator a user.

use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

use super::named::person;

pub(crate) async fn promote(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let promotable = moderator.may_make_moderator(person(exchange, &moderator, &partition)?)?;
    exchange.tell(exchange.table.promote(&moderator, &promotable, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}

pub(crate) async fn demote(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let demotable = moderator.may_unmake_moderator(person(exchange, &moderator, &partition)?)?;
    exchange.tell(exchange.table.demote(&moderator, &demotable, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
