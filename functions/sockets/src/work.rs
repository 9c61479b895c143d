//! One event on its way, with all that it may use.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use shared::aws::{Connections, Posted, Repeat};
use shared::domain::news::News;
use shared::domain::random::RandomSource;
use shared::domain::socket::ConnectionId;
use shared::domain::time::Timestamp;
use shared::gateway::{Clock, Service};
use shared::herald::{Herald, frame};
use shared::table::{Deadline, Table};

/// The most frames that are written side by side, each over a connection of its own.
pub(crate) const SIDE_BY_SIDE: usize = 32;

/// No frame of several is begun later than this after the first: the turn to write them ends after ten seconds, and what is
/// left has to be put back before.
const WRITING: Duration = Duration::from_secs(3);
/// How long the stream and the clock may take: Lambda ends the function after 60 seconds.
const BACKGROUND: Duration = Duration::from_secs(50);

/// What the function keeps while it is warm.
pub struct Hub {
    pub service: Service,
    pub connections: Connections,
}

/// One event on its way.
pub(crate) struct Work<'a> {
    service: &'a Service,
    /// The table, metered for this event.
    pub(crate) table: Table,
    connections: Connections,
    undelivered: AtomicU32,
}

impl<'a> Work<'a> {
    /// Work for which a client waits.
    pub(crate) fn new(hub: &'a Hub) -> Self {
        Self::by(hub, Deadline::of_request())
    }

    /// Work that the stream or the clock brings.
    pub(crate) fn in_background(hub: &'a Hub) -> Self {
        Self::by(hub, Deadline::within(BACKGROUND))
    }

    fn by(hub: &'a Hub, deadline: Deadline) -> Self {
        Self {
            service: &hub.service,
            table: hub.service.table.for_request(deadline),
            connections: hub.connections.for_event(),
            undelivered: AtomicU32::new(0),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.service.clock.now()
    }

    pub(crate) fn milliseconds(&self) -> i64 {
        self.service.clock.milliseconds()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.service.clock
    }

    pub(crate) fn random(&self) -> &RandomSource {
        &self.service.random
    }

    /// Waits until a moment, in milliseconds since 1970.
    pub(crate) async fn sleep_until(&self, milliseconds: i64) {
        let left = milliseconds.saturating_sub(self.milliseconds());
        if let Ok(left @ 1..) = u64::try_from(left) {
            self.clock().sleep(Duration::from_millis(left)).await;
        }
    }

    /// Writes a frame to a socket.
    pub(crate) async fn post(&self, connection: &ConnectionId, frame: &Value) -> Posted {
        self.post_text(connection, &frame.to_string()).await
    }

    /// The same with a frame that is text already. What an open socket does not get is counted, and the socket
    /// closed: its client comes back and is told how things are. What no socket can get is counted as well, and the
    /// socket left alone.
    pub(crate) async fn post_text(&self, connection: &ConnectionId, frame: &str) -> Posted {
        self.post_at_most(connection, frame, Repeat::Harmless).await
    }

    async fn post_at_most(&self, connection: &ConnectionId, frame: &str, repeat: Repeat) -> Posted {
        let posted = self.connections.post(connection, frame, repeat).await;
        let cause = match posted {
            Posted::Taken | Posted::Gone => return posted,
            Posted::Unfit => "the frame is too long",
            Posted::Refused(cause) => cause,
            Posted::Unknown => "the gateway did not say whether it took the frame",
        };
        self.undelivered.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(cause, "a frame was not delivered");
        if posted != Posted::Unfit {
            self.close(connection).await;
        }
        posted
    }

    /// Writes frames to a socket, one after the other, until it does not take one: how many are done with, and what became
    /// of the last. One that may have been taken is done with.
    pub(crate) async fn post_in_order(
        &self,
        connection: &ConnectionId,
        frames: &[String],
        repeat: Repeat,
    ) -> (usize, Posted) {
        let began = Instant::now();
        for (written, frame) in frames.iter().enumerate() {
            if began.elapsed() > WRITING {
                return (written, Posted::Refused("the gateway is too slow"));
            }
            match self.post_at_most(connection, frame, repeat).await {
                Posted::Taken | Posted::Unfit => {}
                Posted::Unknown => return (written + 1, Posted::Unknown),
                posted => return (written, posted),
            }
        }
        (frames.len(), Posted::Taken)
    }

    /// Says why, and closes a socket.
    pub(crate) async fn dismiss(&self, connection: &ConnectionId, reason: &str) {
        self.post(connection, &frame::bye(reason)).await;
        self.close(connection).await;
    }

    pub(crate) async fn close(&self, connection: &ConnectionId) {
        self.connections.close(connection).await;
    }

    /// Tells those who poll.
    pub(crate) async fn tell(&self, news: &News) {
        Herald::new(&self.table, self.random(), self.now()).tell(news, Duration::ZERO).await;
    }

    /// How many frames were written.
    pub(crate) fn posts(&self) -> u32 {
        self.connections.written()
    }

    /// How many frames did not reach an open socket.
    pub(crate) fn undelivered(&self) -> u32 {
        self.undelivered.load(Ordering::Relaxed)
    }
}
