//! A DynamoDB that does what it is asked and takes its time to say so, on a clock that nobody waits for.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::time::{Instant, pause, resume, sleep};

/// Longer than anybody waits.
pub const FOR_EVER: Duration = Duration::from_secs(3_600);

/// Lets the answers of DynamoDB wait.
#[derive(Clone)]
pub struct Slow {
    /// The operation whose answers wait; all of them when empty.
    operation: &'static str,
    delay: Duration,
    waited: Arc<Mutex<Duration>>,
}

impl Slow {
    /// Answers to this operation, or all for `""`, come this much later.
    #[must_use]
    pub fn new(operation: &'static str, delay: Duration) -> Self {
        Self { operation, delay, waited: Arc::default() }
    }

    /// For how long callers waited since this was asked last.
    #[must_use]
    pub fn waited(&self) -> Duration {
        std::mem::take(&mut *self.waited.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn before(self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(SlowClient { slow: self, inner })
    }
}

struct SlowClient {
    slow: Slow,
    inner: SharedHttpClient,
}

struct SlowConnector {
    slow: Slow,
    inner: SharedHttpConnector,
}

impl HttpClient for SlowClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(SlowConnector { slow: self.slow.clone(), inner })
    }
}

impl HttpConnector for SlowConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(self.slow.operation) {
            return self.inner.call(request);
        }
        let (slow, inner) = (self.slow.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            let answer = inner.call(request).await;
            let waiting = Waiting::begin(slow.waited);
            sleep(slow.delay).await;
            drop(waiting);
            answer
        })
    }
}

/// While one exists, the runtime's clock stands still and jumps to the next moment that somebody waits for.
/// It may also be given up, when the caller loses patience.
struct Waiting {
    since: Instant,
    waited: Arc<Mutex<Duration>>,
}

thread_local! {
    static WAITING: AtomicUsize = const { AtomicUsize::new(0) };
}

impl Waiting {
    fn begin(waited: Arc<Mutex<Duration>>) -> Self {
        if WAITING.with(|waiting| waiting.fetch_add(1, Ordering::SeqCst)) == 0 {
            pause();
        }
        Self { since: Instant::now(), waited }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        *self.waited.lock().unwrap_or_else(PoisonError::into_inner) += self.since.elapsed();
        if WAITING.with(|waiting| waiting.fetch_sub(1, Ordering::SeqCst)) == 1 {
            resume();
        }
    }
}

impl fmt::Debug for SlowClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SlowClient")
    }
}

impl fmt::Debug for SlowConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SlowConnector")
    }
}
