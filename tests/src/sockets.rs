//! The sockets of a tenant, and clients that open them: the gateway of the laptop in front of the real function, which
//! writes back over HTTP, and the table's stream behind it.
// What a frame lacks is null.
#![allow(clippy::indexing_slicing)]

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::BoxFuture;
use local::{Changes, Function, STAGE, ToClient, Weather, management};
use serde_json::{Value, json};
use shared::aws::Connections;
use shared::domain::random::RandomSource;
use shared::domain::room::SessionId;
use shared::domain::socket::PublicId;
use shared::gateway::{Clock, Service};
use shared::table::Usage;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::SocketClock;
use crate::proxy::{self, Pace, Proxy};
use crate::{Person, Stack, Tenant};

/// How long a test waits, by a real clock, for a frame: it fails rather than to hang.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the clock ticks until the function is done.
const TICKS_AT_MOST: usize = 20;
/// How long a test waits, by a real clock, for what must not come.
const SILENCE: Duration = Duration::from_millis(400);

static STACK: LazyLock<Stack> = LazyLock::new(Stack::read);

/// What the function did with one event.
#[derive(Clone)]
pub struct Done {
    /// The type of a client's frame, or what else the function was called for.
    pub event: String,
    pub usage: Usage,
}

/// The function, in this process.
struct InProcess {
    hub: Arc<sockets::Hub>,
    /// How many events it is at work on.
    at_work: watch::Sender<usize>,
    done: Arc<Mutex<Vec<Done>>>,
}

impl Function for InProcess {
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        let (hub, done) = (Arc::clone(&self.hub), Arc::clone(&self.done));
        let at_work = AtWork::begin(&self.at_work);
        Box::pin(async move {
            let _at_work = at_work;
            let name = name(&event);
            let (answer, usage) = sockets::handle(&hub, event, "test").await?;
            assert_eq!(answer, json!({"statusCode": 200}), "the gateway of AWS wants this and no more");
            // What a test makes the function do, the stack must allow.
            let allowed = STACK.actions("sockets");
            let surplus: Vec<_> = usage.actions.iter().filter(|action| !allowed.contains(**action)).collect();
            assert!(surplus.is_empty(), "template.yaml does not let sockets do {surplus:?}");
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push(Done { event: name, usage });
            Ok(answer)
        })
    }
}

/// One event that the function is at work on, as long as this value lives.
struct AtWork(watch::Sender<usize>);

impl AtWork {
    fn begin(events: &watch::Sender<usize>) -> Self {
        events.send_modify(|count| *count += 1);
        Self(events.clone())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn name(event: &Value) -> String {
    let frame =
        event.get("body").and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let kind = frame.as_ref().and_then(|frame| frame.get("type")?.as_str());
    let name = kind.or_else(|| event.pointer("/requestContext/eventType")?.as_str());
    name.unwrap_or(if event.get("Records").is_some() { "changes" } else { "tick" }).to_owned()
}

/// The sockets of a tenant.
pub struct Sockets<'a> {
    tenant: &'a Tenant,
    /// The gateway.
    pub gateway: Arc<local::Sockets>,
    done: Arc<Mutex<Vec<Done>>>,
    function: Arc<InProcess>,
    changes: Mutex<Option<Changes>>,
    server: JoinHandle<()>,
    /// What lies between the function and the gateway when it writes to sockets.
    network: Option<Proxy>,
}

impl Drop for Sockets<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Tenant {
    /// Opens the tenant for sockets.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn sockets(&self) -> Sockets<'_> {
        Sockets::new(self, self.socket_clock(), false).await
    }

    /// The same where a network lies between the function and the sockets to which it writes.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn sockets_behind_a_network(&self) -> Sockets<'_> {
        Sockets::new(self, self.socket_clock(), true).await
    }

    fn socket_clock(&self) -> Arc<dyn Clock> {
        Arc::new(SocketClock(Arc::clone(self.test_clock())))
    }

    /// The same where the function and the gateway go by another clock.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn sockets_by(&self, clock: Arc<dyn Clock>) -> Sockets<'_> {
        Sockets::new(self, clock, false).await
    }
}

