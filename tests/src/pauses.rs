//! The pauses of the SDK between two attempts, which tests note down and do not wait for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::{AsyncSleep, Sleep};

/// What lasts longer is a time-out, which no test runs into.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The pauses since they were last asked for.
#[derive(Clone, Debug, Default)]
pub struct Pauses(Arc<Mutex<Duration>>);

impl Pauses {
    /// How long they were together.
    #[must_use]
    pub fn take(&self) -> Duration {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsyncSleep for Pauses {
    fn sleep(&self, duration: Duration) -> Sleep {
        if duration > LONGEST_PAUSE {
            return Sleep::new(std::future::pending());
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
        Sleep::new(std::future::ready(()))
    }
}
