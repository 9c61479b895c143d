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
    let caller = Caller::User(user);
    let rooms = exchange.look_at_all(&tokens).await?;
    let sights: Vec<Option<Sight>> = stream::iter(rooms)
        .map(|partition| my_room(exchange, &caller, partition))
        .buffered(MAX_SIDE_BY_SIDE)
        .collect()
        .await;
    let objects: Vec<RoomObject<'_>> = sights.iter().flatten().map(RoomObject::new).collect();
    // Thousands of people in many rooms: what the API promises fits, the undocumented map does not.
    Ok(Reply::ok(objects)?.or_without("participants"))
}

/// One room; `None` when only leftovers of it are there, which are removed where that is safe.
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
