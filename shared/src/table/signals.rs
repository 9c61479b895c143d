//! The news of a call: what those who wait for it look at, once a second.

use serde::{Deserialize, Serialize};

use super::client::Table;
use super::error::Error;
use super::key::Key;
use super::pings::Pinged;
use super::transaction::{Change, Condition};
use crate::domain::news::Signal;
use crate::domain::room::Token;
use crate::domain::time::Timestamp;

/// How long the counters of a call are kept after the last change, in seconds.
const NEWS_SECONDS: i64 = 24 * 60 * 60;

/// What those who wait for a call look at; another number than before says that something happened.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// How often somebody came or went.
    #[serde(default)]
    pub people: u64,
    /// How often messages were sent.
    #[serde(default)]
    pub messages: u64,
    /// How often a poll began while one of the same session was held.
    #[serde(default)]
    pub polls: u64,
}

impl Table {
    /// Ends an earlier poll of the same session, if one is held: nobody may hear its answer.
    pub async fn overtake(&self, token: &Token, pinged: &Pinged, now: Timestamp) {
        if pinged.overtakes() {
            self.count(token, "polls", now).await;
        }
    }

    /// What happened to the call so far: one item.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn signals(&self, token: &Token) -> Result<Signals, Error> {
        Ok(self.get(&Key::signals(token)).await?.unwrap_or_default())
    }

    /// Wakes those who wait for a call. A failure only lets them look later.
    pub async fn wake(&self, token: &Token, signal: Signal, now: Timestamp) {
        let counter = match signal {
            Signal::People => "people",
            Signal::Messages => "messages",
        };
        if signal == Signal::People {
            self.untold().remove(token);
        }
        self.count(token, counter, now).await;
    }

    async fn count(&self, token: &Token, counter: &str, now: Timestamp) {
        if let Ok(change) = Change::default().add(counter, 1).set("expires_at", &now.plus(NEWS_SECONDS)) {
            self.hurry(async {
                let _ = self.update(&Key::signals(token), change, Condition::default()).await;
            })
            .await;
        }
    }
}
