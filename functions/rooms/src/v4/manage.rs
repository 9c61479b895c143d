//! What moderators change of a room: the same as in v1, with the limits and refusals of v4, and what v1 has not.

use serde_json::json;
use shared::domain::name::{ConversationName, LongDescription};
use shared::domain::permission::Moderator;
use shared::domain::permissions::Permissions;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

use crate::{delete, public};

/// `PUT /room/{token}`
pub(crate) async fn rename(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    let name = exchange.parameters()?.read_as::<ConversationName>("roomName");
    let name = name.map_err(|refusal| refusal.with_data(json!({ "error": "value" })))?;
    exchange.tell(exchange.table.rename_room(&moderator, name.as_str(), exchange.occasion()).await?).await;
    Ok(Reply::empty())
}

/// `PUT /room/{token}/description`
pub(crate) async fn describe(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    let description: LongDescription = exchange.parameters()?.read_as("description")?;
    exchange
        .tell(exchange.table.describe_room(&moderator, description.as_str(), exchange.occasion()).await?)
        .await;
    Ok(Reply::empty())
}

/// `DELETE /room/{token}`
pub(crate) async fn delete(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    delete::delete(exchange, (moderator, partition)).await
}

/// `POST /room/{token}/public`
pub(crate) async fn open(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    public::open(exchange, (moderator, partition)).await
}

/// `DELETE /room/{token}/public`
pub(crate) async fn close(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    public::close(exchange, (moderator, partition)).await
}

/// `PUT /room/{token}/read-only`
pub(crate) async fn set_read_only(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    let is_read_only = match exchange.parameters()?.integer("state")? {
        0 => false,
        1 => true,
        _ => return Err(Refusal::bad_request("state must be 0 or 1.")),
    };
    exchange.tell(exchange.table.set_read_only(&moderator, is_read_only, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}

/// `PUT /room/{token}/permissions/{mode}`: what those may do who do not manage the room, in general (`default`) or during
/// the present call (`call`).
pub(crate) async fn set_permissions(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
    mode: &str,
) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    let is_for_call = match mode {
        "default" => false,
        "call" => true,
        _ => return Err(Refusal::bad_request("The last part of the path must be default or call.")),
    };
    let permissions = Permissions::chosen(exchange.parameters()?.integer("permissions")?);
    let permissions =
        permissions.ok_or_else(|| Refusal::bad_request("permissions must be a number from 0 to 255."))?;
    let changed =
        exchange.table.set_room_permissions(&moderator, &partition, is_for_call, permissions).await?;
    exchange.tell(changed).await;
    Ok(Reply::empty())
}
