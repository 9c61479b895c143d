//! What a message says to one reader: its text, with braces where somebody or something is named, and what those stand for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::mention::EVERYBODY;
use super::message::{Author, Message};
use super::names::Names;
use super::reader::Reader;
use super::verb::Verb;
use crate::domain::room::RoomType;

/// The text, with braces where somebody or something is named, and what the braces stand for.
pub(super) fn words(message: &Message, names: &Names, reader: &Reader<'_>) -> (String, Map<String, Value>) {
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
