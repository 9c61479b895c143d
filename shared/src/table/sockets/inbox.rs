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
                    let item = Change::default()
                        .set("text", frame)?
                        .set("expires_at", &now.plus(MESSAGE_SECONDS))?
                        .set("socket", public)?;
                    let key = Key::message(Address::Socket(public), number);
                    self.update(&key, item, Condition::default()).await?;
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
    pub async fn incoming(&self, public: &PublicId, now: Timestamp) -> Result<(Vec<String>, Handing), Error> {
        let items = self.query(&Key::queue_partition(Address::Socket(public)), "").await?;
        let mut frames = Vec::new();
        let mut handing = Handing::all();
        for (key, attributes) in items {
            let item: MessageItem = from_attributes(attributes)?;
            handing.add(key, item.text.len(), item.expires_at <= now);
            if item.expires_at > now {
                frames.push(item.text);
            }
        }
        Ok((frames, handing))
    }
}
