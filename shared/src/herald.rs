//! Tells others what happened, in one call: those who poll, and the external signaling server.

pub mod frame;
mod notice;
mod server;

use std::time::Duration;

use tokio::time::{Instant, timeout};

pub use self::notice::{Present, properties};
pub use self::server::{CHECKSUM_HEADER, RANDOM_HEADER, SignalingServer};

use crate::domain::news::{Event, News};
use crate::domain::random::RandomSource;
use crate::domain::room::Token;
use crate::domain::time::Timestamp;
use crate::table::Table;

/// How long one request may spend on telling the signaling server: the caller is waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who tells others during one request.
pub struct Herald<'a> {
    table: &'a Table,
    random: &'a RandomSource,
    /// The external signaling server, with the address by which it knows this API.
    server: Option<(&'a SignalingServer, String)>,
    now: Timestamp,
}

impl<'a> Herald<'a> {
    /// Somebody who tells those who poll.
    #[must_use]
    pub const fn new(table: &'a Table, random: &'a RandomSource, now: Timestamp) -> Self {
        Self { table, random, server: None, now }
    }

    /// The same, who also tells the signaling server that knows this API by the address `backend`.
    #[must_use]
    pub fn with_server(self, server: &'a SignalingServer, backend: String) -> Self {
        Self { server: Some((server, backend)), ..self }
    }

    /// Tells what happened. A failure is counted and logged, and the change stands. `spent` is the
    /// time that the request has spent on telling the server; the result is what this took of it.
    pub async fn tell(&self, news: &News, spent: Duration) -> Duration {
        for (token, signal) in news.signals() {
            self.table.wake(token, signal, self.now).await;
        }
        let mut took = Duration::ZERO;
        let Some((server, backend)) = &self.server else { return took };
        for (token, event) in news.events() {
            let started = Instant::now();
            let patience = PATIENCE.saturating_sub(spent).saturating_sub(took);
            let telling = timeout(patience, self.tell_server(server, backend, token, event, patience)).await;
            let outcome = telling.unwrap_or_else(|_| Err("the room could not be read in time".to_owned()));
            took = took.saturating_add(started.elapsed());
            if let Err(cause) = outcome {
                tracing::warn!(untold = 1, cause, "the signaling server was not told");
            }
        }
        took
    }

    async fn tell_server(
        &self,
        server: &SignalingServer,
        backend: &str,
        token: &Token,
        event: &Event,
        patience: Duration,
    ) -> Result<(), String> {
        if patience.is_zero() {
            return Err(format!("the {} s for it were over", PATIENCE.as_secs()));
        }
        let room = if notice::needs_room(event) {
            let partition = self.table.stored_partition(token).await;
            partition.map_err(|error| error.to_string())?.occupancy(self.now)
        } else {
            None
        };
        let bodies = notice::bodies(event, room.as_ref()).into_iter();
        let notices: Vec<_> = bodies.map(|body| (self.random.nonce(), body.to_string())).collect();
        server.tell(token, backend, &notices, patience).await
    }
}
