//! What waits for a session that has no socket at the moment, or comes from somebody who polls.

use super::turn::{Handing, Numbered, SessionBox};
use crate::domain::address::Address;
use crate::domain::room::Amount;
use crate::domain::socket::PublicId;
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{MessageItem, from_attributes};
use crate::table::key::Key;
use crate::table::transaction::{Change, Condition};

/// How long a message waits for a socket, in seconds.
const MESSAGE_SECONDS: i64 = 60;

/// A frame that waits for a socket.
#[derive(Clone)]
pub struct Waiting {
    pub text: String,
    key: Key,
    expires_at: Timestamp,
}

impl Waiting {
    fn stored(&self, public: &PublicId) -> Result<Change, Error> {
        Change::default().set("text", &self.text)?.set("expires_at", &self.expires_at)?.set("socket", public)
    }
}

impl Table {
    /// Takes numbers back for which there were no messages.
    pub(in crate::table) async fn forget_numbered(&self, public: &PublicId, amount: Amount) {
        let change = Change::default()
            .subtract(SessionBox::In.counter(), amount.messages)
            .subtract(SessionBox::In.bytes(), amount.bytes);
        let _ = self.update_patiently(&Key::signaling_session(public), change, Condition::exists()).await;
    }

    /// Keeps frames for a session until it has a socket. Tells whether there was room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn keep_for_socket(
        &self,
        public: &PublicId,
        frames: &[String],
        now: Timestamp,
    ) -> Result<bool, Error> {
        for frame in frames {
            let bytes = u64::try_from(frame.len()).unwrap_or(u64::MAX);
            match self.count_in(public, SessionBox::In, Amount { messages: 1, bytes }).await? {
                Numbered::From(number) => {
                    let waiting = Waiting {
                        text: frame.clone(),
                        key: Key::message(Address::Socket(public), number),
                        expires_at: now.plus(MESSAGE_SECONDS),
                    };
                    self.update(&waiting.key, waiting.stored(public)?, Condition::default()).await?;
                }
                Numbered::Full => return Ok(false),
                // Then they are for nobody.
                Numbered::Gone => return Ok(true),
            }
        }
        Ok(true)
    }

    /// What waits for a session, the oldest first. What is too old is among what is removed, and not handed on.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn incoming(
        &self,
        public: &PublicId,
        now: Timestamp,
    ) -> Result<(Vec<Waiting>, Handing), Error> {
        let items = self.query(&Key::queue_partition(Address::Socket(public)), "").await?;
        let mut waiting = Vec::new();
        let mut handing = Handing::all();
        for (key, attributes) in items {
            let MessageItem { text, expires_at, .. } = from_attributes(attributes)?;
            handing.add(key.clone(), text.len(), expires_at <= now);
            if expires_at > now {
                waiting.push(Waiting { text, key, expires_at });
            }
        }
        Ok((waiting, handing))
    }

    /// Puts back what was taken out and not handed on, under its old number. What is left of the others has been handed
    /// on.
    ///
    /// # Errors
    /// When the table fails; then it is lost.
    pub async fn put_back(
        &self,
        public: &PublicId,
        mut handing: Handing,
        left: &[Waiting],
    ) -> Result<Handing, Error> {
        for waiting in left {
            self.update(&waiting.key, waiting.stored(public)?, Condition::default()).await?;
            handing.leave(&waiting.key);
        }
        Ok(handing)
    }
}
