//! `GET /room`: the caller's rooms.

use futures_util::{StreamExt as _, stream};
use shared::domain::identity::{Caller, User};
use shared::domain::permission::Sight;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

use crate::object::RoomObject;

/// The most rooms whose leftovers are removed side by side.
const MAX_SIDE_BY_SIDE: usize = 100;

pub(crate) async fn list(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let tokens = exchange.beside_login(&user, exchange.table.my_rooms(user.id())).await?;
    let rooms = exchange.look_at_all(&tokens).await?;
    let sights = my_rooms(exchange, &Caller::User(user), rooms).await;
    let objects: Vec<RoomObject<'_>> = sights.iter().map(RoomObject::new).collect();
    // Thousands of people in many rooms: what the API promises fits, the undocumented map does not.
    Ok(Reply::ok(objects)?.or_without("participants"))
}

/// The rooms as the caller sees them, in their order. Those of which only leftovers are there are left out, and removed
/// where that is safe.
pub(crate) async fn my_rooms(
    exchange: &Exchange<'_>,
    caller: &Caller,
    partitions: Vec<Partition>,
) -> Vec<Sight> {
    let sights: Vec<Option<Sight>> = stream::iter(partitions)
        .map(|partition| my_room(exchange, caller, partition))
        .buffered(MAX_SIDE_BY_SIDE)
        .collect()
        .await;
    sights.into_iter().flatten().collect()
}

async fn my_room(exchange: &Exchange<'_>, caller: &Caller, partition: Partition) -> Option<Sight> {
    let sight = Sight::new(partition.occupancy(exchange.now), caller).and_then(Sight::insider);
    if let (Err(_), Caller::User(user)) = (&sight, caller)
        // The next look tries again; the caller has not asked for this.
        && let Ok(news) = exchange.table.clean(user.id(), &partition, exchange.now).await
    {
        exchange.tell(news).await;
    }
    sight.ok()
}
