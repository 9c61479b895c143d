//! What a client sends: a list of entries, read no further than anybody looks at it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::refusal::Refusal;

/// The longest message, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// All messages of a request, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// The most messages of one request: what one transaction takes.
const MAX_MESSAGES: usize = 100;

/// The entries of a request, within the limits.
pub(crate) struct Entries(Vec<Entry>);

impl Entries {
    /// Reads the parameter `messages`.
    ///
    /// # Errors
    /// 400 when it is no list, 413 beyond a limit.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let list: List = serde_json::from_str(text)
            .map_err(|_| Refusal::bad_request("messages must be a text that holds a JSON list."))?;
        if list.is_too_long {
            return Err(Refusal::too_large(format!("messages must hold at most {MAX_MESSAGES} messages.")));
        }
        let lengths = || list.entries.iter().map(|entry| entry.payload.as_ref().map_or(0, String::len));
        if lengths().any(|length| length > MAX_MESSAGE_BYTES) || lengths().sum::<usize>() > MAX_BYTES {
            return Err(Refusal::too_large(format!(
                "A message must have at most {MAX_MESSAGE_BYTES} bytes, all of a request at most {MAX_BYTES}."
            )));
        }
        Ok(Self(list.entries))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}

/// One entry; what is missing or no text is `None`.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) event: Option<String>,
    pub(crate) sender: Option<String>,
    /// The message itself, JSON text.
    pub(crate) payload: Option<String>,
}

/// An object whose values nobody but the recipient reads.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Payload(BTreeMap<String, Box<RawValue>>);

impl Payload {
    /// Reads a message; `None` when it is no object.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// To which session it goes.
    pub(crate) fn recipient(&self) -> Option<String> {
        serde_json::from_str(self.0.get("to")?.get()).ok()
    }

    /// The text under the sender's own name.
    pub(crate) fn signed(mut self, sender: &str) -> Option<String> {
        self.0.insert("from".to_owned(), serde_json::value::to_raw_value(sender).ok()?);
        serde_json::to_string(&self).ok()
    }
}

/// The fields of an entry, not read yet.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    ev: Option<&'a RawValue>,
    #[serde(borrow, rename = "sessionId")]
    session_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "fn")]
    payload: Option<&'a RawValue>,
}

impl Entry {
    fn parse(raw: &RawValue) -> Self {
        let fields: Fields<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        let text = |field: Option<&RawValue>| serde_json::from_str(field?.get()).ok();
        Self { event: text(fields.ev), sender: text(fields.session_id), payload: text(fields.payload) }
    }
}

/// The entries up to the limit; the others are passed over.
struct List {
    entries: Vec<Entry>,
    is_too_long: bool,
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = List;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List, A::Error> {
                let mut entries = Vec::new();
                while entries.len() < MAX_MESSAGES {
                    match list.next_element()? {
                        Some(raw) => entries.push(Entry::parse(raw)),
                        None => return Ok(List { entries, is_too_long: false }),
                    }
                }
                let is_too_long = list.next_element::<IgnoredAny>()?.is_some();
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(List { entries, is_too_long })
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}
