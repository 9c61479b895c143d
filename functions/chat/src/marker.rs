//! `POST` and `DELETE /chat/{token}/read`: how far the caller has read.

use shared::domain::chat::MessageId;
use shared::domain::permission::Member;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::object::with_common_read;

/// Up to a message, or up to the latest one.
pub(crate) async fn mark(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    let room = member.room();
    let id = MessageId::from_number(exchange.parameters()?.integer("lastReadMessage")?);
    let marker = match id {
        Some(id) => exchange.table.marker_at(room, id, exchange.now).await?,
        None => room.chat.end(),
    };
    exchange.table.mark(&member, marker, exchange.now).await?;
    Ok(with_common_read(Reply::empty(), room.common_read))
}

/// Up to before the latest message of people, so that one is new.
pub(crate) async fn unmark(exchange: &Exchange<'_>, member: Member) -> Result<Reply, Refusal> {
    let marker = exchange.table.marker_before_the_last(member.room(), exchange.now).await?;
    exchange.table.mark(&member, marker, exchange.now).await?;
    Ok(with_common_read(Reply::empty(), member.room().common_read))
}
