//! `/reaction/{token}/{message}`: what people feel about a message.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use shared::domain::account::UserId;
use shared::domain::chat::{Message, MessageId, Names, Reaction};
use shared::domain::emoji::Emoji;
use shared::domain::identity::User;
use shared::domain::input::Input as _;
use shared::domain::permission::{Member, Writer};
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::ChatReading;

use crate::object::or_refused;

pub(crate) async fn list(
    exchange: &Exchange<'_>,
    user: User,
    token: &Token,
    id: MessageId,
) -> Result<Reply, Refusal> {
    let emoji = emoji(exchange, &user, token).await?;
    let reading = exchange.table.chat(token, user.id(), Some(id), &[]);
    let ChatReading { standing, about, .. } = exchange.beside_login(&user, reading).await?;
    let member = standing.member(&user)?;
    let message = member.sees(about, exchange.now)?;
    let names = names(exchange, &member, &message).await?;
    Reply::ok(given(&message, &names, &emoji))
}

/// Reacts; one who has reacted so already reads 200.
pub(crate) async fn react(
    exchange: &Exchange<'_>,
    user: User,
    token: &Token,
    id: MessageId,
) -> Result<Reply, Refusal> {
    let emoji = emoji(exchange, &user, token).await?;
    let (writer, message) = answerable(exchange, &user, token, id).await?;
    if Emoji::parse(&emoji).is_none() {
        return Err(Refusal::bad_request(format!("reaction {}", Emoji::rule())));
    }
    let is_own = |it: &Reaction| it.emoji == emoji && it.by.is(user.id());
    let names = names(exchange, writer.member(), &message).await?;
    if message.reactions.iter().any(is_own) {
        return Reply::ok(given(&message, &names, ""));
    }
    let (message, news) = exchange.table.react(&writer, message, &emoji, exchange.occasion()).await?;
    exchange.tell(news).await;
    Reply::created(given(&message, &names, ""))
}

pub(crate) async fn take_back(
    exchange: &Exchange<'_>,
    user: User,
    token: &Token,
    id: MessageId,
) -> Result<Reply, Refusal> {
    let emoji = emoji(exchange, &user, token).await?;
    let (writer, message) = answerable(exchange, &user, token, id).await?;
    let own = message.reactions.iter().find(|it| it.emoji == emoji && it.by.is(user.id())).cloned();
    let own = own.ok_or_else(Refusal::not_found)?;
    let names = names(exchange, writer.member(), &message).await?;
    let (message, news) =
        exchange.table.take_reaction_back(&writer, message, &own, exchange.occasion()).await?;
    exchange.tell(news).await;
    Reply::ok(given(&message, &names, ""))
}

async fn emoji(exchange: &Exchange<'_>, user: &User, token: &Token) -> Result<String, Refusal> {
    let read = exchange.parameters().and_then(|parameters| parameters.text_or_empty("reaction"));
    or_refused(exchange, user, token, read).await
}

async fn answerable(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
    id: MessageId,
) -> Result<(Writer, Message), Refusal> {
    let reading = exchange.table.chat(token, user.id(), Some(id), &[]);
    let ChatReading { standing, about, .. } = exchange.beside_login(user, reading).await?;
    let writer = standing.member(user)?.writer()?;
    let message = writer.may_answer(about, exchange.now)?;
    Ok((writer, message))
}

/// What those are called who reacted. It is read before anything changes: nothing may fail any more when that has happened.
async fn names(exchange: &Exchange<'_>, reader: &Member, message: &Message) -> Result<Names, Refusal> {
    let users = message.reactions.iter().filter_map(|it| UserId::parse(&it.by.id));
    let others: BTreeSet<UserId> = users.filter(|user| user != reader.user()).collect();
    let others: Vec<UserId> = others.into_iter().collect();
    let names = exchange.table.names(&reader.room().token, &others).await?;
    Ok(names.with(reader.user(), reader.display_name()))
}

/// Who gave which emoji; with one that is named, that alone.
fn given(message: &Message, names: &Names, emoji: &str) -> Value {
    let mut given: Map<String, Value> = Map::new();
    for reaction in message.reactions.iter().filter(|it| emoji.is_empty() || it.emoji == emoji) {
        let (kind, id, name) = names.author(&reaction.by);
        let entry = json!({
            "actorType": kind, "actorId": id, "actorDisplayName": name, "timestamp": reaction.at,
        });
        let list = given.entry(reaction.emoji.clone()).or_insert_with(|| json!([]));
        list.as_array_mut().into_iter().for_each(|list| list.push(entry.clone()));
    }
    // PHP, from which this API comes, writes an empty map as a list.
    if given.is_empty() { json!([]) } else { Value::Object(given) }
}
