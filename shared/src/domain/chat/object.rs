//! The message object (`docs/api-v4.md#the-message-object`): a message with names instead of ids, as one reader sees it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::message::{Message, MessageId, Reaction};
use super::names::Names;
use super::reader::Reader;
use super::words::words;
use crate::domain::room::Token;
use crate::domain::time::Timestamp;

/// A message as a reader sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageObject<'a> {
    id: MessageId,
    token: Token,
    actor_type: &'a str,
    actor_id: &'a str,
    actor_display_name: &'a str,
    timestamp: Timestamp,
    message: String,
    message_parameters: Value,
    system_message: &'static str,
    message_type: &'static str,
    is_replyable: bool,
    reference_id: &'a str,
    reactions: Map<String, Value>,
    expiration_timestamp: Timestamp,
    markdown: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_edit_actor_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_edit_actor_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_edit_actor_display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_edit_timestamp: Option<Timestamp>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    silent: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions_self: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Parent<'a>>,
}

/// The message to which another one is an answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Parent<'a> {
    Known(Box<MessageObject<'a>>),
    Gone { id: MessageId, deleted: bool },
}

impl<'a> MessageObject<'a> {
    /// A message with the reader's own reactions and the message that it answers, unless that is gone.
    #[must_use]
    pub fn new(
        message: &'a Message,
        parent: Option<&'a Message>,
        names: &'a Names,
        reader: &Reader<'_>,
    ) -> Self {
        let own = message.reactions.iter().filter(|it| reader.is(&it.by));
        let parent = message.parent.map(|id| match parent {
            Some(parent) => Parent::Known(Box::new(Self::alone(parent, names, reader))),
            None => Parent::Gone { id, deleted: true },
        });
        let reactions_self = own.map(|it| it.emoji.as_str()).collect();
        Self { reactions_self, parent, ..Self::alone(message, names, reader) }
    }

    /// A message without either, as lists of rooms and answers show it.
    #[must_use]
    pub fn alone(message: &'a Message, names: &'a Names, reader: &Reader<'_>) -> Self {
        let (text, parameters) = words(message, names, reader);
        let is_of_people = message.verb.is_of_people();
        let (actor_type, actor_id, actor_display_name) = names.author(&message.author);
        let editor = message.edited.as_ref().map(|edited| names.author(&edited.by));
        Self {
            id: message.id,
            token: reader.token.clone(),
            actor_type,
            actor_id,
            actor_display_name,
            timestamp: message.said_at,
            message: text,
            message_parameters: listed_if_empty(parameters),
            system_message: if is_of_people { "" } else { message.verb.name() },
            message_type: match (is_of_people, &message.deleted) {
                (_, Some(_)) => "comment_deleted",
                (true, None) => "comment",
                (false, None) => "system",
            },
            is_replyable: message.is_replyable(),
            reference_id: message.reference.as_str(),
            reactions: counted(&message.reactions),
            expiration_timestamp: message.expires_at.unwrap_or_default(),
            markdown: is_of_people,
            last_edit_actor_type: editor.map(|(kind, ..)| kind),
            last_edit_actor_id: editor.map(|(_, id, _)| id),
            last_edit_actor_display_name: editor.map(|(.., name)| name),
            last_edit_timestamp: message.edited.as_ref().map(|edited| edited.at),
            deleted: message.deleted.is_some(),
            silent: message.is_silent,
            reactions_self: Vec::new(),
            parent: None,
        }
    }
}

/// How often each emoji was given, in the order in which they came.
fn counted(reactions: &[Reaction]) -> Map<String, Value> {
    let mut counts: Map<String, Value> = Map::new();
    for reaction in reactions {
        let count = counts.get(&reaction.emoji).and_then(Value::as_u64).unwrap_or_default();
        counts.insert(reaction.emoji.clone(), json!(count + 1));
    }
    counts
}

/// PHP, from which this API comes, writes an empty map as a list.
fn listed_if_empty(parameters: Map<String, Value>) -> Value {
    if parameters.is_empty() { json!([]) } else { Value::Object(parameters) }
}