impl<'a> Sockets<'a> {
    async fn new(tenant: &'a Tenant, clock: Arc<dyn Clock>, has_network: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|cause| panic!("{cause}"));
        let address = listener.local_addr().unwrap_or_else(|cause| panic!("{cause}"));
        let network = if has_network {
            Some(Proxy::before(address, proxy::Service::Other, Pace::Tenth).await)
        } else {
            None
        };
        let address = network.as_ref().map_or(address, Proxy::address);
        let (_, table) = tenant.database();
        tenant.embedded().give_stream(table).await.unwrap_or_else(|sentence| panic!("{sentence}"));
        let random = RandomSource::from_operating_system().unwrap_or_else(|cause| panic!("{cause}"));
        let service = Service::new(tenant.table().clone(), Arc::clone(&clock), Arc::new(random));
        let connections = Connections::new(aws(), &format!("http://{address}/{STAGE}"));
        let done = Arc::new(Mutex::default());
        let hub = Arc::new(sockets::Hub { service, connections });
        let function = Arc::new(InProcess { hub, at_work: watch::Sender::new(0), done: Arc::clone(&done) });
        let gateway = local::Sockets::new(Arc::clone(&function) as Arc<dyn Function>, clock);
        let router = management(Arc::clone(&gateway));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        let sockets = Self { tenant, gateway, done, function, changes: Mutex::new(None), server, network };
        sockets.carry_changes();
        sockets
    }

    /// What lies between the function and the gateway, if anything does.
    #[must_use]
    pub const fn network(&self) -> Option<&Proxy> {
        self.network.as_ref()
    }

    /// What is committed from now on reaches the function.
    ///
    /// # Panics
    /// When the table has no stream.
    pub fn carry_changes(&self) {
        let (_, table) = self.tenant.database();
        let function = Arc::clone(&self.function) as Arc<dyn Function>;
        let changes = self.tenant.embedded().carry_changes(table, function);
        let changes = changes.unwrap_or_else(|sentence| panic!("{sentence}"));
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) = Some(changes);
    }

    /// From now on nothing that is committed reaches the function.
    pub fn hold_changes_back(&self) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Changes the weather between clients and function.
    pub fn weather(&self, weather: Weather) {
        self.gateway.set_weather(weather);
    }

    /// Hands the function an event.
    ///
    /// # Panics
    /// When the function fails.
    pub fn invoke(&self, event: Value) -> BoxFuture<'static, ()> {
        let done = self.function.invoke(event);
        Box::pin(async move {
            done.await.unwrap_or_else(|sentence| panic!("{sentence}"));
        })
    }

    /// Waits until the function is at work on nothing.
    pub async fn idle(&self) {
        let _ = self.function.at_work.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Waits until the function was handed everything that is committed by now.
    pub async fn caught_up(&self) {
        let caught_up = {
            let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            changes.as_ref().map(Changes::caught_up)
        };
        if let Some(caught_up) = caught_up {
            caught_up.await;
        }
    }

    /// What the function did so far.
    #[must_use]
    pub fn done(&self) -> Vec<Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets time pass, as the gateway and the stack's clock do: every four minutes it ticks.
    ///
    /// # Panics
    /// When a tick fails.
    pub async fn wait(&self, seconds: i64) {
        const TICK: i64 = 240;
        let mut left = seconds;
        while left > 0 {
            let step = left.min(TICK);
            self.tenant.wait(step);
            self.gateway.sweep();
            if step == TICK {
                self.tick().await;
            }
            left -= step;
        }
    }

    /// The stack's clock ticks, again and again until the function is done: on AWS the next tick makes good what one failed
    /// to do.
    async fn tick(&self) {
        let mut outcome = Ok(());
        for _ in 0..TICKS_AT_MOST {
            outcome = self.gateway.tick().await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome.unwrap_or_else(|sentence| panic!("{sentence}"));
    }

    /// Opens a socket and says nothing.
    #[must_use]
    pub fn open(&self) -> Client<'_> {
        let (id, frames) = self.gateway.open();
        Client {
            sockets: self,
            id,
            frames,
            unread: VecDeque::new(),
            closed: None,
            public: String::new(),
            resume: String::new(),
            known: BTreeSet::new(),
        }
    }

    /// Opens a socket and says hello.
    ///
    /// # Panics
    /// When hello is refused.
    pub async fn client(&self, person: &Person<'_>) -> Client<'_> {
        let mut client = self.open();
        let answer = client.hello(person).await;
        assert_eq!(answer["type"], "hello", "{answer}");
        client
    }

    /// Puts the guests of [`Tenant::seat_guests`] into the hall of a room, each with an open socket.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn seat(&self, token: &str, guests: usize) -> Vec<Client<'_>> {
        let clients: Vec<Client<'_>> = (0..guests).map(|_| self.open()).collect();
        let item = |(guest, client): (usize, &Client<'_>)| {
            let text = |text: String| AttributeValue::S(text);
            let expires_at = AttributeValue::N((self.tenant.now() + 10_000).to_string());
            HashMap::from([
                ("pk".to_owned(), text(format!("HALL#{token}"))),
                ("sk".to_owned(), text(format!("SESSION#{guest:032}"))),
                ("connection".to_owned(), text(client.id.clone())),
                ("session".to_owned(), text(format!("{guest:0512}"))),
                ("expires_at".to_owned(), expires_at),
            ])
        };
        self.tenant.put_all(clients.iter().enumerate().map(item).collect()).await;
        clients
    }

    /// The session of the call that a session of signaling carries.
    ///
    /// # Panics
    /// When it carries none.
    pub async fn session_of(&self, public: &str) -> SessionId {
        let public = PublicId::parse(public).unwrap_or_else(|| panic!("{public} is no id"));
        let session = self.tenant.table().signaling_session(&public).await;
        let session = session.unwrap_or_else(|error| panic!("{error}"));
        let place = session.and_then(|session| session.place?.session);
        place.unwrap_or_else(|| panic!("it is in no call"))
    }

    /// Joins the call, opens a socket, says hello and enters the room; what comes on arrival is read.
    ///
    /// # Panics
    /// When one of them is refused.
    pub async fn member(&self, person: &Person<'_>, token: &str) -> Client<'_> {
        let session = person.join(token).await;
        let mut client = self.client(person).await;
        let answer = client.enter(token, &session).await;
        assert_eq!(answer["room"]["roomid"], token, "{answer}");
        let own = client.public.clone();
        client.next("everybody in the room", |frame| names(frame, &own)).await;
        client.next("everybody in the call", |frame| is(frame, "participants", "update")).await;
        client
    }
}

fn aws() -> SdkConfig {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "tests");
    SdkConfig::builder()
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// How AWS is reached where this address stands for it.
#[must_use]
pub fn aws_at(address: &str) -> SdkConfig {
    aws().to_builder().endpoint_url(address).build()
}

/// Whether a frame is this event.
fn is(frame: &Value, target: &str, kind: &str) -> bool {
    frame["type"] == "event" && frame["event"]["target"] == target && frame["event"]["type"] == kind
}

/// Whether a frame says that a session is in the room.
fn names(frame: &Value, public: &str) -> bool {
    let joined = frame["event"]["join"].as_array();
    is(frame, "room", "join")
        && joined.is_some_and(|joined| joined.iter().any(|it| it["sessionid"] == public))
}

/// A client with an open socket.
pub struct Client<'a> {
    sockets: &'a Sockets<'a>,
    /// What the gateway calls the socket.
    pub id: String,
    frames: mpsc::UnboundedReceiver<ToClient>,
    unread: VecDeque<Value>,
    closed: Option<u16>,
    /// What others know the session by.
    pub public: String,
    /// What resumes the session.
    pub resume: String,
    /// Everybody of whom it was told that they are in the room.
    known: BTreeSet<String>,
}

