//! The right to hand on what waits in a session's boxes, which one at a time has, so that order is kept.

use super::items::SignalingSession;
use crate::domain::socket::PublicId;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::from_attributes;
use crate::table::key::Key;
use crate::table::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use aws_sdk_dynamodb::types::ReturnValue;

/// For how long one hands on before others may take over, in milliseconds.
pub const TURN_MILLISECONDS: i64 = 10_000;

/// Which of a session's boxes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Box {
    /// What it says to others.
    Out,
    /// What others say to it while it has no socket, or from where nobody may write to one.
    In,
}

impl Box {
    /// The attribute that counts what waits.
    pub(super) const fn counter(self) -> &'static str {
        match self {
            Self::Out => "outgoing",
            Self::In => "waiting",
        }
    }

    /// The attribute that says until when somebody has the turn.
    const fn until(self) -> &'static str {
        match self {
            Self::Out => "outgoing_until",
            Self::In => "waiting_until",
        }
    }
}

/// The turn at a box; ends by [`Table::hand_over`], or by itself.
pub struct BoxTurn {
    public: PublicId,
    which: Box,
    until: i64,
}

/// Messages that are being handed on.
pub struct Handing {
    which: Box,
    items: Vec<Item>,
}

struct Item {
    key: Key,
    bytes: u64,
    /// Whether it is removed without being handed on.
    is_too_old: bool,
}

impl Handing {
    pub(super) const fn of(which: Box) -> Self {
        Self { which, items: Vec::new() }
    }

    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self::of(Box::In)
    }

    pub(super) fn add(&mut self, key: Key, bytes: usize, is_too_old: bool) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.items.push(Item { key, bytes, is_too_old });
    }

    /// The first of them, and what is too old.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        let mut left = count;
        self.items.retain(|item| {
            let is_handed = !item.is_too_old && left > 0;
            left = left.saturating_sub(usize::from(is_handed));
            is_handed || item.is_too_old
        });
        self
    }
}

impl Table {
    /// Takes the turn at a box, with the session as it is now; `None` while another one has it, or when the session is
    /// gone.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn take_box(
        &self,
        public: &PublicId,
        which: Box,
        milliseconds: i64,
    ) -> Result<Option<(BoxTurn, SignalingSession)>, Error> {
        let until = milliseconds.saturating_add(TURN_MILLISECONDS);
        let free = Condition::exists().missing_or_at_most(which.until(), milliseconds.unsigned_abs());
        let mine = Change::default().set(which.until(), &until)?;
        let key = Key::signaling_session(public);
        let Some(item) = self.update_and_read(&key, mine, free, ReturnValue::AllNew).await? else {
            return Ok(None);
        };
        let session = SignalingSession::new(public.clone(), from_attributes(item)?);
        Ok(Some((BoxTurn { public: public.clone(), which, until }, session)))
    }

    /// Removes what was handed on, and ends the turn.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn hand_over(&self, turn: BoxTurn, handing: Handing) -> Result<(), Error> {
        let count = u64::try_from(handing.items.len()).unwrap_or(u64::MAX);
        for items in handing.items.chunks(MAX_ACTIONS) {
            let mut removal = Transaction::default();
            for item in items {
                removal.delete(item.key.clone(), Condition::default());
            }
            let _ = self.write(removal).await?;
        }
        let mut change = Change::default().set(turn.which.until(), &0)?;
        if count > 0 {
            change = change.subtract(turn.which.counter(), count);
            if handing.which == Box::In {
                change = change.subtract("waiting_bytes", handing.items.iter().map(|item| item.bytes).sum());
            }
        }
        // Another one may have taken over who took too long; the count is right all the same.
        let mine = Condition::exists().with(turn.which.until(), &turn.until)?;
        self.update(&Key::signaling_session(&turn.public), change, mine).await.map(|_| ())
    }
}
