//! Writing to open WebSockets, and closing them: the `@connections` of API Gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::{sleep, timeout};

use super::signed::{Unsigned, signed};
use super::tls;
use crate::domain::random::up_to;
use crate::domain::socket::ConnectionId;

/// How long the gateway may take for one frame: a slow one is not waited for.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a frame is written that the gateway does not take at the moment.
const ATTEMPTS: u32 = 4;
/// The longest pause after the first attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A connection over which nothing went for so long is not used again: the gateway may have closed it while the function
/// was frozen, and what is written to it then is lost or not, and nobody knows.
const IDLE: Duration = Duration::from_secs(20);

/// Whether a client bears it that a frame comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It says how things are.
    Harmless,
    /// It is what somebody says. Where nobody knows whether the gateway took it, it is not written again.
    Harmful,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The gateway has it.
    Taken,
    /// The socket is closed for good.
    Gone,
    /// The gateway did not take it, for this reason.
    Refused(&'static str),
    /// The gateway may have taken it.
    Unknown,
    /// The gateway will never take it: it is too long.
    Unfit,
}

/// How sockets are written to.
#[derive(Clone)]
pub struct Connections {
    config: SdkConfig,
    /// The gateway's address with the stage, without a slash at its end.
    endpoint: String,
    connector: Arc<Connector>,
    written: Arc<AtomicU32>,
}

/// What one attempt came to.
enum Attempt {
    Status(u16),
    NotReached,
    /// Nothing left the function.
    NotSent,
}

impl Connections {
    /// Those of the gateway at this address.
    #[must_use]
    pub fn new(config: SdkConfig, endpoint: &str) -> Self {
        let endpoint = reached(endpoint.trim_end_matches('/'), config.endpoint_url());
        Self {
            config,
            endpoint,
            connector: Arc::new(
                Connector::builder().pool_idle_timeout(IDLE).tls_provider(tls::provider()).build(),
            ),
            written: Arc::default(),
        }
    }

    /// The same for one event, which counts what it writes.
    #[must_use]
    pub fn for_event(&self) -> Self {
        Self { written: Arc::default(), ..self.clone() }
    }

    /// How many frames were written.
    #[must_use]
    pub fn written(&self) -> u32 {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes a frame to a socket.
    pub async fn post(&self, connection: &ConnectionId, frame: &str, repeat: Repeat) -> Posted {
        self.written.fetch_add(1, Ordering::Relaxed);
        let (mut pause, began) = (FIRST_PAUSE, Instant::now());
        for attempt in 1..=ATTEMPTS {
            if began.elapsed() > PATIENCE {
                break;
            }
            match self.ask("POST", connection, frame).await {
                Attempt::Status(200..=299) => return Posted::Taken,
                Attempt::Status(410) => return Posted::Gone,
                Attempt::Status(413) => return Posted::Unfit,
                Attempt::Status(429) | Attempt::NotSent if attempt < ATTEMPTS => {}
                Attempt::NotSent => return Posted::Refused("the request could not be signed"),
                Attempt::Status(500..) | Attempt::NotReached if repeat == Repeat::Harmful => {
                    return Posted::Unknown;
                }
                Attempt::Status(500..) if attempt < ATTEMPTS => {}
                Attempt::NotReached if attempt == 1 => {}
                Attempt::Status(429) => return Posted::Refused("the socket is too slow"),
                Attempt::Status(403) => return Posted::Refused("the function may not write to sockets"),
                Attempt::Status(_) => return Posted::Refused("the gateway refused the frame"),
                Attempt::NotReached => return Posted::Refused("the gateway did not answer in time"),
            }
            sleep(up_to(pause)).await;
            pause *= 2;
        }
        Posted::Refused("the gateway did not answer in time")
    }

    /// Closes a socket. One that is closed already stays closed; what cannot be closed now, the clock closes.
    pub async fn close(&self, connection: &ConnectionId) {
        let mut pause = FIRST_PAUSE;
        for _ in 0..ATTEMPTS {
            match self.ask("DELETE", connection, "").await {
                Attempt::NotReached | Attempt::NotSent | Attempt::Status(429 | 500..) => {
                    sleep(up_to(pause)).await
                }
                Attempt::Status(_) => return,
            }
            pause *= 2;
        }
    }

    async fn ask(&self, method: &'static str, connection: &ConnectionId, body: &str) -> Attempt {
        let id = utf8_percent_encode(connection.as_str(), NON_ALPHANUMERIC);
        let request = Unsigned {
            service: "execute-api",
            method,
            address: format!("{}/@connections/{id}", self.endpoint),
            headers: &[],
            body: body.to_owned(),
        };
        let Ok(request) = signed(&self.config, request).await else { return Attempt::NotSent };
        match timeout(PATIENCE, self.connector.call(request)).await {
            Ok(Ok(response)) => Attempt::Status(response.status().as_u16()),
            Ok(Err(_)) | Err(_) => Attempt::NotReached,
        }
    }
}

/// Where the gateway of this address is reached: an emulator of AWS has it below its own address.
fn reached(endpoint: &str, emulator: Option<&str>) -> String {
    let parts = || {
        let (host, stage) = endpoint.strip_prefix("https://")?.split_once('/')?;
        Some((emulator?.trim_end_matches('/'), host.split_once(".execute-api.")?.0, stage))
    };
    match parts() {
        Some((emulator, api, stage)) => format!("{emulator}/_aws/execute-api/{api}/{stage}"),
        None => endpoint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_has_the_gateway_below_its_own_address() {
        let aws = "https://abc.execute-api.eu-central-1.amazonaws.com/spreed";
        assert_eq!(reached(aws, None), aws);
        assert_eq!(
            reached(aws, Some("http://127.0.0.1:4566/")),
            "http://127.0.0.1:4566/_aws/execute-api/abc/spreed"
        );
        let laptop = "http://127.0.0.1:9001/spreed";
        assert_eq!(reached(laptop, Some("http://127.0.0.1:8000")), laptop);
    }
}
