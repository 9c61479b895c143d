//! What a function keeps while it is warm, and what operators learn of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::clock::Clock;
use super::settings::Signaling;
use super::suspects::Suspects;
use crate::aws::Journal;
use crate::domain::guesses::DEFAULT_MOST_IN_ALL;
use crate::domain::identity::VerifiedPasswords;
use crate::domain::password::PasswordPolicy;
use crate::domain::random::RandomSource;
use crate::table::Table;

/// The most guests in a room where nothing else is set.
const DEFAULT_GUEST_LIMIT: u64 = 500;

/// What a function keeps while it is warm.
pub struct Service {
    pub table: Table,
    pub clock: Arc<dyn Clock>,
    /// Where tokens, session ids and secrets come from.
    pub random: Arc<RandomSource>,
    /// Passwords that were right a short while ago.
    pub verified: VerifiedPasswords,
    /// Who tried too many secrets.
    pub suspects: Suspects,
    /// How members of a call find each other.
    pub signaling: Signaling,
    /// The most guests in a room.
    pub guest_limit: u64,
    /// The most different wrong secrets, and rooms that do not exist, that one source may try in half an hour.
    pub most_guesses: usize,
    /// Which passwords people may choose.
    pub password_policy: PasswordPolicy,
    /// For how many days messages are kept; for ever without.
    pub chat_days: Option<i64>,
    /// Where it is written who failed to log in, if anywhere.
    pub failed_logins: Option<Journal>,
    is_cold: AtomicBool,
}

impl Service {
    /// A service that remembers nothing yet.
    #[must_use]
    pub fn new(table: Table, clock: Arc<dyn Clock>, random: Arc<RandomSource>) -> Self {
        let verified = VerifiedPasswords::new(&random);
        Self {
            table,
            clock,
            random,
            verified,
            suspects: Suspects::default(),
            signaling: Signaling::default(),
            guest_limit: DEFAULT_GUEST_LIMIT,
            most_guesses: DEFAULT_MOST_IN_ALL,
            password_policy: PasswordPolicy::default(),
            chat_days: None,
            failed_logins: None,
            is_cold: AtomicBool::new(true),
        }
    }

    /// Whether this is the first request since the function started; asked once for each.
    pub fn is_first_request(&self) -> bool {
        self.is_cold.swap(false, Ordering::Relaxed)
    }
}

/// What operators learn of a request beside its answer.
#[derive(Default)]
pub(super) struct Notes {
    /// The number of the room whose call it is about; not its token, which lets people in.
    room: AtomicU64,
    /// How long the signaling server was told of changes, in milliseconds.
    telling: AtomicU64,
}

impl Notes {
    /// The number of the room whose call the request was about.
    pub(super) fn room(&self) -> Option<u64> {
        Some(self.room.load(Ordering::Relaxed)).filter(|&id| id > 0)
    }

    pub(super) fn note_room(&self, id: u64) {
        self.room.store(id, Ordering::Relaxed);
    }

    /// How long the signaling server was told of changes.
    pub(super) fn telling(&self) -> Duration {
        Duration::from_millis(self.telling.load(Ordering::Relaxed))
    }

    pub(super) fn note_telling(&self, took: Duration) {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.telling.fetch_add(milliseconds, Ordering::Relaxed);
    }
}
