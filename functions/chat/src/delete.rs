//! `DELETE /chat/{token}/{message}`: takes a message back. That there was one stays.

use shared::domain::chat::MessageId;
use shared::domain::identity::User;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::ChatReading;

use crate::edit::{names_around, told_of};
use crate::object::or_refused;

pub(crate) async fn delete(
    exchange: &Exchange<'_>,
    user: User,
    token: &Token,
    id: MessageId,
) -> Result<Reply, Refusal> {
    or_refused(exchange, &user, token, exchange.parameters()).await?;
    let reading = exchange.table.chat(token, user.id(), Some(id), &[]);
    let ChatReading { standing, about, .. } = exchange.beside_login(&user, reading).await?;
    let writer = standing.member(&user)?.writer()?;
    let message = writer.may_delete(about, exchange.now)?;
    let names = names_around(exchange, &writer, &message).await?;
    let (deleted, told, news) = exchange.table.delete_message(&writer, message, exchange.occasion()).await?;
    exchange.tell(news).await;
    told_of(&writer, &deleted, &told, &names)
}
