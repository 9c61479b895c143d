//! `GET /room`: the caller's rooms.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Sight;
use shared::refusal::Refusal;
use shared::room::Token;

use crate::object::RoomObject;

/// So many rooms are read side by side, each over a connection of its own.
const MAX_SIDE_BY_SIDE: usize = 100;

pub(crate) async fn list(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    exchange.parameters()?;
    let tokens = exchange.table.my_rooms(user.id()).await?;
    let caller = Caller::User(user);
    let sights: Vec<Option<Sight>> = stream::iter(tokens)
        .map(|token| my_room(exchange, &caller, token))
        .buffered(MAX_SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let objects: Vec<RoomObject<'_>> = sights.iter().flatten().map(RoomObject::new).collect();
    // Thousands of people in many rooms: what the API promises fits, the undocumented map does not.
    Ok(Reply::ok(objects)?.dispensing_with("participants"))
}

/// One room; `None` when only left-overs of it are there, which are removed where that is safe.
async fn my_room(exchange: &Exchange<'_>, caller: &Caller, token: Token) -> Result<Option<Sight>, Refusal> {
    let partition = exchange.look(&token).await?;
    let sight = Sight::new(partition.occupancy(exchange.now), caller, None).and_then(Sight::insider);
    if let (Err(_), Caller::User(user)) = (&sight, caller) {
        // The next look tries again; the caller has not asked for this.
        let _ = exchange.table.clean(user.id(), &partition, exchange.now).await;
    }
    Ok(sight.ok())
}
