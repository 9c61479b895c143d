//! The message object (`docs/api-v4.md#the-message-object`): a message with names instead of ids, as one reader sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::mention::EVERYBODY;
use super::message::{Author, Message, Reaction};
use super::names::Names;
use super::verb::Verb;
use crate::domain::account::UserId;
use crate::domain::room::{RoomType, Token};

/// Who reads, and where.
pub struct Reader<'a> {
    pub token: &'a Token,
    pub room_type: RoomType,
    /// What the room is called for the reader.
    pub room_name: &'a str,
    /// The reader, of those with an account.
    pub user: Option<&'a UserId>,
}

impl Reader<'_> {
    fn is(&self, author: &Author) -> bool {
        self.user.is_some_and(|user| author.is(user))
    }
}

/// A message as a reader sees it; `parent` is the one to which it is an answer, unless that is gone.
#[must_use]
pub fn message_object(
    message: &Message,
    parent: Option<&Message>,
    names: &Names,
    reader: &Reader<'_>,
) -> Value {
    let mut object = fields(message, names, reader);
    let reactions: Vec<&str> =
        message.reactions.iter().filter(|it| reader.is(&it.by)).map(|it| it.emoji.as_str()).collect();
    if !reactions.is_empty() {
        object.insert("reactionsSelf".to_owned(), json!(reactions));
    }
    if let Some(id) = message.parent {
        let parent = match parent {
            Some(parent) => Value::Object(fields(parent, names, reader)),
            None => json!({"id": id, "deleted": true}),
        };
        object.insert("parent".to_owned(), parent);
    }
    Value::Object(object)
}

/// Everything but the parent.
fn fields(message: &Message, names: &Names, reader: &Reader<'_>) -> Map<String, Value> {
    let (text, parameters) = words(message, names, reader);
    let is_of_people = message.verb.is_of_people();
    let kind = match (is_of_people, &message.deleted) {
        (_, Some(_)) => "comment_deleted",
        (true, None) => "comment",
        (false, None) => "system",
    };
    let (actor_type, actor_id, name) = names.author(&message.author);
    let mut object = json!({
        "id": message.id,
        "token": reader.token,
        "actorType": actor_type,
        "actorId": actor_id,
        "actorDisplayName": name,
        "timestamp": message.said_at,
        "message": text,
        "messageParameters": listed_if_empty(parameters),
        "systemMessage": if is_of_people { "" } else { message.verb.name() },
        "messageType": kind,
        "isReplyable": message.is_replyable(),
        "referenceId": message.reference.as_str(),
        "reactions": counted(&message.reactions),
        "expirationTimestamp": message.expires_at.unwrap_or_default(),
        "markdown": is_of_people,
    });
    let fields = object.as_object_mut().map(std::mem::take).unwrap_or_default();
    with_traces(fields, message, names)
}

