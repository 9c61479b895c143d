//! `DELETE /room/{token}/participants/self`: leaves the room for good. No right is needed.

use shared::domain::permission::Member;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

pub(crate) async fn leave(
    exchange: &Exchange<'_>,
    (member, partition): (Member, Partition),
) -> Result<Reply, Refusal> {
    exchange.tell(exchange.table.leave_room(&member, &partition, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
