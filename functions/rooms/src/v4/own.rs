//! `POST` and `DELETE /room/{token}/favorite`, `POST /room/{token}/notify` and `/notify-calls`: what a member keeps of a room
//! for itself.

use shared::domain::attendance::NotificationLevel;
use shared::domain::permission::Member;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn mark(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    exchange.table.set_favorite(&member, true).await?;
    Ok(Reply::empty())
}

pub(crate) async fn unmark(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    exchange.table.set_favorite(&member, false).await?;
    Ok(Reply::empty())
}

pub(crate) async fn notify(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    let level = NotificationLevel::from_number(exchange.parameters()?.integer("level")?);
    let level = level.ok_or_else(|| Refusal::bad_request("level must be a number from 0 to 3."))?;
    exchange.table.set_notification_level(&member, level).await?;
    Ok(Reply::empty())
}

pub(crate) async fn notify_of_calls(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    let ignores_calls = match exchange.parameters()?.integer("level")? {
        0 => true,
        1 => false,
        _ => return Err(Refusal::bad_request("level must be 0 or 1.")),
    };
    exchange.table.set_ignores_calls(&member, ignores_calls).await?;
    Ok(Reply::empty())
}