fn with_traces(mut object: Map<String, Value>, message: &Message, names: &Names) -> Map<String, Value> {
    if let Some(edited) = &message.edited {
        let (kind, id, name) = names.author(&edited.by);
        object.insert("lastEditActorType".to_owned(), json!(kind));
        object.insert("lastEditActorId".to_owned(), json!(id));
        object.insert("lastEditActorDisplayName".to_owned(), json!(name));
        object.insert("lastEditTimestamp".to_owned(), json!(edited.at));
    }
    if message.deleted.is_some() {
        object.insert("deleted".to_owned(), json!(true));
    }
    if message.is_silent {
        object.insert("silent".to_owned(), json!(true));
    }
    object
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

/// The text, with braces where somebody or something is named, and what the braces stand for.
fn words(message: &Message, names: &Names, reader: &Reader<'_>) -> (String, Map<String, Value>) {
    match (message.verb, &message.deleted) {
        (Verb::Comment, None) => comment(message, names, reader),
        (Verb::Comment | Verb::ObjectShared, Some(deleted)) => {
            let parameters = Map::from_iter([("actor".to_owned(), person(&deleted.by, names))]);
            let text = match (reader.is(&deleted.by), deleted.by == message.author) {
                (true, _) => "You deleted a message",
                (false, true) => "Message deleted by its author",
                (false, false) => "Message deleted by {actor}",
            };
            (text.to_owned(), parameters)
        }
        (Verb::ObjectShared, None) => {
            let object = message.about.iter().map(|(name, value)| (name.clone(), json!(value)));
            let parameters = Map::from_iter([
                ("actor".to_owned(), person(&message.author, names)),
                ("object".to_owned(), Value::Object(object.collect())),
            ]);
            (message.verb.text().to_owned(), parameters)
        }
        _ => of_the_room(message, names, reader),
    }
}

/// Somebody's words, with names for those who are meant.
fn comment(message: &Message, names: &Names, reader: &Reader<'_>) -> (String, Map<String, Value>) {
    let mut text = String::with_capacity(message.text.len());
    let mut parameters = Map::new();
    let mut placeholders: BTreeMap<String, String> = BTreeMap::new();
    let (mut end, mut people) = (0, 0);
    for (range, name) in message.mentions.places(&message.text) {
        let placeholder = match placeholders.get(&name) {
            Some(known) => known.clone(),
            None if name == EVERYBODY => "mention-call1".to_owned(),
            None => {
                people += 1;
                format!("mention-user{people}")
            }
        };
        let meant = if name == EVERYBODY { everybody(reader) } else { user(&name, names) };
        parameters.insert(placeholder.clone(), meant);
        text.push_str(message.text.get(end..range.start).unwrap_or_default());
        text.push_str(&format!("{{{placeholder}}}"));
        placeholders.insert(name, placeholder);
        end = range.end;
    }
    text.push_str(message.text.get(end..).unwrap_or_default());
    (text, parameters)
}

/// What the room says of itself; the reader is "you".
fn of_the_room(message: &Message, names: &Names, reader: &Reader<'_>) -> (String, Map<String, Value>) {
    let about = |name: &str| message.about.get(name).map(String::as_str);
    let mut parameters = Map::from_iter([("actor".to_owned(), person(&message.author, names))]);
    let is_oneself = about("user").is_some_and(|user| user == message.author.id);
    let text = match message.verb {
        Verb::UserAdded if is_oneself => "{actor} joined the conversation",
        Verb::UserRemoved if is_oneself => "{actor} left the conversation",
        verb => verb.text(),
    };
    let mut text = text.to_owned();
    if reader.is(&message.author) {
        text = text.replace("{actor}", "You");
    }
    if let Some(id) = about("user") {
        parameters.insert("user".to_owned(), user(id, names));
        if reader.user.is_some_and(|reader| reader.as_str() == id) {
            text = text.replace("{user}", "you");
        }
    }
    if let Some(group) = about("group") {
        parameters.insert("group".to_owned(), json!({"type": "user-group", "id": group, "name": group}));
    }
    for name in ["old", "new", "reaction"] {
        text = text.replace(&format!("%{name}"), about(name).unwrap_or_default());
    }
    (text, parameters)
}

fn everybody(reader: &Reader<'_>) -> Value {
    let kind = match reader.room_type {
        RoomType::OneToOne => "one2one",
        RoomType::Group => "group",
        RoomType::Public => "public",
    };
    // Two people's room, and one that v1 made, have no name.
    let name = if reader.room_name.is_empty() { EVERYBODY } else { reader.room_name };
    json!({"type": "call", "id": reader.token, "name": name, "call-type": kind, "icon-url": ""})
}

fn person(author: &Author, names: &Names) -> Value {
    match author.kind.as_str() {
        "users" => user(&author.id, names),
        kind => {
            let id = format!("guest/{}", author.id);
            json!({"type": kind.trim_end_matches('s'), "id": id, "name": "", "mention-id": id})
        }
    }
}

fn user(id: &str, names: &Names) -> Value {
    match names.of(id) {
        Some(name) => json!({"type": "user", "id": id, "name": name, "mention-id": id}),
        None => json!({"type": "highlight", "id": "deleted_users", "name": id}),
    }
}
