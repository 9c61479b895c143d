//! What sessions say, in the order in which the gateway took it.
//!
//! Each frame comes to an instance of its own, so that a later one may come first. What can wait is kept here until
//! all that was sent before it has come; then one at a time hands on what is due.

use serde::{Deserialize, Serialize};

use super::items::Place;
use super::turn::{Handing, Numbered, SessionBox};
use crate::domain::room::Amount;
use crate::domain::socket::PublicId;
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::from_attributes;
use crate::table::key::Key;
use crate::table::transaction::{Change, Condition};

/// How long an outgoing message is kept, in seconds: it is handed on within one.
const OUTGOING_SECONDS: i64 = 60;

/// A message that was said and is not handed on yet.
#[derive(Clone, Serialize, Deserialize)]
pub struct Outgoing {
    /// What the client sent, as JSON.
    pub text: String,
    /// Where the sender was at that moment.
    pub place: Place,
    /// When the gateway took it, in milliseconds since 1970.
    pub milliseconds: i64,
}

/// Whether a message is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Yes,
    /// As many wait as may.
    Full,
    /// The session is gone.
    Gone,
}

impl Table {
    /// Keeps a message of a session until it is due; `id` is the gateway's for the frame.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn keep_outgoing(
        &self,
        public: &PublicId,
        id: &str,
        message: &Outgoing,
        now: Timestamp,
    ) -> Result<Kept, Error> {
        let bytes = u64::try_from(message.text.len()).unwrap_or(u64::MAX);
        match self.count_in(public, SessionBox::Out, Amount { messages: 1, bytes }).await? {
            Numbered::From(_) => {}
            Numbered::Full => return Ok(Kept::Full),
            Numbered::Gone => return Ok(Kept::Gone),
        }
        let item = Change::default()
            .set("text", &message.text)?
            .set("place", &message.place)?
            .set("milliseconds", &message.milliseconds)?
            .set("expires_at", &now.plus(OUTGOING_SECONDS))?;
        let key = Key::outgoing(public, message.milliseconds, id);
        self.update(&key, item, Condition::default()).await?;
        Ok(Kept::Yes)
    }

    /// Whether a message is still to be handed on.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn is_outgoing(&self, public: &PublicId, id: &str, milliseconds: i64) -> Result<bool, Error> {
        let item = self.get::<Outgoing>(&Key::outgoing(public, milliseconds, id)).await?;
        Ok(item.is_some())
    }

    /// What a session said and is not handed on yet, up to a moment in milliseconds, the oldest first. With a turn, one
    /// may hand it on.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn outgoing(&self, public: &PublicId, until: i64) -> Result<(Vec<Outgoing>, Handing), Error> {
        let items = self.query(&Key::outbox_partition(public), "").await?;
        let mut messages = Vec::new();
        let mut handing = Handing::all();
        for (key, attributes) in items {
            let message: Outgoing = from_attributes(attributes)?;
            if message.milliseconds <= until {
                handing.add(key, message.text.len(), false);
                messages.push(message);
            } else {
                handing.leave_one();
            }
        }
        Ok((messages, handing))
    }
}
