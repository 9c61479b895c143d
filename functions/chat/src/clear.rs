//! `DELETE /chat/{token}`: lets everything vanish that was said so far.

use shared::domain::chat::Names;
use shared::domain::permission::Moderator;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::object::{object, with_common_read};

pub(crate) async fn clear(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    moderator.may_clear_history()?;
    let (told, news) = exchange.table.clear_history(&moderator, exchange.occasion()).await?;
    exchange.tell(news).await;
    let (room, member) = (moderator.room(), moderator.member());
    // Nobody reads it any more; what is not removed now goes with the next clearing, or with the room.
    let _ = exchange.table.erase_messages(&room.token, told.id).await;
    let names = Names::default().with(member.user(), member.display_name());
    Ok(with_common_read(Reply::ok(object(&told, None, &names, member))?, room.common_read))
}
