//! Messages from one session of a call to another, and the news that make a waiting one look.
//!
//! A message lies under its recipient's session. Its number is taken from a counter in the recipient's
//! presence, so that messages of one sender are numbered in the order sent, and is taken before the message
//! is stored, so that a gap means nothing. Whoever takes messages deletes them by a transaction that demands
//! that all of them are still there: two who take at once do not both get one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ReturnValue;
use serde::{Deserialize, Serialize};

use super::item::{Attributes, from_attributes};
use super::key::Key;
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use super::{Table, presence};
use crate::account::UserId;
use crate::auth::GuestCookie;
use crate::permission::{Peer, Speaker};
use crate::refusal::Refusal;
use crate::room::{SessionId, Token};
use crate::time::Timestamp;

/// So many messages may wait for one session.
pub const MAX_WAITING: u64 = 400;
/// A message that nobody took in so many seconds is worth nothing any more.
const MESSAGE_SECONDS: i64 = 120;
/// What happened to a call is forgotten so many seconds after the last time.
const NEWS_SECONDS: i64 = 24 * 60 * 60;
/// So many bytes of messages are taken at a time: in JSON inside JSON inside JSON, which is what
/// Lambda answers with, they can become ten times as many, and Lambda carries 6 MB.
const MAX_TAKEN_BYTES: usize = 512 * 1024;
/// So many messages are looked at to know whether there is any.
const LOOKED_AT: i32 = 10;
/// So often messages are taken that somebody else took meanwhile.
const MAX_TAKINGS: usize = 8;

/// What those who wait for a call look at; another number than before says that something happened.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// How often somebody came or went.
    #[serde(default)]
    pub people: u64,
    /// How often messages were sent.
    #[serde(default)]
    pub messages: u64,
}

/// What happened to a call.
#[derive(Clone, Copy)]
pub(super) enum News {
    /// Somebody came or went.
    People,
    /// Somebody has a message.
    Messages,
}

/// A message on its way.
pub struct Message<'a> {
    /// To whom.
    pub recipient: Peer<'a>,
    /// JSON text.
    pub text: String,
}

/// Whose messages wait where.
pub struct Mailbox {
    key: Key,
    session: SessionId,
    /// Messages with lower numbers are too old. They are stored shortly after they are numbered, so that
    /// below one that is too old there is none that is not.
    first: AtomicU64,
}

impl Mailbox {
    /// The session.
    #[must_use]
    pub const fn session(&self) -> &SessionId {
        &self.session
    }
}

/// What somebody pings for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// To stay in the call.
    Staying,
    /// To be told what happens from now on, instead of whoever asked before.
    Polling,
}

impl Purpose {
    fn change(self, now: Timestamp, kept_seconds: i64) -> Result<Change, Refusal> {
        let change = presence::pinged(Change::default(), now, kept_seconds)?;
        Ok(match self {
            Self::Staying => change,
            Self::Polling => change.add("polls", 1),
        })
    }
}

/// A session that just pinged.
pub struct Pinged {
    /// Its messages.
    pub mailbox: Mailbox,
    /// The number of the room.
    pub room_id: u64,
    /// What [`Signals::people`] was when its owner last read who is there.
    pub told: u64,
    /// How many messages were ever numbered for it.
    sent: u64,
    /// How many polls were begun for it, this one included.
    polls: u64,
}

#[derive(Deserialize)]
struct SessionItem {
    session_id: Option<SessionId>,
    #[serde(default)]
    room_id: u64,
    #[serde(default)]
    told: u64,
    #[serde(default)]
    sent: u64,
    #[serde(default)]
    first: u64,
    #[serde(default)]
    polls: u64,
}

#[derive(Serialize, Deserialize)]
struct MessageItem {
    text: String,
    expires_at: Timestamp,
}

/// Messages in the order of their numbers, before they are taken.
type Waiting = Vec<(Key, MessageItem)>;

/// Messages that nobody else gets.
#[derive(Default)]
pub struct Taken {
    /// JSON texts, in the order of their numbers.
    pub texts: Vec<String>,
    last: Option<u64>,
}

impl Table {
    /// Keeps a user in the call: one write and no read. `None` without a live session in the room.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn ping_as_user(
        &self,
        token: &Token,
        user: &UserId,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<Pinged>, Refusal> {
        let is_live = presence::is_heard_of(Condition::default().has("session_id"), now)?;
        let change = purpose.change(now, presence::kept_seconds(true))?;
        self.ping(Key::user_presence(token, user), change, is_live).await
    }

