//! Pings: how people say that they are still there, and how they begin to wait for what happens.

use std::sync::atomic::AtomicU64;

use aws_sdk_dynamodb::types::ReturnValue;
use serde::Deserialize;

use super::client::Table;
use super::error::Error;
use super::item::from_attributes;
use super::key::Key;
use super::presence;
use super::transaction::{Change, Condition};
use crate::domain::account::UserId;
use crate::domain::guest::GuestCookie;
use crate::domain::room::{Amount, SessionId, Token};
use crate::domain::time::Timestamp;

/// Whose messages wait where.
pub struct Mailbox {
    pub(super) key: Key,
    pub(super) session: SessionId,
    /// Messages with lower numbers are too old. They are stored shortly after they are numbered, so that
    /// below one that is too old there is none that is not.
    pub(super) first: AtomicU64,
}

impl Mailbox {
    #[must_use]
    pub const fn session(&self) -> &SessionId {
        &self.session
    }
}

/// What somebody pings for.
#[derive(Clone, Copy)]
pub enum Ping {
    /// To stay in the call.
    Keep,
    /// To be told what happens from now on, instead of an earlier poll of the session.
    Poll,
}

impl Ping {
    fn change(self, now: Timestamp, kept_seconds: i64) -> Result<Change, Error> {
        let change = presence::pinged(Change::default(), now, kept_seconds)?;
        Ok(match self {
            Self::Keep => change,
            Self::Poll => change.add("polls", 1),
        })
    }
}

/// A session that just pinged.
pub struct Pinged {
    /// Its messages.
    pub mailbox: Mailbox,
    /// The number of the room.
    pub room_id: u64,
    /// What [`super::Signals::people`] was when its owner last read who is there.
    pub told: u64,
    /// What was ever numbered for it.
    pub(super) sent: Amount,
    /// How many polls were begun for it, this one included.
    pub(super) polls: u64,
    /// The last of them that was answered.
    answered: u64,
}

impl Pinged {
    /// Whether an earlier poll of the session may still be held.
    pub(super) fn overtakes(&self) -> bool {
        self.answered.saturating_add(1) < self.polls
    }
}

/// What of a presence is about messages and polls.
#[derive(Deserialize)]
pub(super) struct SessionItem {
    session_id: Option<SessionId>,
    #[serde(default)]
    room_id: u64,
    #[serde(default)]
    told: u64,
    #[serde(default)]
    pub(super) sent: u64,
    #[serde(default)]
    pub(super) sent_bytes: u64,
    #[serde(default)]
    first: u64,
    #[serde(default)]
    polls: u64,
    #[serde(default)]
    answered: u64,
}

impl Table {
    /// Keeps a user in the call: one write and no read. `None` without a live session in the room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ping_as_user(
        &self,
        token: &Token,
        user: &UserId,
        ping: Ping,
        now: Timestamp,
    ) -> Result<Option<Pinged>, Error> {
        let is_live = presence::is_heard_of(Condition::default().has("session_id"), now)?;
        let change = ping.change(now, presence::kept_seconds(true))?;
        self.ping(Key::user_presence(token, user), change, is_live).await
    }

    /// Keeps a guest in the call: one write and no read. `None` without a live session in the room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ping_as_guest(
        &self,
        token: &Token,
        cookie: &GuestCookie,
        ping: Ping,
        now: Timestamp,
    ) -> Result<Option<Pinged>, Error> {
        let is_own =
            Condition::exists().with("cookie_digest", &cookie.digest())?.above("expires_at", &now)?;
        let change = ping.change(now, presence::kept_seconds(false))?;
        self.ping(Key::guest_presence(token, cookie.id()), change, is_own).await
    }

    async fn ping(&self, key: Key, change: Change, is_live: Condition) -> Result<Option<Pinged>, Error> {
        let Some(attributes) = self.update_and_read(&key, change, is_live, ReturnValue::AllNew).await? else {
            return Ok(None);
        };
        let item: SessionItem = from_attributes(attributes)?;
        Ok(item.session_id.map(|session| Pinged {
            mailbox: Mailbox { key, session, first: item.first.into() },
            room_id: item.room_id,
            told: item.told,
            sent: Amount { messages: item.sent, bytes: item.sent_bytes },
            polls: item.polls,
            answered: item.answered,
        }))
    }

    /// Whether the session polled again since, or is gone.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn is_overtaken(&self, pinged: &Pinged) -> Result<bool, Error> {
        let item = self.get::<SessionItem>(&pinged.mailbox.key).await?;
        Ok(item.is_none_or(|item| item.polls != pinged.polls))
    }
}
