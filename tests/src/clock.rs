//! A clock that tests set, and on which waiting takes no time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
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
    /// Whether those who sleep let no time pass for others.
    stands_still: AtomicBool,
    /// How long they slept meanwhile, in milliseconds.
    slept: AtomicI64,
    /// One for each sleep that may pass.
    passes: Semaphore,
    sleeps: AtomicUsize,
    begun: Notify,
    advanced: Notify,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            milliseconds: AtomicI64::new(0),
            stands_still: AtomicBool::new(false),
            slept: AtomicI64::new(0),
            passes: Semaphore::new(ALL_SLEEPS),
            sleeps: AtomicUsize::new(0),
            begun: Notify::new(),
            advanced: Notify::new(),
        }
    }
}

impl TestClock {
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.milliseconds.fetch_add(milliseconds, Ordering::SeqCst);
        self.advanced.notify_waiters();
    }

    /// From now on only the test lets time pass: those who sleep wake at once, and the moment is still the same.
    pub(crate) fn stand_still(&self) {
        self.stands_still.store(true, Ordering::SeqCst);
    }

    /// Waits until the test has let this much time pass.
    async fn reached(&self, moment: Duration) {
        loop {
            let advanced = self.advanced.notified();
            if self.passed() >= moment {
                return;
            }
            advanced.await;
        }
    }

    /// How much time the test has let pass.
    fn passed(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Ordering::SeqCst).unsigned_abs())
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
        Timestamp(self.milliseconds() / 1000)
    }

    fn milliseconds(&self) -> i64 {
        START * 1000 + self.milliseconds.load(Ordering::SeqCst)
    }

    fn elapsed(&self) -> Duration {
        self.passed() + Duration::from_millis(self.slept.load(Ordering::SeqCst).unsigned_abs())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.sleeps.fetch_add(1, Ordering::SeqCst);
            self.begun.notify_waiters();
            if let Ok(pass) = self.passes.acquire().await {
                pass.forget();
            }
            let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
            if self.stands_still.load(Ordering::SeqCst) {
                self.slept.fetch_add(milliseconds, Ordering::SeqCst);
            } else {
                self.advance(milliseconds);
            }
            tokio::task::yield_now().await;
        })
    }
}

/// The clock of a tenant as the function behind the sockets goes by it: a moment takes no time, and what is longer lasts
/// until the test lets it pass.
pub(crate) struct SocketClock(pub(crate) Arc<TestClock>);

/// What is no longer than this is a moment.
const MOMENT: Duration = Duration::from_secs(1);

impl Clock for SocketClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn milliseconds(&self) -> i64 {
        self.0.milliseconds()
    }

    fn elapsed(&self) -> Duration {
        self.0.passed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let moment = self.elapsed().saturating_add(duration);
        Box::pin(async move {
            if duration > MOMENT {
                self.0.reached(moment).await;
            }
        })
    }
}
