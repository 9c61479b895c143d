//! One message of a chat, as it is stored: raw, with ids where names are shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mention::Mentions;
use super::verb::Verb;
use crate::domain::account::UserId;
use crate::domain::input::Input;
use crate::domain::time::Timestamp;

/// The longest message, in characters.
pub const MAX_MESSAGE_CHARACTERS: usize = 32_000;
/// What people with an account are called as authors.
const USERS: &str = "users";
/// How much is kept of what a client calls its message, in characters.
const MAX_REFERENCE_CHARACTERS: usize = 64;

/// The number of a message: from 1 on, in the order in which the messages of a room were stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

impl MessageId {
    /// Reads a number as a client sends it; `None` for one that no message has.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        u64::try_from(number).ok().filter(|&number| number > 0).map(Self)
    }

    /// The number of the next message.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What somebody wrote: not empty, and not too long.
pub struct MessageText(String);

impl MessageText {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for MessageText {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace('\0', "");
        (1..=MAX_MESSAGE_CHARACTERS).contains(&text.chars().count()).then_some(Self(text))
    }

    fn rule() -> String {
        format!("must have 1 to {MAX_MESSAGE_CHARACTERS} characters.")
    }
}

/// What a client calls a message, to recognize its own.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReferenceId(String);

impl ReferenceId {
    /// As much of the text as is kept.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(MAX_REFERENCE_CHARACTERS).collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the client calls the message nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Who said or did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// `users`; others come when there are others who write.
    pub kind: String,
    pub id: String,
}

impl Author {
    /// The user as an author.
    #[must_use]
    pub fn user(user: &UserId) -> Self {
        Self { kind: USERS.to_owned(), id: user.as_str().to_owned() }
    }

    /// Whether this user is it.
    #[must_use]
    pub fn is(&self, user: &UserId) -> bool {
        *self == Self::user(user)
    }
}

/// That somebody did something to a message.
#[derive(Clone, Serialize, Deserialize)]
pub struct Trace {
    pub by: Author,
    pub at: Timestamp,
}

/// What somebody feels about a message.
#[derive(Clone, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub by: Author,
    pub at: Timestamp,
    /// The message that tells of it.
    pub told_by: MessageId,
}

/// When something is said, and until when that is kept.
#[derive(Clone, Copy)]
pub struct Occasion {
    pub now: Timestamp,
    /// `None` in a stack that keeps everything.
    pub kept_until: Option<Timestamp>,
}

impl Occasion {
    /// A message of this moment.
    #[must_use]
    pub fn message(self, author: Author, verb: Verb) -> Message {
        Message { expires_at: self.kept_until, ..Message::new(author, verb, self.now) }
    }

    /// Whether a message of another moment would be there, if it had been kept as long as one of this moment.
    #[must_use]
    pub fn still_keeps(self, said_at: Timestamp) -> bool {
        self.kept_until
            .is_none_or(|until| until.0.saturating_sub(self.now.0) > self.now.0.saturating_sub(said_at.0))
    }
}

/// One message of a chat.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// Also in the key; here so that a copy knows it.
    pub id: MessageId,
    pub author: Author,
    pub said_at: Timestamp,
    pub verb: Verb,
    /// What somebody wrote; empty in what the room says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What else the text names: a user, a group, an old name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    /// The message to which this one is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<MessageId>,
    #[serde(default, skip_serializing_if = "ReferenceId::is_empty")]
    pub reference: ReferenceId,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_silent: bool,
    /// How many messages of people there were up to this one.
    #[serde(default)]
    pub count: u64,
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Trace>,
    /// The message that tells of the latest change to this one, by which whoever changes it notices that somebody was faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<MessageId>,
    /// When it vanishes, in a room or a stack that keeps nothing for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Message {
    /// A message that is not stored yet, and so has neither a number nor a count.
    #[must_use]
    pub fn new(author: Author, verb: Verb, said_at: Timestamp) -> Self {
        Self {
            id: MessageId::default(),
            author,
            said_at,
            verb,
            text: String::new(),
            about: BTreeMap::new(),
            parent: None,
            reference: ReferenceId::default(),
            is_silent: false,
            count: 0,
            mentions: Mentions::default(),
            reactions: Vec::new(),
            edited: None,
            deleted: None,
            changed_by: None,
            expires_at: None,
        }
    }

    /// The same, naming something.
    #[must_use]
    pub fn about(mut self, name: &str, value: &str) -> Self {
        self.about.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same about another message.
    #[must_use]
    pub const fn answering(mut self, parent: MessageId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Whether it is there for readers at this moment.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }

    /// Whether one may answer it and react to it.
    #[must_use]
    pub const fn is_replyable(&self) -> bool {
        self.verb.is_of_people() && self.deleted.is_none()
    }

    /// The ids of all users whose names it takes to show the message.
    pub fn users(&self) -> impl Iterator<Item = UserId> {
        let authors = std::iter::once(&self.author)
            .chain(self.edited.iter().map(|trace| &trace.by))
            .chain(self.deleted.iter().map(|trace| &trace.by));
        let authors = authors.filter(|author| author.kind == USERS).map(|author| author.id.as_str());
        let named = self.about.get("user").map(String::as_str);
        authors.chain(named).chain(self.mentions.users()).filter_map(UserId::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_keeps_what_is_younger_than_its_limit() {
        let at = |kept_until| Occasion { now: Timestamp(1_000), kept_until };
        assert!(at(None).still_keeps(Timestamp(1)));
        assert!(at(Some(Timestamp(1_100))).still_keeps(Timestamp(901)));
        assert!(!at(Some(Timestamp(1_100))).still_keeps(Timestamp(900)));
    }
}
