//! What a room knows of its chat without reading it, and how far somebody has read.

use serde::{Deserialize, Serialize};

use super::message::{Message, MessageId};
use super::names::Names;
use crate::domain::time::Timestamp;

/// How many deleted messages a room remembers, so that nobody counts them as unread.
const MAX_DELETED: usize = 50;
/// How much of the latest message a list shows, in characters: each list of rooms pays for it.
const MAX_PREVIEW_CHARACTERS: usize = 1_000;
/// How many of its reactions are counted there.
const MAX_PREVIEW_REACTIONS: usize = 20;

/// What a room knows of its chat.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ChatHead {
    /// The latest message.
    #[serde(default, skip_serializing_if = "is_none")]
    pub said: MessageId,
    /// How many messages of people there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub count: u64,
    /// The latest message that means everybody.
    #[serde(default, skip_serializing_if = "is_none")]
    pub said_to_all: MessageId,
    /// The latest message that is gone since somebody cleared the history.
    #[serde(default, skip_serializing_if = "is_none")]
    pub cleared: MessageId,
    /// How many messages of people went with that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cleared_count: u64,
    /// Messages of people that were deleted, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<MessageId>,
    /// When something last happened that people want to know of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Timestamp>,
    /// What a list of rooms shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
}

/// The latest message that a list of rooms shows, with the names of that moment, so that a list reads no message.
#[derive(Clone, Serialize, Deserialize)]
pub struct LastMessage {
    pub message: Message,
    pub names: Names,
}

fn is_none(id: &MessageId) -> bool {
    id.0 == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Up to which message somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub id: MarkerId,
    /// How many messages of people there were up to there.
    pub count: u64,
}

/// The message up to which somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MarkerId(i64);

impl MarkerId {
    /// Nothing is read, and something is there to be read.
    pub const NOTHING: Self = Self(-2);

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Whether a message is read.
    #[must_use]
    pub fn covers(self, id: MessageId) -> bool {
        i64::try_from(id.0).is_ok_and(|id| id <= self.0)
    }
}

impl From<MessageId> for MarkerId {
    fn from(id: MessageId) -> Self {
        Self(i64::try_from(id.0).unwrap_or(i64::MAX))
    }
}

impl ChatHead {
    /// The head after a message, and the message with its number.
    #[must_use]
    pub fn after(&self, message: Message, names: Names) -> (Self, Message) {
        let id = self.said.next();
        let count = self.count.saturating_add(u64::from(message.verb.is_of_people()));
        let message = Message { id, count, ..message };
        let mut head = Self { said: id, count, ..self.clone() };
        if message.mentions.everybody() {
            head.said_to_all = id;
        }
        if message.verb.is_news() {
            head.active_at = Some(message.said_at);
            head.last_message = Some(LastMessage::new(message.clone(), names));
        }
        (head, message)
    }

    /// The head after a message changed, with the names of those whom it names now.
    #[must_use]
    pub fn with_changed(mut self, message: &Message, names: &Names) -> Self {
        if let Some(last) = self.last_message.as_mut().filter(|last| last.message.id == message.id) {
            *last = LastMessage::new(message.clone(), last.names.clone().and(names.clone()));
        }
        if message.mentions.everybody() {
            self.said_to_all = self.said_to_all.max(message.id);
        }
        if message.deleted.is_some() && !self.deleted.contains(&message.id) {
            self.deleted.push(message.id);
            let surplus = self.deleted.len().saturating_sub(MAX_DELETED);
            self.deleted.drain(..surplus);
        }
        self
    }

