//! What a client sends: a list of entries, some of which are messages.

use serde_json::{Map, Value};
use shared::domain::address::Address;
use shared::domain::permission::Speaker;
use shared::gateway::{Parameters, Refusal, objects};
use shared::herald::frame::{self, Kind};
use shared::table::Message;

/// The longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// All messages of a request, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// The sender's name, and what is around a message for a socket, are added to it, in bytes.
const SENDER_BYTES: usize = 2048;
/// The most messages of one request: what one transaction takes.
const MAX_MESSAGES: usize = 100;

/// The entries of a request, within the limits.
pub(crate) struct Entries(Vec<Entry>);

/// One entry; what is missing or no text is `None`.
struct Entry {
    event: Option<String>,
    sender: Option<String>,
    /// The message itself, JSON text.
    payload: Option<String>,
}

impl Entry {
    fn new(fields: &Parameters) -> Self {
        let text = |name| fields.text(name).ok().flatten();
        Self { event: text("ev"), sender: text("sessionId"), payload: text("fn") }
    }
}

impl Entries {
    /// Reads the parameter `messages`.
    ///
    /// # Errors
    /// 400 when it is no list, 413 beyond a limit.
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let objects = objects(&parameters.text_or_empty("messages")?, MAX_MESSAGES.saturating_add(1))
            .ok_or_else(|| Refusal::bad_request("messages must be a text that holds a JSON list."))?;
        if objects.len() > MAX_MESSAGES {
            return Err(Refusal::too_large(format!("messages must hold at most {MAX_MESSAGES} messages.")));
        }
        let entries: Vec<Entry> = objects.iter().map(Entry::new).collect();
        demand_size(entries.iter().filter_map(|entry| entry.payload.as_deref()), 0)?;
        Ok(Self(entries))
    }

    /// What else is asked for, in order.
    pub(crate) fn events(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|entry| entry.event.as_deref())
    }

    /// The messages to others in the call, under the sender's own name.
    ///
    /// # Errors
    /// 413 for numbers that, written again, are too long.
    pub(crate) fn messages<'a>(&self, speaker: &'a Speaker) -> Result<Vec<Message<'a>>, Refusal> {
        let messages: Vec<_> = self.0.iter().filter_map(|entry| message(speaker, entry)).collect();
        demand_size(messages.iter().map(|message| message.text.as_str()), SENDER_BYTES)?;
        Ok(messages)
    }
}

/// Refuses what is longer than the limits, to each of which `more` is added for every message.
fn demand_size<'a>(texts: impl Iterator<Item = &'a str> + Clone, more: usize) -> Result<(), Refusal> {
    let lengths = || texts.clone().map(|text| text.len().saturating_sub(more));
    if lengths().any(|length| length > MAX_MESSAGE_BYTES) || lengths().sum::<usize>() > MAX_BYTES {
        return Err(Refusal::too_large(format!(
            "A message must have at most {MAX_MESSAGE_BYTES} bytes, all of a request at most {MAX_BYTES}."
        )));
    }
    Ok(())
}

/// A message under the sender's own name; `None` for what is to be ignored (`docs/api.md#sending`), for oneself,
/// and for those who are not in the call.
fn message<'a>(speaker: &'a Speaker, entry: &Entry) -> Option<Message<'a>> {
    let own = speaker.session().as_str();
    if entry.event.as_deref()? != "message" || entry.sender.as_deref()? != own {
        return None;
    }
    let mut payload: Map<String, Value> = serde_json::from_str(entry.payload.as_deref()?).ok()?;
    let recipient = speaker.listener(payload.get("to")?.as_str()?)?;
    payload.insert("from".to_owned(), Value::from(speaker.address()));
    let payload = Value::Object(payload);
    let text = match recipient.address {
        Address::Poll(_) => payload.to_string(),
        Address::Socket(_) => {
            frame::message(Kind::Message, "session", speaker.address(), speaker.user(), &payload).to_string()
        }
    };
    Some(Message { recipient, text })
}
