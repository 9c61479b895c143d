//! `POST /chat/{token}/share`: shows something of another app in the chat.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::domain::chat::{Author, Message, Names, ReferenceId, Verb};
use shared::domain::identity::User;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Parameters, Refusal, Reply};
use shared::table::ChatReading;

use crate::object::or_refused;
use crate::send::say;

/// The longest word for what is shared, and the longest id of it, in characters.
const MAX_NAME_CHARACTERS: usize = 64;
/// The longest description of it, in bytes: each list of rooms pays for it as long as nothing else is said.
const MAX_DESCRIPTION_BYTES: usize = 4 * 1024;

pub(crate) async fn share(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let read = exchange.parameters().and_then(|parameters| {
        Ok((object(parameters), ReferenceId::new(&parameters.text_or_empty("referenceId")?)))
    });
    let (object, reference) = or_refused(exchange, &user, token, read).await?;
    let reading = exchange.table.chat(token, user.id(), None, &[]);
    let ChatReading { standing, .. } = exchange.beside_login(&user, reading).await?;
    let writer = standing.member(&user)?.writer()?;
    let author = Author::user(user.id());
    let message =
        Message { about: object?, reference, ..exchange.occasion().message(author, Verb::ObjectShared) };
    say(exchange, &writer, message, None, Names::default()).await
}

/// What is shared, as clients read it: all of it texts.
fn object(parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let (kind, id) = (parameters.text_or_empty("objectType")?, parameters.text_or_empty("objectId")?);
    let description = parameters.text_or_empty("metaData")?;
    let is_name = |text: &str| (1..=MAX_NAME_CHARACTERS).contains(&text.chars().count());
    if !is_name(&kind) || !is_name(&id) {
        let sentence = format!("objectType and objectId must have 1 to {MAX_NAME_CHARACTERS} characters.");
        return Err(Refusal::bad_request(sentence));
    }
    if description.len() > MAX_DESCRIPTION_BYTES {
        return Err(Refusal::bad_request(format!(
            "metaData must have at most {MAX_DESCRIPTION_BYTES} bytes."
        )));
    }
    let no_object = || Refusal::bad_request("metaData must be a text that holds a JSON object with a name.");
    let fields: Map<String, Value> = serde_json::from_str(&description).map_err(|_| no_object())?;
    let mut object: BTreeMap<String, String> =
        fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    let lacks = |name: &str| object.get(name).is_none_or(String::is_empty);
    if lacks("name") {
        return Err(no_object());
    }
    if kind == "call" && lacks("call-type") {
        return Err(Refusal::bad_request("metaData of a call must have a call-type."));
    }
    if kind == "geo-location" && !id.starts_with("geo:") {
        return Err(Refusal::bad_request("objectId of a place must be like geo:52.5,13.4."));
    }
    object.insert("type".to_owned(), kind);
    object.insert("id".to_owned(), id);
    Ok(object)
}