    /// Keeps a guest in the call: one write and no read. `None` without a live session in the room.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn ping_as_guest(
        &self,
        token: &Token,
        cookie: &GuestCookie,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<Pinged>, Refusal> {
        let is_own =
            Condition::exists().with("cookie_digest", &cookie.digest())?.above("expires_at", &now)?;
        let change = purpose.change(now, presence::kept_seconds(false))?;
        self.ping(Key::guest_presence(token, cookie.id()), change, is_own).await
    }

    async fn ping(&self, key: Key, change: Change, is_live: Condition) -> Result<Option<Pinged>, Refusal> {
        let Some(attributes) = self.update_and_read(&key, change, is_live, ReturnValue::AllNew).await? else {
            return Ok(None);
        };
        let item: SessionItem = from_attributes(attributes)?;
        Ok(item.session_id.map(|session| Pinged {
            mailbox: Mailbox { key, session, first: item.first.into() },
            room_id: item.room_id,
            told: item.told,
            sent: item.sent,
            polls: item.polls,
        }))
    }

    /// What happened to the call so far: one item.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn signals(&self, token: &Token) -> Result<Signals, Refusal> {
        Ok(self.get(&Key::signals(token)).await?.unwrap_or_default())
    }

    /// Makes those who wait look. A failure only lets them look later.
    pub(super) async fn announce(&self, token: &Token, news: News) {
        let counter = match news {
            News::People => "people",
            News::Messages => "messages",
        };
        // When DynamoDB may forget it; nothing is decided by this moment.
        let now = crate::time::Clock::now(&crate::time::SystemClock);
        if let Ok(change) = Change::default().add(counter, 1).set("expires_at", &now.plus(NEWS_SECONDS)) {
            let _ = self.update(&Key::signals(token), change, Condition::default()).await;
        }
    }

    /// Sends all messages or none.
    ///
    /// # Errors
    /// 429 when too many would wait for one of the recipients.
    pub async fn send(
        &self,
        speaker: &Speaker,
        messages: Vec<Message<'_>>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let token = &speaker.occupancy().room.token;
        let mut by_recipient: BTreeMap<&str, Vec<&Message<'_>>> = BTreeMap::new();
        for message in &messages {
            by_recipient.entry(message.recipient.session.as_str()).or_default().push(message);
        }
        let lists: Vec<Vec<&Message<'_>>> = by_recipient.into_values().collect();
        // Before any number is taken: what is refused must not fill up anybody's queue.
        if lists.iter().any(|list| list.first().is_some_and(|first| !has_room(&first.recipient, list.len())))
        {
            return Err(too_many());
        }
        let mut numbered = Vec::new();
        let sent = self.number_and_store(token, &lists, &mut numbered, now).await;
        match sent {
            Ok(()) if numbered.is_empty() => Ok(()),
            Ok(()) => {
                self.announce(token, News::Messages).await;
                Ok(())
            }
            Err(refusal) => {
                // Numbers without messages count as read.
                for (key, count) in numbered {
                    let _ =
                        self.update(&key, Change::default().add("taken", count), Condition::exists()).await;
                }
                Err(refusal)
            }
        }
    }

    /// Stores all messages; what was numbered for whom is in `numbered`, also after a failure.
    async fn number_and_store(
        &self,
        token: &Token,
        lists: &[Vec<&Message<'_>>],
        numbered: &mut Vec<(Key, u64)>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        for list in lists {
            let Some(first) = list.first() else { continue };
            let recipient = &first.recipient;
            let key = presence::key(token, recipient.user, recipient.session.as_str());
            let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
            let Some(mut number) = self.number(&key, recipient, count, now).await? else { continue };
            numbered.push((key, count));
            for message in list {
                let item = MessageItem { text: message.text.clone(), expires_at: now.plus(MESSAGE_SECONDS) };
                transaction.put(Key::message(recipient.session, number), &item, Condition::default())?;
                number = number.saturating_add(1);
            }
        }
        if transaction.len() == 0 {
            return Ok(());
        }
        self.write(transaction).await
    }

    /// Takes numbers for messages; the first of them, or `None` when the recipient went meanwhile.
    async fn number(
        &self,
        key: &Key,
        recipient: &Peer<'_>,
        count: u64,
        now: Timestamp,
    ) -> Result<Option<u64>, Refusal> {
        let is_live = presence::has_live_session(recipient.session.as_str(), now)?;
        let limit = recipient.messages_taken.saturating_add(MAX_WAITING).saturating_sub(count);
        let fits = is_live.clone().missing_or_at_most("sent", limit);
        let change = Change::default().add("sent", count);
        if let Some(attributes) = self.update_and_read(key, change, fits, ReturnValue::AllNew).await? {
            let item: SessionItem = from_attributes(attributes)?;
            return Ok(Some(item.sent.saturating_sub(count)));
        }
        // Either the session went, and then the message is for nobody, or others were faster.
        let is_there = self.update(key, Change::default().add("sent", 0), is_live).await?;
        if is_there { Err(too_many()) } else { Ok(None) }
    }

    /// Takes the oldest messages of a session, as many as fit an answer; none when a later poll of the
    /// session has begun, whose answer is the one that arrives.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn take(&self, pinged: &Pinged, now: Timestamp) -> Result<Taken, Refusal> {
        for _ in 0..MAX_TAKINGS {
            let waiting = self.waiting(&pinged.mailbox, None, now).await?;
            if waiting.is_empty() || self.is_overtaken(pinged).await? {
                return Ok(Taken::default());
            }
            let mut transaction = Transaction::default();
            let mut taken = Taken::default();
            for (key, item) in waiting {
                taken.last = key.message_number().or(taken.last);
                taken.texts.push(item.text);
                transaction.delete(key, Condition::exists());
            }
            match self.write(transaction).await {
                Ok(()) => return Ok(taken),
                Err(refusal) if refusal.is_contested() => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(Taken::default())
    }

    /// Whether the session polled again since, or is gone.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn is_overtaken(&self, pinged: &Pinged) -> Result<bool, Refusal> {
        let item = self.get::<SessionItem>(&pinged.mailbox.key).await?;
        Ok(item.is_none_or(|item| item.polls != pinged.polls))
    }

    /// Whether a message waits.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn has_messages(&self, pinged: &Pinged, now: Timestamp) -> Result<bool, Refusal> {
        Ok(!self.waiting(&pinged.mailbox, Some(LOOKED_AT), now).await?.is_empty())
    }

    /// The oldest messages, without those that are too old.
    async fn waiting(
        &self,
        mailbox: &Mailbox,
        limit: Option<i32>,
        now: Timestamp,
    ) -> Result<Waiting, Refusal> {
        let partition = Key::queue_partition(&mailbox.session);
        let before = mailbox.first.load(Ordering::Relaxed).checked_sub(1);
        let mut start = before.map(|number| Key::message(&mailbox.session, number).attributes());
        loop {
            let (page, next) = self.query_page(&partition, "", start, limit).await?;
            let (waiting, too_old) = oldest(page, now)?;
            if let Some(number) = too_old {
                mailbox.first.fetch_max(number.saturating_add(1), Ordering::Relaxed);
            }
            match next {
                Some(next) if waiting.is_empty() => start = Some(next),
                _ => return Ok(waiting),
            }
        }
    }

    /// Remembers what the owner of a session was told, which is a ping, too. A failure only tells it again.
    pub async fn note_told(&self, pinged: &Pinged, signals: Signals, taken: &Taken, now: Timestamp) {
        // Numbers that were taken for messages that never came must not count as waiting for ever.
        let read = taken.last.map_or(pinged.sent, |last| last.saturating_add(1));
        let first = pinged.mailbox.first.load(Ordering::Relaxed);
        let change = Change::default()
            .set("told", &signals.people)
            .and_then(|change| change.set("taken", &read))
            .and_then(|change| change.set("first", &first))
            .and_then(|change| change.set("last_ping", &now));
        let same = Condition::default().with("session_id", &pinged.mailbox.session);
        if let (Ok(change), Ok(same)) = (change, same) {
            let _ = self.update(&pinged.mailbox.key, change, same).await;
        }
    }
}

