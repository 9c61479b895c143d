//! A clock that tests set, and on which waiting takes no time.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use shared::domain::time::Timestamp;
use shared::gateway::Clock;
use tokio::sync::{Notify, Semaphore};

use crate::START;

/// More than anybody sleeps.
const ALL_SLEEPS: usize = 1 << 20;
/// How long a test waits, by a real clock, for a sleep to begin.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct TestClock {
    milliseconds: AtomicI64,
    /// One for each sleep that may pass.
    passes: Semaphore,
    sleeps: AtomicUsize,
    begun: Notify,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            milliseconds: AtomicI64::new(0),
            passes: Semaphore::new(ALL_SLEEPS),
            sleeps: AtomicUsize::new(0),
            begun: Notify::new(),
        }
    }
}

impl TestClock {
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.milliseconds.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// From now on, the first `sleeps` pass, and the next one lasts until [`TestClock::go_on`].
    pub(crate) fn stop_after(&self, sleeps: usize) {
        self.passes.forget_permits(ALL_SLEEPS);
        self.passes.add_permits(sleeps);
        self.sleeps.store(0, Ordering::SeqCst);
    }

    /// Waits until `sleeps` have begun since then.
    pub(crate) async fn begun(&self, sleeps: usize) {
        loop {
            let begun = self.begun.notified();
            if self.sleeps.load(Ordering::SeqCst) >= sleeps {
                return;
            }
            // A poll that was answered sleeps no more: better a failure than a test without an end.
            let waited = tokio::time::timeout(PATIENCE, begun).await;
            assert!(waited.is_ok(), "fewer than {sleeps} sleeps have begun, and no poll begins another");
        }
    }

    pub(crate) fn pass(&self, sleeps: usize) {
        self.passes.add_permits(sleeps);
    }

    pub(crate) fn go_on(&self) {
        self.passes.add_permits(ALL_SLEEPS);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(START + self.milliseconds.load(Ordering::SeqCst) / 1000)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Ordering::SeqCst).unsigned_abs())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.sleeps.fetch_add(1, Ordering::SeqCst);
            self.begun.notify_waiters();
            if let Ok(pass) = self.passes.acquire().await {
                pass.forget();
            }
            self.advance(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX));
            tokio::task::yield_now().await;
        })
    }
}
