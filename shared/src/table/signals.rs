//! The news of a call: what those who wait for it look at, once a second.

use serde::{Deserialize, Serialize};

use super::Table;
use super::key::Key;
use super::pings::Pinged;
use super::transaction::{Change, Condition};
use crate::refusal::Refusal;
use crate::room::Token;

/// What happened to a call is forgotten so many seconds after the last time.
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

/// What happened to a call.
#[derive(Clone, Copy)]
pub(super) enum News {
    /// Somebody came or went.
    People,
    /// Somebody has a message.
    Messages,
    /// Somebody asks anew, so that an earlier poll waits for nothing.
    Poll,
}

impl Table {
    /// Ends an earlier poll of the same session, if one is held: nobody may hear its answer.
    pub async fn overtake(&self, token: &Token, pinged: &Pinged) {
        if pinged.overtakes() {
            self.announce(token, News::Poll).await;
        }
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
            News::Poll => "polls",
        };
        // When DynamoDB may forget it; nothing is decided by this moment.
        let now = crate::time::Clock::now(&crate::time::SystemClock);
        if let Ok(change) = Change::default().add(counter, 1).set("expires_at", &now.plus(NEWS_SECONDS)) {
            self.hurry(async {
                let _ = self.update(&Key::signals(token), change, Condition::default()).await;
            })
            .await;
        }
    }
}
