//! Messages from one session of a call to another, and the news that make a waiting one look.
//!
//! A message lies under its recipient's session. Its number is taken from a counter in the recipient's
//! presence, so that messages of one sender are numbered in the order sent, and is taken before the message
//! is stored, so that a gap means nothing. Taking deletes messages by a transaction that demands that all of them
//! are still there: two who take at once do not both get one.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::client::Table;
use super::error::Error;
use super::item::{Attributes, MAX_WAITING, MAX_WAITING_BYTES, MessageItem, from_attributes};
use super::key::Key;
use super::pings::{Mailbox, Pinged, SessionItem};
use super::presence;
use super::signals::Signals;
use super::sockets::{Numbered, SessionBox};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::address::Address;
use crate::domain::denial::Denial;
use crate::domain::news::{News, Signal};
use crate::domain::occupancy::{Guest, Peer};
use crate::domain::permission::Speaker;
use crate::domain::room::{Amount, SessionId, Token};
use crate::domain::socket::PublicId;
use crate::domain::time::Timestamp;

/// The most that a guest writes in a minute, in KiB, to which each message is rounded up. Finding fifty others
/// takes a thousand.
const MAX_WRITTEN: u64 = 2_048;
/// How long a message waits to be taken, in seconds; after that it is worth nothing.
const MESSAGE_SECONDS: i64 = 120;
/// The most bytes of messages that are taken at a time: in JSON inside JSON inside JSON, which is what
/// Lambda answers with, they can become ten times as many, and Lambda carries 6 MB.
const MAX_TAKEN_BYTES: usize = 512 * 1024;
/// How many messages are fetched to know whether there is one: the oldest may have expired.
const PEEKED_MESSAGES: i32 = 10;
/// How often taking is tried again after another poll was faster.
const MAX_TAKE_ATTEMPTS: usize = 8;

/// A message on its way.
pub struct Message<'a> {
    /// To whom.
    pub recipient: Peer<'a>,
    /// JSON text.
    pub text: String,
}

/// Numbers that were taken, and are in vain if the messages are not stored.
enum InVain {
    Poll { key: Key, session: SessionId, amount: Amount },
    Socket { public: PublicId, amount: Amount },
}

/// Messages in the order of their numbers, before they are taken.
type Waiting = Vec<(Key, MessageItem)>;

/// Messages that nobody else gets.
#[derive(Default)]
pub struct Taken {
    /// JSON texts, in the order of their numbers.
    pub texts: Vec<String>,
    /// How many messages of the session, and bytes of them, are done with; `None` when none was taken.
    done: Option<Amount>,
}

impl Table {
    /// Sends all messages or none.
    ///
    /// # Errors
    /// Too many when too many would wait for one of the recipients, or the sender is a guest who writes too much.
    pub async fn send(
        &self,
        speaker: &Speaker,
        messages: Vec<Message<'_>>,
        now: Timestamp,
    ) -> Result<News, Error> {
        let token = &speaker.occupancy().room.token;
        let lists = by_recipient(&messages)?;
        if let Some(guest) = speaker.own_guest().filter(|_| !messages.is_empty()) {
            self.count_written(token, guest, &messages, now).await?;
        }
        self.send_lists(token, &lists, now).await
    }