    /// The head after everything up to the latest message is gone.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self {
            cleared: self.said,
            cleared_count: self.count,
            deleted: Vec::new(),
            said_to_all: MessageId::default(),
            last_message: None,
            ..self
        }
    }

    /// Where somebody stands who has read everything.
    #[must_use]
    pub fn end(&self) -> Marker {
        Marker { id: self.said.into(), count: self.count }
    }

    /// Somebody's marker as it counts: one in a history that is gone is at its beginning.
    #[must_use]
    pub fn seen_from_here(&self, marker: Marker) -> MarkerId {
        if self.cleared.0 > 0 && marker.id <= MarkerId::from(self.cleared) {
            MarkerId::NOTHING
        } else {
            marker.id
        }
    }

    /// Whether somebody has not read a message, and still can.
    #[must_use]
    pub fn is_new(&self, id: MessageId, marker: Marker) -> bool {
        id > self.cleared && !marker.id.covers(id) && !self.deleted.contains(&id)
    }

    /// How many messages of people somebody has not read.
    #[must_use]
    pub fn unread(&self, marker: Marker) -> u64 {
        let deleted = self.deleted.iter().filter(|id| !marker.id.covers(**id)).count();
        let unread = self.count.saturating_sub(marker.count.max(self.cleared_count));
        let unread = unread.saturating_sub(u64::try_from(deleted).unwrap_or_default());
        // Whoever marked everything as unread is told of something.
        if self.seen_from_here(marker) == MarkerId::NOTHING { unread.max(1) } else { unread }
    }
}

impl LastMessage {
    fn new(mut message: Message, names: Names) -> Self {
        if let Some((end, _)) = message.text.char_indices().nth(MAX_PREVIEW_CHARACTERS) {
            message.text.truncate(end);
            message.text.push('…');
        }
        message.reactions.truncate(MAX_PREVIEW_REACTIONS);
        Self { message, names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::UserId;
    use crate::domain::chat::{Author, Verb};

    fn message(verb: Verb) -> Message {
        let anna = UserId::parse("anna").unwrap_or_else(|| unreachable!());
        Message::new(Author::user(&anna), verb, Timestamp(100))
    }

    fn after(head: &ChatHead, verb: Verb) -> ChatHead {
        head.after(message(verb), Names::default()).0
    }

    #[test]
    fn only_messages_of_people_are_unread() {
        let start = ChatHead::default();
        let read = start.end();
        let head = after(&after(&after(&start, Verb::UserAdded), Verb::Comment), Verb::ObjectShared);
        assert_eq!((head.said, head.unread(read)), (MessageId(3), 2));
        assert_eq!(head.unread(head.end()), 0);
        // One that is deleted is read by nobody.
        let (head, last) = head.after(message(Verb::Comment), Names::default());
        let deleted = Message { deleted: Some(Trace { by: last.author.clone(), at: last.said_at }), ..last };
        assert_eq!(head.unread(read), 3);
        assert_eq!(head.clone().with_changed(&deleted, &Names::default()).unread(read), 2);
        assert_eq!(
            head.with_changed(&deleted, &Names::default()).unread(Marker { id: MarkerId(4), count: 3 }),
            0
        );
    }

    #[test]
    fn a_history_that_is_gone_is_unread_by_all_and_counts_nothing() {
        let head = after(&after(&ChatHead::default(), Verb::Comment), Verb::Comment);
        let read = head.end();
        let head = after(&head.emptied(), Verb::HistoryCleared);
        assert_eq!((head.seen_from_here(read), head.unread(read)), (MarkerId::NOTHING, 1));
        let head = after(&after(&head, Verb::Comment), Verb::Comment);
        assert_eq!(head.unread(read), 2);
        assert_eq!(head.unread(Marker { id: MarkerId(4), count: 3 }), 1);
    }

    #[test]
    fn what_is_done_to_a_message_is_no_news() {
        let head = after(&ChatHead::default(), Verb::Comment);
        for verb in [Verb::MessageEdited, Verb::MessageDeleted, Verb::Reaction, Verb::ReactionRevoked] {
            let later = after(&head, verb);
            assert_eq!(later.last_message.map(|last| last.message.id), Some(MessageId(1)));
            assert_eq!(later.said, MessageId(2));
        }
    }

    #[test]
    fn a_list_shows_the_beginning_of_a_long_message() {
        let long = Message { text: "ä".repeat(1_001), ..message(Verb::Comment) };
        let (head, stored) = ChatHead::default().after(long, Names::default());
        assert_eq!(stored.text.chars().count(), 1_001);
        let shown = head.last_message.map(|last| last.message.text).unwrap_or_default();
        assert_eq!(shown, "ä".repeat(1_000) + "…");
    }

    use crate::domain::chat::Trace;
}
