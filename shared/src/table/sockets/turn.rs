//! The right to hand on what waits in a session's boxes, which one at a time has, so that order is kept.

use super::items::SignalingSession;
use crate::domain::room::Amount;
use crate::domain::socket::PublicId;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{Attributes, MAX_WAITING, MAX_WAITING_BYTES, from_attributes};
use crate::table::key::Key;
use crate::table::transaction::{Change, Condition, MAX_ACTIONS, Transaction};

/// For how long one hands on before others may take over, in milliseconds.
pub const TURN_MILLISECONDS: i64 = 10_000;

/// Which of a session's boxes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SessionBox {
    /// What it says to others.
    Out,
    /// What others say to it while it has no socket, or from where nobody may write to one.
    In,
}

impl SessionBox {
    /// The attribute that counts what waits.
    pub(super) const fn counter(self) -> &'static str {
        match self {
            Self::Out => "outgoing",
            Self::In => "waiting",
        }
    }

    /// The attribute that counts their bytes.
    pub(super) const fn bytes(self) -> &'static str {
        match self {
            Self::Out => "outgoing_bytes",
            Self::In => "waiting_bytes",
        }
    }

    /// How much was ever put in, by a stored session.
    fn numbered_in(self, session: &Attributes) -> Option<u64> {
        session.get(self.numbered())?.as_n().ok()?.parse().ok()
    }

    /// The attribute that counts all that was ever put in.
    const fn numbered(self) -> &'static str {
        match self {
            Self::Out => "said",
            Self::In => "numbered",
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
    which: SessionBox,
    until: i64,
    /// All that was ever put in before the turn began.
    numbered: Option<u64>,
}

/// Messages that are being handed on.
pub struct Handing {
    items: Vec<Item>,
    /// Whether the box is empty without them.
    is_all: bool,
}

struct Item {
    key: Key,
    bytes: u64,
    /// Whether it is removed without being handed on.
    is_too_old: bool,
}

impl Handing {
    pub(super) const fn all() -> Self {
        Self { items: Vec::new(), is_all: true }
    }

    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self { items: Vec::new(), is_all: false }
    }

    pub(super) fn add(&mut self, key: Key, bytes: usize, is_too_old: bool) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.items.push(Item { key, bytes, is_too_old });
    }

    /// One of them is in the box again.
    pub(super) fn leave(&mut self, key: &Key) {
        self.items.retain(|item| item.key != *key);
        self.is_all = false;
    }

    /// Something is left in the box.
    pub(super) const fn leave_one(&mut self) {
        self.is_all = false;
    }

    /// The first of them, and what is too old.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        let (before, mut left) = (self.items.len(), count);
        self.items.retain(|item| {
            let is_handed = !item.is_too_old && left > 0;
            left = left.saturating_sub(usize::from(is_handed));
            is_handed || item.is_too_old
        });
        self.is_all &= self.items.len() == before;
        self
    }
}

/// The number of the first of some messages that were counted into a box.
pub(in crate::table) enum Numbered {
    From(u64),
    /// As many wait as may.
    Full,
    /// The session is gone.
    Gone,
}

impl Table {
    /// Counts messages into a box, before they are stored.
    pub(in crate::table) async fn count_in(
        &self,
        public: &PublicId,
        which: SessionBox,
        amount: Amount,
    ) -> Result<Numbered, Error> {
        let change = Change::default()
            .add(which.numbered(), amount.messages)
            .add(which.counter(), amount.messages)
            .add(which.bytes(), amount.bytes);
        let has_room = Condition::exists()
            .missing_or_at_most(which.counter(), MAX_WAITING.saturating_sub(amount.messages))
            .missing_or_at_most(which.bytes(), MAX_WAITING_BYTES.saturating_sub(amount.bytes));
        match self.update_patiently(&Key::signaling_session(public), change, has_room).await? {
            Some(item) => {
                let numbered = which.numbered_in(&item).unwrap_or_default();
                Ok(Numbered::From(numbered.saturating_sub(amount.messages)))
            }
            None if self.signaling_session(public).await?.is_some() => Ok(Numbered::Full),
            None => Ok(Numbered::Gone),
        }
    }

    /// Takes the turn at a box, with the session as it is now; `None` while another one has it, or when the session is
    /// gone.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn take_box(
        &self,
        public: &PublicId,
        which: SessionBox,
        milliseconds: i64,
    ) -> Result<Option<(BoxTurn, SignalingSession)>, Error> {
        let until = milliseconds.saturating_add(TURN_MILLISECONDS);
        let free = Condition::exists().missing_or_at_most(which.until(), milliseconds.unsigned_abs());
        let mine = Change::default().set(which.until(), &until)?;
        let key = Key::signaling_session(public);
        let Some(item) = self.update_patiently(&key, mine, free).await? else {
            return Ok(None);
        };
        let numbered = which.numbered_in(&item);
        let session = SignalingSession::new(public.clone(), from_attributes(item)?);
        Ok(Some((BoxTurn { public: public.clone(), which, until, numbered }, session)))
    }

    /// Takes messages out of a box before they are handed on, so that the next one who has the turn does not find them.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn take_out_of_box(&self, handing: &Handing) -> Result<(), Error> {
        for items in handing.items.chunks(MAX_ACTIONS) {
            let mut removal = Transaction::default();
            for item in items {
                removal.delete(item.key.clone(), Condition::default());
            }
            let _ = self.write(removal).await?;
        }
        Ok(())
    }

    /// Ends the turn, after which what was handed on counts no more. Of a box that is empty then, the counters begin anew: whatever died
    /// between counting and storing, they are right again.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn hand_over(&self, turn: BoxTurn, handing: Handing) -> Result<(), Error> {
        let (which, key) = (turn.which, Key::signaling_session(&turn.public));
        let mine = Condition::exists().with(which.until(), &turn.until)?;
        let over = Change::default().set(which.until(), &0)?;
        if handing.is_all {
            let anew = over.clone().set(which.counter(), &0)?.set(which.bytes(), &0)?;
            let unchanged = mine.clone().same(which.numbered(), turn.numbered.as_ref())?;
            if self.update_patiently(&key, anew, unchanged).await?.is_some() {
                return Ok(());
            }
        }
        let count = u64::try_from(handing.items.len()).unwrap_or(u64::MAX);
        let change = match count {
            0 => over,
            count => over
                .subtract(which.counter(), count)
                .subtract(which.bytes(), handing.items.iter().map(|item| item.bytes).sum()),
        };
        self.update_patiently(&key, change, mine).await.map(|_| ())
    }
}
