//! How long a request may take, which each of its steps knows.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout};

/// A request is answered within this: Lambda ends a function after 29 seconds, and what was not handed over
/// by then is lost.
const REQUEST: Duration = Duration::from_secs(26);
/// How long a request waits for a table that does not answer, whatever it asks it for.
const WAITING_IN_VAIN: Duration = Duration::from_secs(5);
/// The time for work that only spares others a wait.
const HURRYING: Duration = Duration::from_millis(300);

/// The end of a request, and what it waited for in vain. Clones share the latter.
#[derive(Clone)]
pub struct Deadline {
    /// `None` for tools, at which a person sits.
    end: Option<Instant>,
    /// Milliseconds.
    waited_in_vain: Arc<AtomicU64>,
    /// Whether others were to be spared a wait, and that took too long already.
    has_hurried_in_vain: Arc<AtomicBool>,
}

impl Deadline {
    /// The deadline of a request that comes now.
    #[must_use]
    pub fn of_request() -> Self {
        Self { end: Some(Instant::now() + REQUEST), ..Self::none() }
    }

    /// The deadline of an event for which nobody waits, and that may take so long from now on.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self { end: Some(Instant::now() + time), ..Self::none() }
    }

    /// No deadline.
    #[must_use]
    pub fn none() -> Self {
        Self { end: None, waited_in_vain: Arc::default(), has_hurried_in_vain: Arc::default() }
    }

    /// How much time is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether what is taken from the table now still reaches the caller, however long the table takes to answer.
    #[must_use]
    pub fn can_hand_over(&self) -> bool {
        self.left() > WAITING_IN_VAIN
    }

    /// Whether it is time to begin with the answer, which takes some requests to a table that may be slow.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.left() <= WAITING_IN_VAIN
    }

    /// Does what only spares others a wait, for a moment at most and, once that was not enough, not again.
    pub(crate) async fn hurry(&self, work: BoxFuture<'_, ()>) {
        if !self.has_hurried_in_vain.load(Ordering::Relaxed) && !self.moment(work).await {
            self.has_hurried_in_vain.store(true, Ordering::Relaxed);
        }
    }

    /// Does something for a moment at most; tells whether that was enough.
    pub(crate) async fn moment(&self, work: BoxFuture<'_, ()>) -> bool {
        timeout(HURRYING.min(self.left()), work).await.is_ok()
    }

    /// Waits for an answer of the table, as long as there is time.
    pub(crate) async fn bound<O, E, R>(
        &self,
        request: impl Future<Output = Result<O, SdkError<E, R>>>,
    ) -> Result<O, SdkError<E, R>> {
        // The SDK's futures are large, and those of a request lie in each other.
        let request = Box::pin(request);
        if self.end.is_none() {
            return request.await;
        }
        let waited = Duration::from_millis(self.waited_in_vain.load(Ordering::Relaxed));
        let patience = WAITING_IN_VAIN.saturating_sub(waited).min(self.left());
        let began = Instant::now();
        let outcome = match timeout(patience, request).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SdkError::timeout_error(OutOfTime)),
        };
        if matches!(outcome, Err(SdkError::TimeoutError(_) | SdkError::DispatchFailure(_))) {
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.waited_in_vain.fetch_add(took, Ordering::Relaxed);
        }
        outcome
    }
}

/// The table did not answer in time.
#[derive(Debug)]
struct OutOfTime;

impl fmt::Display for OutOfTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the table did not answer in the time of the request")
    }
}

impl std::error::Error for OutOfTime {}
