//! `PUT /room/{token}`: gives a room a name; the empty name brings the list of people back.

use shared::domain::name::RoomName;
use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn rename(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    // The length comes before the type: an over-long name for a one-to-one room is 400.
    let name: RoomName = exchange.parameters()?.read_as("roomName")?;
    moderator.may_rename()?;
    exchange.tell(exchange.table.rename_room(&moderator, name.as_str(), exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
