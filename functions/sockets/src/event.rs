//! What the function is called for: frames and closed sockets, changes of the table, ticks of the clock.

use serde::Deserialize;
use serde_json::Value;
use shared::domain::socket::ConnectionId;

use crate::change::Change;

/// What the function is called for.
pub(crate) enum Event {
    Frame(Frame),
    /// A socket was closed, by either side.
    Closed(ConnectionId),
    /// The table's stream brings what was committed.
    Changes(Vec<Change>),
    Tick,
    /// Nothing that the stack sends.
    Unknown,
}

/// One frame of a client.
pub(crate) struct Frame {
    pub(crate) connection: ConnectionId,
    pub(crate) text: String,
    /// The gateway's name for the frame.
    pub(crate) id: String,
    /// When the gateway took it, in milliseconds since 1970.
    pub(crate) milliseconds: i64,
    /// When the socket was opened, in milliseconds since 1970.
    pub(crate) opened: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    event_type: String,
    connection_id: String,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    request_time_epoch: i64,
    #[serde(default)]
    connected_at: i64,
}

impl Event {
    pub(crate) fn read(mut event: Value) -> Self {
        if let Some(context) = event.get("requestContext") {
            let Ok(context) = Context::deserialize(context) else { return Self::Unknown };
            let connection = ConnectionId::new(context.connection_id);
            return match context.event_type.as_str() {
                "MESSAGE" => Self::Frame(Frame {
                    connection,
                    text: event.get("body").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    id: context.message_id.unwrap_or_default(),
                    milliseconds: context.request_time_epoch,
                    opened: context.connected_at,
                }),
                "DISCONNECT" => Self::Closed(connection),
                _ => Self::Unknown,
            };
        }
        if let Some(Value::Array(records)) = event.get_mut("Records").map(Value::take) {
            return Self::Changes(records.iter().filter_map(Change::read).collect());
        }
        match event.get("source").and_then(Value::as_str) {
            Some("aws.events") => Self::Tick,
            _ => Self::Unknown,
        }
    }

    /// What it is, in a word, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Frame(_) => "frame",
            Self::Closed(_) => "closed",
            Self::Changes(_) => "changes",
            Self::Tick => "tick",
            Self::Unknown => "unknown",
        }
    }
}
