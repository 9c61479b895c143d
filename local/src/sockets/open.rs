//! Open sockets, and what becomes of what is sent over them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::gateway::Clock;
use tokio::sync::mpsc;

use super::function::Function;
use super::limits::{MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, STAGE};

/// The gateway cuts a socket over which nothing went for so long, in milliseconds.
const IDLE_MILLISECONDS: i64 = 10 * 60 * 1000;
/// The gateway cuts a socket that is so old, in milliseconds.
const LIFE_MILLISECONDS: i64 = 2 * 60 * 60 * 1000;
/// With which code it does. AWS does not document it; others have seen this.
const GOING_AWAY: u16 = 1001;
/// With which code a socket is closed that the function closes.
const NORMAL: u16 = 1000;
/// With which code a socket is closed whose client sent too much.
const TOO_LARGE: u16 = 1009;

/// How the gateway behaves on a bad day; on a good one, all of it is the default.
#[derive(Clone, Default)]
pub struct Weather {
    /// How often the function is told that a socket was closed, one after the other; then once for each.
    pub farewells: Vec<usize>,
    /// With which status frames to sockets are refused, one after the other; then none.
    pub refusals: Vec<u16>,
}

/// What a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToClient {
    /// A frame of text.
    Frame(String),
    /// The socket is closed, with this code.
    Closed(u16),
}

struct Socket {
    client: mpsc::UnboundedSender<ToClient>,
    opened: i64,
    used: i64,
    /// The moment of the last frame: no two of one client have the same.
    framed: i64,
}

#[derive(Default)]
struct State {
    open: HashMap<String, Socket>,
    weather: Weather,
}

/// The gateway.
pub struct Sockets {
    state: Mutex<State>,
    function: Arc<dyn Function>,
    clock: Arc<dyn Clock>,
    made: AtomicU64,
}

impl Sockets {
    /// A gateway in front of a function, which goes by a clock.
    #[must_use]
    pub fn new(function: Arc<dyn Function>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), function, clock, made: AtomicU64::new(0) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the state panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// Opens a socket. What its client gets comes out of the receiver.
    pub fn open(&self) -> (String, mpsc::UnboundedReceiver<ToClient>) {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        // As on AWS, ids end in what has to be encoded in addresses.
        let id = STANDARD.encode(format!("socket-{number:06}/"));
        let (client, frames) = mpsc::unbounded_channel();
        let now = self.clock.milliseconds();
        self.state().open.insert(id.clone(), Socket { client, opened: now, used: now, framed: now });
        (id, frames)
    }

    /// A client sends a message in one frame.
    pub fn send(&self, id: &str, text: &str) {
        if text.len() > MAX_FRAME_BYTES {
            return self.cut(id, TOO_LARGE);
        }
        self.send_in_frames(id, text);
    }

    /// A client sends a message in as many frames as it takes.
    pub fn send_in_frames(&self, id: &str, text: &str) {
        if text.len() > MAX_MESSAGE_BYTES {
            return self.cut(id, TOO_LARGE);
        }
        let Some(event) = self.event(id, text) else { return };
        self.hand_over(event);
    }

    /// Hands the function an event, in a task of its own.
    fn hand_over(&self, event: Value) {
        let done = self.function.invoke(event);
        tokio::spawn(async move {
            let _ = done.await;
        });
    }

    /// The event that a message of a client becomes; `None` when the socket is closed.
    pub fn event(&self, id: &str, text: &str) -> Option<Value> {
        let now = self.clock.milliseconds();
        let mut state = self.state();
        let socket = state.open.get_mut(id)?;
        socket.used = now;
        socket.framed = now.max(socket.framed.saturating_add(1));
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Some(json!({
            "requestContext": {
                "routeKey": "$default",
                "eventType": "MESSAGE",
                "messageId": STANDARD.encode(format!("message-{number:08}")),
                "connectionId": id,
                "connectedAt": socket.opened,
                "requestTimeEpoch": socket.framed,
                "stage": STAGE,
                "domainName": "localhost",
                "apiId": "local",
            },
            "body": text,
            "isBase64Encoded": false,
        }))
    }

    /// A client closes its socket, or its network does.
    pub fn close(&self, id: &str) {
        self.cut(id, NORMAL);
    }

    /// Cuts what is silent or open for too long.
    pub fn sweep(&self) {
        let now = self.clock.milliseconds();
        let is_over = |socket: &Socket| {
            now.saturating_sub(socket.used) >= IDLE_MILLISECONDS
                || now.saturating_sub(socket.opened) >= LIFE_MILLISECONDS
        };
        let over: Vec<String> = self
            .state()
            .open
            .iter()
            .filter(|(_, socket)| is_over(socket))
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            self.cut(&id, GOING_AWAY);
        }
    }

    /// Closes a socket with this code.
    fn cut(&self, id: &str, code: u16) {
        let (socket, farewells) = {
            let mut state = self.state();
            let Some(socket) = state.open.remove(id) else { return };
            let farewells = &mut state.weather.farewells;
            (socket, if farewells.is_empty() { 1 } else { farewells.remove(0) })
        };
        // The client may be gone.
        let _ = socket.client.send(ToClient::Closed(code));
        for _ in 0..farewells {
            self.tell_closed(id, socket.opened, code);
        }
    }

    /// Tells the function that a socket was closed, as the gateway does, late or twice at times.
    pub fn tell_closed(&self, id: &str, opened: i64, code: u16) {
        self.hand_over(json!({
            "requestContext": {
                "routeKey": "$disconnect",
                "eventType": "DISCONNECT",
                "connectionId": id,
                "connectedAt": opened,
                "requestTimeEpoch": self.clock.milliseconds(),
                "disconnectStatusCode": code,
                "disconnectReason": "",
                "stage": STAGE,
            },
            "isBase64Encoded": false,
        }));
    }

    /// The function writes to a socket; the status of the answer.
    #[must_use]
    pub fn write(&self, id: &str, text: &str) -> u16 {
        let now = self.clock.milliseconds();
        let mut state = self.state();
        if !state.weather.refusals.is_empty() {
            return state.weather.refusals.remove(0);
        }
        let Some(socket) = state.open.get_mut(id) else { return 410 };
        if text.len() > MAX_MESSAGE_BYTES {
            return 413;
        }
        socket.used = now;
        // The client may be gone; nobody knows yet.
        let _ = socket.client.send(ToClient::Frame(text.to_owned()));
        200
    }

    /// The function closes a socket; the status of the answer.
    #[must_use]
    pub fn delete(&self, id: &str) -> u16 {
        if !self.state().open.contains_key(id) {
            return 410;
        }
        self.close(id);
        204
    }

    /// The clock ticks, as the stack's rule has it.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn tick(&self) -> Result<(), String> {
        self.function.invoke(json!({"source": "aws.events"})).await.map(|_| ())
    }

    pub(crate) fn function(&self) -> Arc<dyn Function> {
        Arc::clone(&self.function)
    }

    /// How many sockets are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state().open.len()
    }
}
