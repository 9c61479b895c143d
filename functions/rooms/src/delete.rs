//! `DELETE /room/{token}`: the room and everybody in it, calls included.

use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

pub(crate) async fn delete(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let table = exchange.table;
    let deleted = table.delete_room(&moderator, &partition, exchange.lost_a_race(), exchange.now).await?;
    exchange.tell(deleted).await;
    Ok(Reply::empty())
}