/// Whether so many messages more may wait, as far as was seen.
fn has_room(recipient: &Peer<'_>, messages: usize) -> bool {
    let waiting = recipient.messages_sent.saturating_sub(recipient.messages_taken);
    waiting.saturating_add(u64::try_from(messages).unwrap_or(u64::MAX)) <= MAX_WAITING
}

fn too_many() -> Refusal {
    Refusal::too_many(format!("More than {MAX_WAITING} messages would wait for one of the recipients."))
}

/// As many of a page as are taken at a time, and the highest number of those that are too old.
fn oldest(page: Vec<Attributes>, now: Timestamp) -> Result<(Waiting, Option<u64>), Refusal> {
    let mut waiting = Waiting::new();
    let mut too_old = None;
    let mut bytes = 0_usize;
    for attributes in page {
        let Some(key) = Key::of(&attributes) else { continue };
        let item: MessageItem = from_attributes(attributes)?;
        if item.expires_at <= now {
            too_old = too_old.max(key.message_number());
            continue;
        }
        bytes = bytes.saturating_add(item.text.len());
        if !waiting.is_empty() && bytes > MAX_TAKEN_BYTES || waiting.len() == MAX_ACTIONS {
            break;
        }
        waiting.push((key, item));
    }
    Ok((waiting, too_old))
}
