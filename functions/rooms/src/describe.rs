//! `PUT /room/{token}/description`: says what a room is for; empty takes it away.

use shared::domain::name::RoomDescription;
use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn describe(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    let description: RoomDescription = exchange.parameters()?.read_as("description")?;
    moderator.may_describe()?;
    exchange
        .tell(exchange.table.describe_room(&moderator, description.as_str(), exchange.occasion()).await?)
        .await;
    Ok(Reply::empty())
}
