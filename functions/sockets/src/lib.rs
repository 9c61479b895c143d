//! Signaling over WebSockets, in the protocol of the external signaling server (`docs/sockets.md`).
//!
//! The function is called for each frame, for each socket that closes, for what the table's stream brings, and by a
//! clock. Nothing waits in it for a client.

mod change;
mod clock;
mod courier;
mod event;
mod hall;
mod lists;
mod news;
mod protocol;
mod room;
mod session;
mod talk;
mod work;

use std::sync::Arc;
use std::time::Instant;

use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::{Error, service_fn};
use serde_json::{Value, json};
use shared::aws::Connections;
use shared::gateway::{EventLine, log_event, service_from_environment};
use shared::table::Usage;

use crate::event::Event;
pub use crate::work::Hub;
use crate::work::Work;

/// The variable that says where sockets are written to.
pub const ENDPOINT_VARIABLE: &str = "SOCKETS_ENDPOINT";
/// A frame that came so long after the gateway took it may have been overtaken, in milliseconds.
const LATE_MILLISECONDS: i64 = 250;

/// Starts the function and answers events until Lambda stops it.
///
/// # Errors
/// When the environment lacks what the function needs.
pub async fn run() -> Result<(), Error> {
    let (service, aws) = service_from_environment().await?;
    let endpoint = std::env::var(ENDPOINT_VARIABLE)
        .map_err(|_| format!("The environment variable {ENDPOINT_VARIABLE} is not set."))?;
    let hub = Arc::new(Hub { service, connections: Connections::new(aws, &endpoint) });
    let handler = service_fn(move |event: LambdaEvent<Value>| {
        let hub = Arc::clone(&hub);
        async move {
            let (answer, _) = handle(&hub, event.payload, &event.context.request_id).await?;
            Ok::<_, Error>(answer)
        }
    });
    lambda_runtime::run(handler).await
}

/// Handles one event, and says what it cost.
///
/// # Errors
/// A sentence when what the stream or the clock brought has to be brought again.
pub async fn handle(hub: &Hub, event: Value, request_id: &str) -> Result<(Value, Usage), String> {
    let started = Instant::now();
    let event = Event::read(event);
    let work = match event {
        Event::Changes(_) | Event::Tick => Work::in_background(hub),
        Event::Frame(_) | Event::Closed(_) | Event::Unknown => Work::new(hub),
    };
    let name = event.name();
    let is_late = matches!(&event, Event::Frame(frame)
        if work.milliseconds().saturating_sub(frame.milliseconds) > LATE_MILLISECONDS);
    let outcome = match event {
        Event::Frame(frame) => protocol::answer(&work, &frame).await.map(|()| true),
        Event::Closed(connection) => session::closed(hub, &work, &connection).await.map(|()| true),
        Event::Changes(changes) => news::tell(&work, changes).await.map(|()| true),
        Event::Tick => clock::tick(&work).await,
        Event::Unknown => Ok(false),
    };
    let usage = work.table.usage();
    let cause = outcome.as_ref().err().map(ToString::to_string);
    if !matches!(outcome, Ok(false)) {
        log_event(&EventLine {
            function: "sockets",
            request_id,
            event: name,
            duration: started.elapsed(),
            is_cold: hub.service.is_first_request(),
            usage: &usage,
            posts: work.posts(),
            is_late,
            undelivered: work.undelivered(),
            cause: cause.as_deref(),
        });
    }
    match cause {
        // The gateway calls once, and the client was told.
        Some(cause) if name != "frame" => Err(cause),
        // A body would be written to the client where the gateway has a route response, and is dropped elsewhere.
        _ => Ok((json!({"statusCode": 200}), usage)),
    }
}
