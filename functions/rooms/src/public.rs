//! `POST` and `DELETE /room/{token}/public`: lets guests in, or not any more.

use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

/// Group and one-to-one rooms become public; in the latter both stay owners.
pub(crate) async fn open(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    if !moderator.room().is_public() {
        // Guests whom a crash left from an earlier public time must not come back.
        exchange.tell(exchange.table.remove_leftovers(&moderator, &partition).await?).await;
        exchange.tell(exchange.table.open_to_public(&moderator, exchange.occasion()).await?).await;
    }
    Ok(Reply::empty())
}

/// A public room becomes a group room, and guests and followers go at once.
pub(crate) async fn close(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let table = exchange.table;
    let closed =
        table.close_to_public(&moderator, &partition, exchange.lost_a_race(), exchange.occasion()).await?;
    exchange.tell(closed).await;
    Ok(Reply::empty())
}
