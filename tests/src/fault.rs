//! What DynamoDB does on a bad day, put between the SDK and the database.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Value, json};

/// Something that happens to requests to DynamoDB.
#[derive(Debug)]
pub struct Fault {
    kind: Kind,
    seen: AtomicUsize,
    /// The batch read that is under way; the answer's hook does not see its request.
    batch: Mutex<Option<Value>>,
    /// Whether the request under way is a transaction, for the same reason.
    is_transaction: AtomicBool,
}

#[derive(Debug)]
enum Kind {
    /// Nothing is written after the first `n` transactions, as if the function had died.
    CrashAfter(usize),
    /// The function dies before it sends this request, counted from 0, or before it reads the answer.
    Death { at: usize, is_sent: bool },
    /// How many answers say that there were too many requests.
    Throttle(usize),
    /// How many transactions meet another one on their way.
    Conflict(usize),
    /// One answer in twenty says that something went wrong.
    FivePercent,
    /// How many batch reads come back without having read anything.
    Unprocessed(usize),
}

impl Fault {
    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            seen: AtomicUsize::new(0),
            batch: Mutex::new(None),
            is_transaction: AtomicBool::new(false),
        }
    }

    /// The function dies after the first `n` transactions.
    #[must_use]
    pub const fn crash_after(transactions: usize) -> Self {
        Self::new(Kind::CrashAfter(transactions))
    }

    /// The function dies before request number `at` is sent.
    #[must_use]
    pub const fn death_before(at: usize) -> Self {
        Self::new(Kind::Death { at, is_sent: false })
    }

    /// The function dies when request number `at` was sent, which DynamoDB answers to nobody.
    #[must_use]
    pub const fn death_after(at: usize) -> Self {
        Self::new(Kind::Death { at, is_sent: true })
    }

    /// DynamoDB throttles the first `n` requests.
    #[must_use]
    pub const fn throttle(requests: usize) -> Self {
        Self::new(Kind::Throttle(requests))
    }

    /// DynamoDB fails one request in twenty.
    #[must_use]
    pub const fn five_percent() -> Self {
        Self::new(Kind::FivePercent)
    }

    /// The first `n` transactions meet another one on their way, which the embedded database, that
    /// does one thing at a time, never shows.
    #[must_use]
    pub const fn conflict(transactions: usize) -> Self {
        Self::new(Kind::Conflict(transactions))
    }

    /// DynamoDB leaves the first `n` batch reads unprocessed.
    #[must_use]
    pub const fn unprocessed(requests: usize) -> Self {
        Self::new(Kind::Unprocessed(requests))
    }

    fn batch(&self) -> std::sync::MutexGuard<'_, Option<Value>> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_transaction(&self) -> bool {
        self.is_transaction.load(Ordering::SeqCst)
    }

    fn is_among_first(&self, count: usize) -> bool {
        self.seen.fetch_add(1, Ordering::SeqCst) < count
    }
}

fn is(request: &HttpRequest, operation: &str) -> bool {
    request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(operation))
}

impl Intercept for Fault {
    fn name(&self) -> &'static str {
        "Fault"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        self.is_transaction.store(is(request, "TransactWriteItems"), Ordering::SeqCst);
        if is(request, "BatchGetItem") {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
            *self.batch() = Some(body);
        }
        match self.kind {
            Kind::CrashAfter(count) if is(request, "TransactWriteItems") && !self.is_among_first(count) => {
                Err("the function died".into())
            }
            Kind::Death { at, is_sent } => {
                let number = self.seen.fetch_add(1, Ordering::SeqCst);
                let is_over = if is_sent { number > at } else { number >= at };
                if is_over { Err("the function died".into()) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (status, body) = match self.kind {
            Kind::Death { at, is_sent: true } if self.seen.load(Ordering::SeqCst) > at => {
                return Err("the function died".into());
            }
            Kind::Throttle(count) if self.is_among_first(count) => {
                let code = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
                (400, json!({ "__type": code, "message": "too many requests" }))
            }
            Kind::FivePercent if self.seen.fetch_add(1, Ordering::SeqCst) % 20 == 7 => {
                let code = "com.amazonaws.dynamodb.v20120810#InternalServerError";
                (500, json!({ "__type": code, "message": "internal error" }))
            }
            Kind::Conflict(count) if self.is_transaction() && self.is_among_first(count) => {
                let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
                let reasons = json!([{ "Code": "TransactionConflict", "Message": "ongoing" }]);
                (400, json!({ "__type": code, "Message": "cancelled", "CancellationReasons": reasons }))
            }
            Kind::Unprocessed(count) => match self.batch().take() {
                Some(request) if self.is_among_first(count) => {
                    (200, json!({ "Responses": {}, "UnprocessedKeys": request.get("RequestItems") }))
                }
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let response = context.response_mut();
        *response.status_mut() = StatusCode::try_from(status)?;
        // The checksum was of the body that is not there any more.
        response.headers_mut().remove("x-amz-crc32");
        *response.body_mut() = SdkBody::from(body.to_string());
        Ok(())
    }
}