impl<'a> Client<'a> {
    /// Sends a frame of text.
    pub fn send_text(&self, text: &str) {
        self.sockets.gateway.send(&self.id, text);
    }

    /// Sends a frame.
    pub fn send(&self, frame: &Value) {
        self.send_text(&frame.to_string());
    }

    /// The first frame that fits, whenever it comes; what else came before it can still be read.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn next(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut looked = 0;
        loop {
            while let Some(frame) = self.unread.get(looked) {
                if fits(frame) {
                    return self.unread.remove(looked).unwrap_or_default();
                }
                looked += 1;
            }
            self.wait_for(what).await;
        }
    }

    /// Reads what comes next.
    async fn wait_for(&mut self, what: &str) {
        match tokio::time::timeout(PATIENCE, self.frames.recv()).await {
            Ok(Some(frame)) => self.take(frame),
            Ok(None) | Err(_) => {
                panic!("{what} did not come, closed {:?}; there is {:?}", self.closed, self.unread)
            }
        }
    }

    fn take(&mut self, frame: ToClient) {
        match frame {
            ToClient::Frame(text) => self.read(&text),
            ToClient::Closed(code) => self.closed = Some(code),
        }
    }

    fn read(&mut self, text: &str) {
        assert!(
            text.len() <= 32 * 1024 || text.contains("\"type\":\"message\""),
            "a frame of {} bytes",
            text.len()
        );
        let frame: Value = serde_json::from_str(text).unwrap_or_else(|cause| panic!("{cause}: {text}"));
        if is(&frame, "room", "join") {
            let joined = frame["event"]["join"].as_array().into_iter().flatten();
            self.known.extend(joined.filter_map(|it| it["sessionid"].as_str()).map(str::to_owned));
        }
        self.unread.push_back(frame);
    }

    /// The answer to a request.
    ///
    /// # Panics
    /// When there is none.
    pub async fn ask(&mut self, id: &str, mut frame: Value) -> Value {
        frame["id"] = json!(id);
        self.send(&frame);
        self.next(&format!("an answer to {id}"), |answer| answer["id"] == id).await
    }

    /// Says hello as a person, with the person's ticket.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn hello(&mut self, person: &Person<'_>) -> Value {
        let settings = person.get("/signaling/settings").await.expect(200).data().clone();
        let frame = json!({"type": "hello", "hello": {"version": "1.0", "auth": {
            "url": "https://talk.example/ocs/v2.php/apps/spreed/api/v1/signaling/backend",
            "params": settings["helloAuthParams"]["1.0"]}}});
        let answer = self.ask("hello", frame).await;
        self.note(&answer);
        answer
    }

    fn note(&mut self, answer: &Value) {
        let text = |name: &str| answer["hello"][name].as_str().unwrap_or_default().to_owned();
        (self.public, self.resume) = (text("sessionid"), text("resumeid"));
    }

    /// Goes on with the session of another socket.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn resume(&mut self, resume: &str) -> Value {
        let answer = self
            .ask("resume", json!({"type": "hello", "hello": {"version": "1.0", "resumeid": resume}}))
            .await;
        self.note(&answer);
        answer
    }

    /// Enters a room.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn enter(&mut self, token: &str, session: &str) -> Value {
        self.ask("room", json!({"type": "room", "room": {"roomid": token, "sessionid": session}})).await
    }

    /// Says something to a session.
    pub fn say(&self, recipient: &str, data: &Value) {
        self.send(&json!({"type": "message", "message": {
            "recipient": {"type": "session", "sessionid": recipient}, "data": data}}));
    }

    /// The next message of anybody: who says it, and what.
    ///
    /// # Panics
    /// When none comes.
    pub async fn hear(&mut self) -> (String, Value) {
        let frame = self.next("a message", |frame| frame["type"] == "message").await;
        let sender = frame["message"]["sender"]["sessionid"].as_str().unwrap_or_default().to_owned();
        (sender, frame["message"]["data"].clone())
    }

    /// Waits until it was told that a session is in the room.
    ///
    /// # Panics
    /// When it is not.
    pub async fn learn(&mut self, public: &str) {
        while !self.known.contains(public) {
            self.wait_for(&format!("the name of {public}")).await;
        }
    }

    /// The next event of this kind.
    ///
    /// # Panics
    /// When none comes.
    pub async fn event(&mut self, target: &str, kind: &str) -> Value {
        let mut frame = self.next(&format!("{target} {kind}"), |frame| is(frame, target, kind)).await;
        frame["event"][kind].take()
    }

    /// The next list of participants in which somebody is in the call (7), or was (0).
    ///
    /// # Panics
    /// When none comes.
    pub async fn in_call(&mut self, address: &str, flags: u8) -> Value {
        let fits = |frame: &Value| {
            let users = frame["event"]["update"]["users"].as_array();
            let is_it = |user: &Value| user["sessionId"] == address && user["inCall"] == flags;
            is(frame, "participants", "update") && users.is_some_and(|users| users.iter().any(is_it))
        };
        self.next(&format!("the participant with {flags}"), fits).await
    }

    /// The code with which the socket is closed, once it is.
    ///
    /// # Panics
    /// When it is not.
    pub async fn closed(&mut self) -> u16 {
        while self.closed.is_none() {
            self.wait_for("the end of the socket").await;
        }
        self.closed.unwrap_or_default()
    }

    /// All that came and was not read, once nothing has come for a while.
    pub async fn rest(&mut self) -> Vec<Value> {
        while let Ok(Some(frame)) = tokio::time::timeout(SILENCE, self.frames.recv()).await {
            self.take(frame);
        }
        self.unread.drain(..).collect()
    }

    /// All that came by now and was not read.
    pub fn rest_at_once(&mut self) -> Vec<Value> {
        while let Ok(frame) = self.frames.try_recv() {
            self.take(frame);
        }
        self.unread.drain(..).collect()
    }

    /// The network goes; the gateway learns of it.
    pub fn cut(&self) {
        self.sockets.gateway.close(&self.id);
    }
}
