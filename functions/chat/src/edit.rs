//! `PUT /chat/{token}/{message}`: gives a message another text.

use shared::domain::chat::{Message, MessageId};
use shared::domain::identity::User;
use shared::domain::permission::Writer;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::ChatReading;

use crate::object::{because, object, or_refused, with_common_read};
use crate::send::{acceptable, meant_by, mentioned};

pub(crate) async fn edit(
    exchange: &Exchange<'_>,
    user: User,
    token: &Token,
    id: MessageId,
) -> Result<Reply, Refusal> {
    let text = exchange.parameters_of(&user).and_then(|parameters| parameters.text_or_empty("message"));
    let text = or_refused(exchange, &user, token, text).await?;
    let meant = meant_by(&text);
    let reading = exchange.table.chat(token, user.id(), Some(id), &meant);
    let ChatReading { standing, about, names } = exchange.beside_login(&user, reading).await?;
    let writer = standing.member(&user)?.writer()?;
    let message = writer.may_edit(about, exchange.now)?;
    if !Writer::is_editable(&message, exchange.now) {
        return Err(because(Refusal::bad_request("A message can be edited for a day."), "age"));
    }
    let text = acceptable(&text)?;
    let mentions = mentioned(text.as_str(), &names)?;
    let (edited, told, news) =
        exchange.table.edit(&writer, message, &text, mentions, exchange.occasion()).await?;
    exchange.tell(news).await;
    told_of(exchange, &writer, edited, told).await
}

/// What the room says of a changed message, with that as its parent.
pub(crate) async fn told_of(
    exchange: &Exchange<'_>,
    writer: &Writer,
    changed: Message,
    told: Message,
) -> Result<Reply, Refusal> {
    let (room, member) = (writer.room(), writer.member());
    let users: Vec<_> = changed.users().chain(told.users()).collect();
    let names = exchange.table.names(&room.token, &users).await?;
    let shown = object(&told, Some(&changed), &names, member);
    Ok(with_common_read(Reply::ok(shown)?, room.common_read))
}
