//! What operators read: one JSON line for each request.
//!
//! Never in a log: credentials, cookies, session ids, passwords, bodies, queries, and the path with
//! its token, which in a public room is all that one needs to come in.

use std::io;
use std::time::Duration;

use lambda_http::http::StatusCode;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::incoming::Incoming;
use super::service::Notes;
use crate::table::Usage;

/// The variable that sets how much is logged: `error`, `warn`, `info` (the default) or `debug`.
const LEVEL_VARIABLE: &str = "LOG_LEVEL";

/// Sends log lines to standard output, from where Lambda takes them.
pub fn start() {
    let level = std::env::var(LEVEL_VARIABLE).ok().and_then(|name| name.parse().ok());
    // A second start keeps the first one's subscriber.
    let _ = subscriber(level.unwrap_or(LevelFilter::INFO), io::stdout).try_init();
}

/// What turns events into JSON lines on `writer`, those of this project down to `level`.
pub fn subscriber<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // The libraries below would log requests and answers with everything in them.
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        // It warns of a variable that cargo lambda sets on laptops, each time an instance starts.
        .with_target("lambda_runtime", LevelFilter::ERROR)
        .with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer);
    tracing_subscriber::registry().with(targets).with(lines)
}

/// What is told of one request.
pub(super) struct Line<'a> {
    pub(super) function: &'a str,
    pub(super) request: &'a Incoming,
    /// Where it led.
    pub(super) route: &'a str,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
    /// Whether it was the first since the function started.
    pub(super) is_cold: bool,
    pub(super) usage: &'a Usage,
    pub(super) notes: &'a Notes,
    /// What went wrong, of a failure.
    pub(super) cause: Option<&'a str>,
}

/// What is told of an event that is no request: a frame of a socket, changes of the table, a tick of the clock.
pub struct EventLine<'a> {
    pub function: &'a str,
    pub request_id: &'a str,
    /// What it was, in a word.
    pub event: &'a str,
    pub duration: Duration,
    /// Whether it was the first since the function started.
    pub is_cold: bool,
    pub usage: &'a Usage,
    /// How many frames were written to sockets.
    pub posts: u32,
    /// Whether it came so late that a later one may have overtaken it.
    pub is_late: bool,
    /// How many frames did not reach an open socket.
    pub undelivered: u32,
    /// What went wrong, of a failure.
    pub cause: Option<&'a str>,
}

/// What is told of one request for the page or a part of it.
pub struct PageLine<'a> {
    pub request: &'a Incoming,
    /// Where it led.
    pub route: &'a str,
    pub status: u16,
    pub duration: Duration,
    /// Whether it was the first since the function started.
    pub is_cold: bool,
}

/// Writes the line of one request for the page.
pub fn log_page(line: &PageLine<'_>) {
    tracing::info!(
        function = "web",
        request_id = line.request.request_id,
        method = line.request.method.as_str(),
        route = line.route,
        status = line.status,
        milliseconds = u64::try_from(line.duration.as_millis()).unwrap_or(u64::MAX),
        cold = line.is_cold,
        "request"
    );
}

/// Writes the line of one event.
pub fn log_event(line: &EventLine<'_>) {
    let milliseconds = u64::try_from(line.duration.as_millis()).unwrap_or(u64::MAX);
    let counted = |number: u32| (number > 0).then_some(number);
    macro_rules! write {
        ($level:ident) => {
            tracing::$level!(
                function = line.function,
                request_id = line.request_id,
                event = line.event,
                milliseconds,
                cold = line.is_cold,
                dynamodb_requests = line.usage.requests(),
                round_trips = line.usage.round_trips,
                capacity_units = line.usage.capacity_units,
                posts = line.posts,
                overtaken = counted(u32::from(line.is_late)),
                undelivered = counted(line.undelivered),
                cause = line.cause,
                "event"
            )
        };
    }
    if line.cause.is_some() {
        write!(error);
    } else {
        write!(info);
    }
}

/// Writes the line of one request.
pub(super) fn request(line: &Line<'_>) {
    let milliseconds = u64::try_from(line.duration.as_millis()).unwrap_or(u64::MAX);
    macro_rules! write {
        ($level:ident) => {
            tracing::$level!(
                function = line.function,
                request_id = line.request.request_id,
                method = line.request.method.as_str(),
                route = line.route,
                status = line.status.as_u16(),
                milliseconds,
                cold = line.is_cold,
                dynamodb_requests = line.usage.requests(),
                round_trips = line.usage.round_trips,
                capacity_units = line.usage.capacity_units,
                room = line.notes.room(),
                cause = line.cause,
                "request"
            )
        };
    }
    if line.status.is_server_error() {
        write!(error);
    } else {
        write!(info);
    }
}
