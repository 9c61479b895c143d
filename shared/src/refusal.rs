//! The one error type: why a request is not answered with what it asked for.

use std::error::Error;
use std::fmt::Write as _;

use lambda_http::http::StatusCode;
use serde_json::Value;

/// A request that cannot be granted.
///
/// What the caller reads and what the operator reads are different fields; the second never leaves
/// the log.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(crate) kind: Kind,
    /// A sentence for the caller; empty where the API promises no text.
    pub(crate) message: String,
    /// The cause for the operator's log; never holds what a caller sent.
    pub(crate) cause: Option<String>,
    /// What stands in the envelope instead of an empty list.
    pub(crate) data: Option<Box<Value>>,
}

/// What a refusal becomes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An HTTP status with the envelope around it.
    Status(StatusCode),
    /// A status code of the OCS provisioning API, 101 to 199: HTTP 400 in version 2.
    Provisioning(u16),
    /// 401, which OCS numbers 997.
    NotLoggedIn,
    /// No such route, which OCS numbers 998 and answers in XML.
    NoRoute,
    /// Nothing by that name, which the provisioning API numbers 998.
    Unknown,
    /// The path is known, the method is not: 405 with an `Allow` header, which is the message, and no body.
    NoMethod,
    /// 412 outside of the envelope.
    CrossSite,
    /// Somebody else changed what this request decided on; the request starts again.
    Contested,
}

impl Refusal {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), cause: None, data: None }
    }

    fn status(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(Kind::Status(status), message)
    }

    /// 400: an argument is not acceptable; `message` names it and its limit.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::status(StatusCode::BAD_REQUEST, message)
    }

    /// 401, in the envelope of reference "401".
    #[must_use]
    pub fn not_logged_in() -> Self {
        Self::new(Kind::NotLoggedIn, "Current user is not logged in")
    }

    /// 403: the caller is known and may not.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::status(StatusCode::FORBIDDEN, message)
    }

    /// 404: does not exist, or not for this caller; nobody can tell which.
    #[must_use]
    pub fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND, "")
    }

    /// 405 of an endpoint that does not fit the type of the room.
    #[must_use]
    pub fn wrong_room_type(message: impl Into<String>) -> Self {
        Self::status(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    /// 412: the person is not in the state that the change starts from.
    #[must_use]
    pub fn precondition_failed(message: impl Into<String>) -> Self {
        Self::status(StatusCode::PRECONDITION_FAILED, message)
    }

    /// 413: more than this endpoint reads.
    #[must_use]
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// 429: more than may wait.
    #[must_use]
    pub fn too_many(message: impl Into<String>) -> Self {
        Self::status(StatusCode::TOO_MANY_REQUESTS, message)
    }

    /// The same with content, where the API promises some beside the status.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// 415: a body that nobody can read parameters from.
    #[must_use]
    pub fn wrong_content_type(message: impl Into<String>) -> Self {
        Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 404 with OCS status 998: no such path.
    #[must_use]
    pub fn no_route() -> Self {
        Self::new(
            Kind::NoRoute,
            "Invalid query, please check the syntax. API specifications are here: \
             http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.",
        )
    }

    /// 405 without a body; `allowed` lists the methods of the path.
    #[must_use]
    pub fn no_method(allowed: impl Into<String>) -> Self {
        Self::new(Kind::NoMethod, allowed)
    }

    /// 412 of the CSRF rule (reference "CSRF").
    #[must_use]
    pub fn cross_site() -> Self {
        Self::new(Kind::CrossSite, "CSRF check failed")
    }

    /// A status code of the OCS provisioning API, between 101 and 199.
    #[must_use]
    pub fn provisioning(code: u16, message: impl Into<String>) -> Self {
        Self::new(Kind::Provisioning(code), message)
    }

    /// 998 of the provisioning API: no person or group by that name.
    #[must_use]
    pub fn unknown(message: impl Into<String>) -> Self {
        Self::new(Kind::Unknown, message)
    }

    /// Somebody else was faster; nothing was written, and the request is answered afresh.
    #[must_use]
    pub(crate) fn contested() -> Self {
        Self::new(Kind::Contested, "Too many changes at the same time. Please try again.")
    }

    /// 503: the table cannot be reached or is overloaded.
    pub(crate) fn unavailable(doing: &str, cause: &(dyn Error + 'static)) -> Self {
        let mut refusal =
            Self::status(StatusCode::SERVICE_UNAVAILABLE, "The service is overloaded. Please try again.");
        refusal.cause = Some(describe(doing, cause));
        refusal
    }

    /// 500: a defect. The caller learns nothing, the log learns the cause.
    #[must_use]
    pub fn failure(doing: &str, cause: &(dyn Error + 'static)) -> Self {
        let mut refusal = Self::status(StatusCode::INTERNAL_SERVER_ERROR, "Internal error");
        refusal.cause = Some(describe(doing, cause));
        refusal
    }

    /// All that an operator may know: the cause, else what the caller is told.
    #[must_use]
    pub fn describe(&self) -> &str {
        self.cause.as_deref().unwrap_or(&self.message)
    }

    /// Whether the path leads nowhere.
    pub(crate) fn is_no_route(&self) -> bool {
        self.kind == Kind::NoRoute
    }

    /// Whether the request lost a race and should start again.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.kind == Kind::Contested
    }
}

/// The whole chain of causes; errors of the SDK say little on their first level.
fn describe(doing: &str, cause: &(dyn Error + 'static)) -> String {
    let mut text = format!("{doing}: {cause}");
    let mut next = cause.source();
    while let Some(cause) = next {
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}
