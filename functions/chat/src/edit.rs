//! `PUT /chat/{token}/{message}`: gives a message another text.

use std::collections::BTreeSet;

use shared::domain::account::UserId;
use shared::domain::chat::{Mentions, Message, MessageId, Names};
use shared::domain::identity::User;
use shared::domain::permission::Writer;
use shared::domain::room::{Participant, Token};
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::{ChatReading, Rewording};

use crate::object::{because, names_of, object, or_refused, with_common_read};
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
    let ChatReading { standing, about, here } = exchange.beside_login(&user, reading).await?;
    let writer = standing.member(&user)?.writer()?;
    let message = writer.may_edit(about, exchange.now)?;
    if !Writer::is_editable(&message, exchange.now) {
        return Err(because(Refusal::bad_request("A message can be edited for a day."), "age"));
    }
    let text = acceptable(&text)?;
    let known = names_of(&here);
    let mentions = mentioned(text.as_str(), &known)?;
    let meant = newly_meant(&user, &message, &mentions, &here);
    let names = names_around(exchange, &writer, &message).await?.and(known);
    let rewording = Rewording { text: &text, mentions, meant: &meant, names: names.clone() };
    let (edited, told, news) = exchange.table.edit(&writer, message, rewording, exchange.occasion()).await?;
    exchange.tell(news).await;
    told_of(&writer, &edited, &told, &names)
}

/// Those who are to find a mark: all whom the text means now and did not mean before, but neither its author nor its editor,
/// nor anybody whom a later message means as well.
fn newly_meant(
    editor: &User,
    message: &Message,
    mentions: &Mentions,
    here: &[Participant],
) -> BTreeSet<UserId> {
    let is_writer = |user: &UserId| message.author.is(user) || user == editor.id();
    let was_meant = |user: &UserId| message.mentions.users().any(|it| it == user.as_str());
    let is_meant = |user: &UserId| mentions.users().any(|it| it == user.as_str());
    let newly = here.iter().filter(|it| is_meant(&it.user) && !was_meant(&it.user) && !is_writer(&it.user));
    newly.filter(|it| it.attendance.mentioned < message.id).map(|it| it.user.clone()).collect()
}

/// What everybody is called who is to be named beside a message that its writer changes. It is read before that: nothing
/// may fail any more when it has happened.
pub(crate) async fn names_around(
    exchange: &Exchange<'_>,
    writer: &Writer,
    message: &Message,
) -> Result<Names, Refusal> {
    let member = writer.member();
    let users: Vec<_> = message.users().collect();
    let names = exchange.table.names(&writer.room().token, &users).await?;
    Ok(names.with(member.user(), member.display_name()))
}

/// What the room says of a changed message, with that as its parent.
pub(crate) fn told_of(
    writer: &Writer,
    changed: &Message,
    told: &Message,
    names: &Names,
) -> Result<Reply, Refusal> {
    let shown = object(told, Some(changed), names, writer.member());
    Ok(with_common_read(Reply::ok(shown)?, writer.room().common_read))
}
