//! `DELETE /room/{token}/participants/self`: leaves the room. One of two leaves it to the other; the last user takes it along.

use shared::domain::permission::Member;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

pub(crate) async fn leave(
    exchange: &Exchange<'_>,
    (member, partition): (Member, Partition),
) -> Result<Reply, Refusal> {
    if member.room().is_one_to_one() {
        exchange.tell(exchange.table.leave_pair(&member, &partition, exchange.now).await?).await;
        return Ok(Reply::empty());
    }
    let occupancy = partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?;
    member.may_leave(&occupancy)?;
    exchange.tell(exchange.table.leave_room(&member, &partition, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
