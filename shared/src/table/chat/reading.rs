//! Reading a chat: a page of it, one message, the names in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::account::UserId;
use crate::domain::chat::{Message, MessageId, Names};
use crate::domain::room::{Participant, Room, Token};
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{NameItem, ParticipantItem, RoomItem, from_attributes};
use crate::table::key::Key;
use crate::table::standing::{Standing, row, standing};

/// The most messages of one answer.
pub const MAX_PAGE: usize = 200;
/// The most bytes of text in one answer; with names and objects around it, an answer of that still fits Lambda.
const MAX_PAGE_BYTES: usize = 512 * 1024;

/// Which messages are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    /// Those before this one, or with it, the latest first.
    Before { id: MessageId, is_included: bool },
    /// Those after this one, or with it, the earliest first.
    After { id: MessageId, is_included: bool },
}

/// What has to be known before somebody writes.
pub struct ChatReading {
    pub standing: Standing,
    /// The message that is answered, edited, deleted or reacted to.
    pub about: Option<Message>,
    /// Those of the people who were asked for who are in the room.
    pub here: Vec<Participant>,
}

/// Some messages, with what it takes to show them.
#[derive(Default)]
pub struct History {
    pub messages: Vec<Message>,
    /// The messages to which they are answers.
    pub parents: BTreeMap<u64, Message>,
    pub names: Names,
    /// The last message that was looked at, also where it is none to be shown.
    pub last: Option<MessageId>,
}

impl History {
    /// The message to which another one is an answer, unless it is gone.
    #[must_use]
    pub fn parent_of(&self, message: &Message) -> Option<&Message> {
        self.parents.get(&message.parent?.0)
    }
}

impl Table {
    /// Reads what decides what somebody may say: where the person stands, the message that it is about, and who of `people`
    /// is in the room. One round trip.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn chat(
        &self,
        token: &Token,
        user: &UserId,
        about: Option<MessageId>,
        people: &[UserId],
    ) -> Result<ChatReading, Error> {
        let mut keys = vec![Key::room(token), Key::participant(token, user)];
        keys.extend(about.map(|id| Key::said(token, id)));
        keys.extend(people.iter().map(|person| Key::participant(token, person)));
        let items = self.get_all(&keys).await?;
        let standing = standing(&items, token, user)?;
        let mut here = Vec::new();
        for person in people {
            here.extend(row(&items, token, person)?.map(|row| row.participant(person)));
        }
        let about = match about {
            Some(id) => items.read::<Message>(&Key::said(token, id))?,
            None => None,
        };
        Ok(ChatReading { standing, about, here })
    }

    /// A page of a chat, without what is shown around it.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn page(
        &self,
        token: &Token,
        range: Range,
        limit: usize,
        now: Timestamp,
    ) -> Result<History, Error> {
        let (first, last, is_forward) = match range {
            Range::Before { id, is_included: true } => (MessageId(0), id, false),
            Range::Before { id, is_included: false } => {
                (MessageId(0), MessageId(id.0.saturating_sub(1)), false)
            }
            Range::After { id, is_included: true } => (id, MessageId(u64::MAX), true),
            Range::After { id, is_included: false } => (id.next(), MessageId(u64::MAX), true),
        };
        let (first, last) = (Key::said(token, first), Key::said(token, last));
        let limit = limit.min(MAX_PAGE);
        let (mut history, mut start, mut bytes) = (History::default(), None, 0_usize);
        while history.messages.len() < limit && bytes < MAX_PAGE_BYTES {
            let wanted = limit.saturating_sub(history.messages.len());
            let (page, next) = self.query_between(&first, &last, is_forward, start, wanted).await?;
            for attributes in page {
                let message: Message = from_attributes(attributes)?;
                history.last = Some(message.id);
                if message.is_alive(now) {
                    bytes = bytes.saturating_add(message.text.len());
                    history.messages.push(message);
                }
                if bytes >= MAX_PAGE_BYTES {
                    break;
                }
            }
            match next {
                Some(next) => start = Some(next),
                None => break,
            }
        }
        Ok(history)
    }

    /// The same with all that it takes to show the messages: those to which they are answers, and everybody's names. What is
    /// gone since the history was cleared is left out.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn complete(&self, room: &Room, mut history: History) -> Result<History, Error> {
        let token = &room.token;
        history.messages.retain(|message| message.id > room.chat.cleared);
        let known: BTreeMap<u64, &Message> = history.messages.iter().map(|it| (it.id.0, it)).collect();
        let parents: BTreeSet<MessageId> = history.messages.iter().filter_map(|it| it.parent).collect();
        let missing: Vec<Key> = parents
            .iter()
            .filter(|id| !known.contains_key(&id.0) && **id > room.chat.cleared)
            .map(|id| Key::said(token, *id))
            .collect();
        let mut found: BTreeMap<u64, Message> = parents
            .iter()
            .filter_map(|id| known.get(&id.0).map(|message| (id.0, (*message).clone())))
            .collect();
        let items = self.get_all(&missing).await?;
        for key in &missing {
            found.extend(items.read::<Message>(key)?.map(|message| (message.id.0, message)));
        }
        let users: BTreeSet<UserId> =
            history.messages.iter().chain(found.values()).flat_map(Message::users).collect();
        history.parents = found;
        history.names = self.names(token, &users.into_iter().collect::<Vec<_>>()).await?;
        Ok(history)
    }

    /// What people are called: by their rows in the room, and those who are not in it by the list of accounts.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn names(&self, token: &Token, users: &[UserId]) -> Result<Names, Error> {
        let keys = users.iter().flat_map(|user| [Key::participant(token, user), Key::listed_user(user)]);
        let items = self.get_all(&keys.collect::<Vec<_>>()).await?;
        let mut names = Names::default();
        for user in users {
            let row = items.read::<ParticipantItem>(&Key::participant(token, user))?;
            let listed = items.read::<NameItem>(&Key::listed_user(user))?;
            if let Some(name) = listed.map(|item| item.display_name).or(row.map(|item| item.display_name)) {
                names.insert(user, &name);
            }
        }
        Ok(names)
    }

    /// The room as it was a moment ago, for somebody who waits for a message: it costs half of a look that decides something.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn glance(&self, token: &Token) -> Result<Option<Room>, Error> {
        let item = self.get_lately::<RoomItem>(&Key::room(token)).await?;
        Ok(item.and_then(|item| item.visible(token)))
    }
}