    /// Sends messages of somebody who has a socket to those who poll: all or none.
    ///
    /// # Errors
    /// Too many when too many would wait for one of the recipients.
    pub async fn send_to_polls(
        &self,
        token: &Token,
        messages: &[Message<'_>],
        now: Timestamp,
    ) -> Result<News, Error> {
        self.send_lists(token, &by_recipient(messages)?, now).await
    }

    async fn send_lists(
        &self,
        token: &Token,
        lists: &[Vec<&Message<'_>>],
        now: Timestamp,
    ) -> Result<News, Error> {
        let mut numbered = Vec::new();
        let sent = self.number_and_store(token, lists, &mut numbered, now).await;
        match sent {
            Ok(()) if numbered.iter().any(|it| matches!(it, InVain::Poll { .. })) => {
                Ok(News::none().waking(token, Signal::Messages))
            }
            Ok(()) => Ok(News::none()),
            Err(error) => {
                self.hurry(async {
                    for in_vain in numbered {
                        self.count_as_taken(in_vain).await;
                    }
                })
                .await;
                Err(error)
            }
        }
    }

    /// Numbers without messages count as read.
    async fn count_as_taken(&self, in_vain: InVain) {
        match in_vain {
            InVain::Poll { key, session, amount } => {
                let change = counted(Change::default(), "taken", amount);
                if let Ok(same) = Condition::default().with("session_id", &session) {
                    let _ = self.update(&key, change, same).await;
                }
            }
            InVain::Socket { public, amount } => self.forget_numbered(&public, amount).await,
        }
    }

    /// Notes what a guest writes this minute: a link must not be enough to fill the table.
    async fn count_written(
        &self,
        token: &Token,
        guest: &Guest,
        messages: &[Message<'_>],
        now: Timestamp,
    ) -> Result<(), Error> {
        let kibibytes = |message: &Message<'_>| u64::try_from(message.text.len().div_ceil(1024)).unwrap_or(0);
        let writes: u64 = messages.iter().map(kibibytes).sum();
        let minute = now.0.div_euclid(60);
        let this_minute = guest.written.filter(|written| written.minute == minute);
        let written = this_minute.map_or(0, |written| written.kibibytes).saturating_add(writes);
        if written > MAX_WRITTEN {
            let limit = format!("Guests may write {MAX_WRITTEN} KiB of messages a minute.");
            return Err(Denial::TooMany(limit).into());
        }
        let change = Change::default().set("minute", &minute)?.set("written", &written)?;
        let known = guest.written.as_ref();
        let unchanged = presence::has_live_session(guest.session.as_str(), now)?
            .same("minute", known.map(|written| &written.minute))?;
        let unchanged = match known {
            Some(known) => unchanged.with("written", &known.kibibytes)?,
            None => unchanged,
        };
        let key = Key::guest_presence(token, &guest.session.guest_id());
        if self.update(&key, change, unchanged).await? { Ok(()) } else { Err(Error::Contested) }
    }

    /// The same of one message of a guest who has a socket, of which only the session is known; whether the guest may
    /// write it.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn count_guest(
        &self,
        token: &Token,
        session: &SessionId,
        bytes: usize,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let key = Key::guest_presence(token, &session.guest_id());
        let kibibytes = u64::try_from(bytes.div_ceil(1024)).unwrap_or(u64::MAX);
        let minute = now.0.div_euclid(60);
        let live = presence::has_live_session(session.as_str(), now)?;
        // Somebody whose clock is ahead may have begun the next minute.
        let room = live
            .clone()
            .above("minute", &minute.saturating_sub(1))?
            .missing_or_at_most("written", MAX_WRITTEN.saturating_sub(kibibytes));
        let one_more = || self.update(&key, Change::default().add("written", kibibytes), room.clone());
        if one_more().await? {
            return Ok(true);
        }
        let another = live.missing_or_at_most("minute", minute.saturating_sub(1).unsigned_abs());
        let anew = Change::default().set("minute", &minute)?.set("written", &kibibytes)?;
        // Of two that begin a minute at once, one counts to the other.
        Ok(self.update(&key, anew, another).await? || one_more().await?)
    }

    /// Stores all messages; what was numbered for whom is in `numbered`, also after a failure.
    async fn number_and_store(
        &self,
        token: &Token,
        lists: &[Vec<&Message<'_>>],
        numbered: &mut Vec<InVain>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = Transaction::default();
        for list in lists {
            let Some(first) = list.first() else { continue };
            let recipient = &first.recipient;
            let amount = amount(list);
            let (before, socket) = match recipient.address {
                Address::Poll(session) => {
                    let key = presence::key(token, recipient.user, session.as_str());
                    let Some(before) = self.number(&key, recipient, amount, now).await? else { continue };
                    numbered.push(InVain::Poll { key, session: session.clone(), amount });
                    (before, None)
                }
                Address::Socket(public) => match self.count_in(public, SessionBox::In, amount).await? {
                    Numbered::From(number) => {
                        numbered.push(InVain::Socket { public: public.clone(), amount });
                        (Amount { messages: number, bytes: 0 }, Some(public.clone()))
                    }
                    Numbered::Full => return Err(too_many().into()),
                    Numbered::Gone => continue,
                },
            };
            let mut end = before.bytes;
            for (number, message) in (before.messages..).zip(list) {
                end = end.saturating_add(length(message));
                let expires_at = now.plus(MESSAGE_SECONDS);
                let item =
                    MessageItem { text: message.text.clone(), expires_at, end, socket: socket.clone() };
                transaction.put(Key::message(recipient.address, number), &item, Condition::default())?;
            }
        }
        if transaction.len() == 0 {
            return Ok(());
        }
        self.write(transaction).await.map(|_| ())
    }

    /// Takes numbers for messages; what was sent before them, or `None` when the recipient went meanwhile.
    async fn number(
        &self,
        key: &Key,
        recipient: &Peer<'_>,
        amount: Amount,
        now: Timestamp,
    ) -> Result<Option<Amount>, Error> {
        let is_live = presence::has_live_session(recipient.session.as_str(), now)?;
        let taken = recipient.queue.taken;
        let messages = taken.messages.saturating_add(MAX_WAITING).saturating_sub(amount.messages);
        let bytes = taken.bytes.saturating_add(MAX_WAITING_BYTES).saturating_sub(amount.bytes);
        let fits =
            is_live.clone().missing_or_at_most("sent", messages).missing_or_at_most("sent_bytes", bytes);
        let change = counted(Change::default(), "sent", amount);
        if let Some(attributes) = self.update_patiently(key, change, fits).await? {
            let item: SessionItem = from_attributes(attributes)?;
            return Ok(Some(Amount {
                messages: item.sent.saturating_sub(amount.messages),
                bytes: item.sent_bytes.saturating_sub(amount.bytes),
            }));
        }
        // Either the session went, and then the message is for nobody, or others were faster.
        let is_there = self.update(key, Change::default().add("sent", 0), is_live).await?;
        if is_there { Err(too_many().into()) } else { Ok(None) }
    }

    /// Takes the oldest messages of a session, as many as fit an answer. `None` when there may be some that are
    /// left: for a later poll of the session, whose answer is the one that arrives, or for want of time.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn take(&self, pinged: &Pinged, now: Timestamp) -> Result<Option<Taken>, Error> {
        for _ in 0..MAX_TAKE_ATTEMPTS {
            let waiting = self.waiting(&pinged.mailbox, None, now).await?;
            if waiting.is_empty() {
                return Ok(Some(Taken::default()));
            }
            if self.is_overtaken(pinged).await? || !self.deadline.can_hand_over() {
                return Ok(None);
            }
            let mut transaction = Transaction::default();
            let mut taken = Taken::default();
            for (key, item) in waiting {
                if let Some(number) = key.message_number() {
                    taken.done = Some(Amount { messages: number.saturating_add(1), bytes: item.end });
                }
                taken.texts.push(item.text);
                transaction.delete(key, Condition::exists());
            }
            match self.write(transaction).await {
                Ok(_) => return Ok(Some(taken)),
                Err(error) if error.is_contested() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether a message waits.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn has_messages(&self, pinged: &Pinged, now: Timestamp) -> Result<bool, Error> {
        Ok(!self.waiting(&pinged.mailbox, Some(PEEKED_MESSAGES), now).await?.is_empty())
    }

    /// The oldest messages, without those that are too old.
    async fn waiting(&self, mailbox: &Mailbox, limit: Option<i32>, now: Timestamp) -> Result<Waiting, Error> {
        let partition = Key::queue_partition(Address::Poll(&mailbox.session));
        let before = mailbox.first.load(Ordering::Relaxed).checked_sub(1);
        let mut start =
            before.map(|number| Key::message(Address::Poll(&mailbox.session), number).attributes());
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
        let done = taken.done.unwrap_or(pinged.sent);
        let first = pinged.mailbox.first.load(Ordering::Relaxed);
        let change = Change::default()
            .set("told", &signals.people)
            .and_then(|change| change.set("taken", &done.messages))
            .and_then(|change| change.set("taken_bytes", &done.bytes))
            .and_then(|change| change.set("answered", &pinged.polls))
            .and_then(|change| change.set("first", &first))
            .and_then(|change| change.set("last_ping", &now));
        // A later poll has told more.
        let same = Condition::default()
            .with("session_id", &pinged.mailbox.session)
            .and_then(|same| same.with("polls", &pinged.polls));
        if let (Ok(change), Ok(same)) = (change, same) {
            self.hurry(async {
                let _ = self.update(&pinged.mailbox.key, change, same).await;
            })
            .await;
        }
    }
}

/// The messages of each recipient. Before any number is taken: what is refused must not fill up anybody's queue.
fn by_recipient<'a>(messages: &'a [Message<'a>]) -> Result<Vec<Vec<&'a Message<'a>>>, Error> {
    let mut lists: BTreeMap<&str, Vec<&Message<'_>>> = BTreeMap::new();
    for message in messages {
        lists.entry(message.recipient.address.as_str()).or_default().push(message);
    }
    let lists: Vec<Vec<&Message<'_>>> = lists.into_values().collect();
    let is_full = |list: &Vec<&Message<'_>>| {
        list.first().is_some_and(|first| !has_room(&first.recipient, amount(list)))
    };
    if lists.iter().any(is_full) { Err(too_many().into()) } else { Ok(lists) }
}

/// Whether this much more may wait, as far as was seen. What waits for a socket is seen when it is numbered.
fn has_room(recipient: &Peer<'_>, more: Amount) -> bool {
    let waiting = recipient.queue.waiting();
    waiting.messages.saturating_add(more.messages) <= MAX_WAITING
        && waiting.bytes.saturating_add(more.bytes) <= MAX_WAITING_BYTES
}

fn too_many() -> Denial {
    Denial::TooMany(format!(
        "More than {MAX_WAITING} messages, or {MAX_WAITING_BYTES} bytes of them, would wait for one of the \
         recipients."
    ))
}

fn length(message: &Message<'_>) -> u64 {
    u64::try_from(message.text.len()).unwrap_or(u64::MAX)
}

fn amount(messages: &[&Message<'_>]) -> Amount {
    Amount {
        messages: u64::try_from(messages.len()).unwrap_or(u64::MAX),
        bytes: messages.iter().map(|message| length(message)).sum(),
    }
}

/// Adds to a counter of messages and to that of their bytes.
fn counted(change: Change, counter: &str, amount: Amount) -> Change {
    change.add(counter, amount.messages).add(&format!("{counter}_bytes"), amount.bytes)
}

/// As many of a page as are taken at a time, and the highest number of those that are too old.
fn oldest(page: Vec<Attributes>, now: Timestamp) -> Result<(Waiting, Option<u64>), Error> {
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
