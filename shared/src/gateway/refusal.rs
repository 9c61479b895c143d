//! The one error type: why a request is not answered with what it asked for.

use lambda_http::http::StatusCode;
use serde_json::Value;

use crate::domain::denial::Denial;
use crate::table::Error;

/// A request that cannot be granted.
///
/// What the caller reads and what the operator reads are different fields; the second never leaves
/// the log.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(super) kind: Kind,
    /// A sentence for the caller; empty where the API promises no text.
    pub(super) message: String,
    /// The cause for the operator's log; never holds what a caller sent.
    pub(super) cause: Option<String>,
    /// What stands in the envelope instead of an empty list.
    pub(super) data: Option<Box<Value>>,
    /// After how many seconds it makes sense to ask again.
    pub(super) retry_after: Option<u32>,
}

/// What a refusal becomes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An HTTP status with the envelope around it.
    Status(StatusCode),
    /// A status code of the OCS provisioning API, 101 to 199: HTTP 400 in version 2.
    Provisioning(u16),
    /// 401, which OCS numbers 997.
    NotLoggedIn,
    /// No such route, which OCS numbers 998 and answers in XML.
    NoRoute,
    /// 404: no such room, or not for this caller.
    NoRoom,
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
        Self { kind, message: message.into(), cause: None, data: None, retry_after: None }
    }

    fn status(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(Kind::Status(status), message)
    }

    /// 400: an argument is not acceptable; `message` names it and its limit.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::status(StatusCode::BAD_REQUEST, message)
    }

    /// 401 in its envelope (`docs/api.md#the-envelope`).
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

    /// 404: there is no such room, or not for this caller.
    fn no_room() -> Self {
        Self::new(Kind::NoRoom, "")
    }

    /// 429: too many wrong secrets came from where the caller is, and are forgotten in so many seconds.
    pub(super) fn too_many_guesses(seconds: u32) -> Self {
        let minutes = seconds.div_ceil(60);
        let message = format!(
            "Too many wrong passwords, or rooms that do not exist, came from your address. Try again in {minutes} \
             minutes."
        );
        let mut refusal = Self::status(StatusCode::TOO_MANY_REQUESTS, message);
        refusal.retry_after = Some(seconds);
        refusal
    }

    /// 413: more than this endpoint reads.
    #[must_use]
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE, message)
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

    /// 412 of the CSRF rule (`docs/api.md#the-order-of-checks`).
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
    fn contested() -> Self {
        Self::new(Kind::Contested, "Too many changes at the same time. Please try again.")
    }

    /// 503: the table cannot be reached or is overloaded.
    fn overloaded(cause: String) -> Self {
        let mut refusal =
            Self::status(StatusCode::SERVICE_UNAVAILABLE, "The service is overloaded. Please try again.");
        refusal.cause = Some(cause);
        refusal
    }

    /// 500: a defect. The caller learns nothing, the log learns the cause.
    #[must_use]
    pub fn defect(cause: String) -> Self {
        let mut refusal = Self::status(StatusCode::INTERNAL_SERVER_ERROR, "Internal error");
        refusal.cause = Some(cause);
        refusal
    }

    /// Whether the path leads nowhere.
    pub(super) fn is_no_route(&self) -> bool {
        self.kind == Kind::NoRoute
    }

    /// Whether there is no such room for the caller.
    pub(super) fn is_no_room(&self) -> bool {
        self.kind == Kind::NoRoom
    }

    /// Whether the request lost a race and should start again.
    pub(super) fn is_contested(&self) -> bool {
        self.kind == Kind::Contested
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::NotFound => Self::not_found(),
            Denial::NoRoom => Self::no_room(),
            Denial::NotLoggedIn => Self::not_logged_in(),
            Denial::Forbidden(why) => Self::forbidden(why),
            Denial::Unsuitable(why) => Self::bad_request(why),
            Denial::WrongRoomType(why) | Denial::Unchangeable(why) => {
                Self::status(StatusCode::METHOD_NOT_ALLOWED, why)
            }
            Denial::WrongState(why) => Self::status(StatusCode::PRECONDITION_FAILED, why),
            Denial::TooMany(why) => Self::status(StatusCode::TOO_MANY_REQUESTS, why),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denial) => denial.into(),
            Error::Contested => Self::contested(),
            Error::Overloaded(cause) => Self::overloaded(cause),
            Error::Defect(cause) => Self::defect(cause),
        }
    }
}

impl From<argon2::password_hash::Error> for Refusal {
    fn from(cause: argon2::password_hash::Error) -> Self {
        Self::defect(format!("hashing a password: {cause}"))
    }
}
