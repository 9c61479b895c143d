//! `/reaction/{token}/{message}`: what people feel about a message.

use serde_json::{Map, Value, json};
use shared::domain::account::UserId;
use shared::domain::chat::{Message, MessageId, Reaction};
use shared::domain::identity::User;
use shared::domain::permission::Writer;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::ChatReading;
use unicode_properties::UnicodeEmoji as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::object::or_refused;

/// The longest emoji, in bytes: families of four with skin tones have 41.
const MAX_EMOJI_BYTES: usize = 64;

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
    Reply::ok(given(exchange, token, &message, &emoji).await?)
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
    if !is_emoji(&emoji) {
        return Err(Refusal::bad_request("reaction must be one emoji."));
    }
    let is_own = |it: &Reaction| it.emoji == emoji && it.by.is(user.id());
    if message.reactions.iter().any(is_own) {
        return Reply::ok(given(exchange, token, &message, "").await?);
    }
    let (message, news) = exchange.table.react(&writer, message, &emoji, exchange.occasion()).await?;
    exchange.tell(news).await;
    Reply::created(given(exchange, token, &message, "").await?)
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
    let (message, news) =
        exchange.table.take_reaction_back(&writer, message, &own, exchange.occasion()).await?;
    exchange.tell(news).await;
    Reply::ok(given(exchange, token, &message, "").await?)
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

/// Who gave which emoji; with one that is named, that alone.
async fn given(
    exchange: &Exchange<'_>,
    token: &Token,
    message: &Message,
    emoji: &str,
) -> Result<Value, Refusal> {
    let reactions = || message.reactions.iter().filter(|it| emoji.is_empty() || it.emoji == emoji);
    let users: Vec<UserId> = reactions().filter_map(|it| UserId::parse(&it.by.id)).collect();
    let names = exchange.table.names(token, &users).await?;
    let mut given: Map<String, Value> = Map::new();
    for reaction in reactions() {
        let (kind, id, name) = names.author(&reaction.by);
        let entry = json!({
            "actorType": kind, "actorId": id, "actorDisplayName": name, "timestamp": reaction.at,
        });
        let list = given.entry(reaction.emoji.clone()).or_insert_with(|| json!([]));
        list.as_array_mut().into_iter().for_each(|list| list.push(entry.clone()));
    }
    // PHP, from which this API comes, writes an empty map as a list.
    Ok(if given.is_empty() { json!([]) } else { Value::Object(given) })
}

/// Whether a text is one emoji, whatever joins its parts.
fn is_emoji(text: &str) -> bool {
    let is_pictured = |c: char| c.is_emoji_char() && !c.is_ascii();
    let is_flagged = |c: char| matches!(c, '\u{fe0f}' | '\u{20e3}');
    text.len() <= MAX_EMOJI_BYTES
        && text.graphemes(true).count() == 1
        && text.chars().any(|c| is_pictured(c) || is_flagged(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_sign_whatever_it_is_made_of() {
        for good in [
            "👍",
            "❤\u{fe0f}",
            "☝\u{fe0f}\u{fe0f}",
            "👩\u{200d}👩\u{200d}👧",
            "🇩🇪",
            "👋🏽",
            "1\u{fe0f}\u{20e3}",
        ] {
            assert!(is_emoji(good), "{good}");
        }
        for bad in ["", "a", "1", "ä", "👍👍", "👍a", " ", &"👩\u{200d}".repeat(20)] {
            assert!(!is_emoji(bad), "{bad}");
        }
    }
}
