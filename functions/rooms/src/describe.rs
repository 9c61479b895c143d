//! `PUT /room/{token}/description`: says what a room is for; empty takes it away.

use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn describe(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    let description = exchange.parameters()?.read_as("description")?;
    moderator.may_describe()?;
    exchange.tell(exchange.table.describe_room(&moderator, &description).await?).await;
    Ok(Reply::empty())
}
