//! Between the gateway's events and the handlers: requests, who may, answers, the log.

mod authorization;
mod capabilities;
mod clock;
mod exchange;
mod fields;
mod function;
mod guard;
mod guessing;
mod incoming;
mod log;
mod login;
mod ocs;
mod parameters;
mod refusal;
mod route;
mod service;
mod settings;
mod suspects;

pub use self::capabilities::{NEXTCLOUD, Release, capabilities, capabilities_hash};
pub use self::clock::{Clock, SystemClock};
pub use self::exchange::Exchange;
pub use self::function::{run, serve, service_from_environment};
pub use self::guard::{Everybody, PossibleServer};
pub use self::incoming::Incoming;
pub use self::log::{EventLine, PageLine, log_event, log_page, start as start_log, subscriber};
pub use self::ocs::{Answer, MAX_ANSWER_BYTES, Reply};
pub use self::parameters::{MAX_BODY_BYTES, MAX_MESSAGES_BODY_BYTES, Parameters, objects};
pub use self::refusal::Refusal;
pub use self::route::{Captures, Endpoint, Endpoints, Method, Run};
pub use self::service::Service;
pub use self::settings::{SOCKETS_VARIABLE, Server, Signaling, TABLE_VARIABLE, socket_address};
pub use self::suspects::Suspects;
