//! API Gateway and Lambda on this machine: requests become events, which the functions fetch by Lambda's
//! own runtime API. Nothing is watched and nothing restarts.

mod event;
mod instances;
mod routes;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts as _, Path, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body as EventBody;
use serde_json::{Value, json};
use shared::gateway::SystemClock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::event::Request as GatewayRequest;
use self::instances::Failure;
pub use self::instances::{Instances, Launcher};
pub(crate) use self::routes::NOWHERE;
pub use self::routes::{Routes, SOCKETS, WEB, functions};
use crate::database::Database;
use crate::sockets::{Changes, Function, STAGE, Sockets, management, upgrade};

/// API Gateway answers within this, whatever the function does.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The longest headers that API Gateway takes, in bytes.
const MAX_HEADER_BYTES: usize = 10_240;
/// The largest event that Lambda takes, in bytes.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// How often the clock ticks for the sockets, as the stack's rule has it.
const TICK: Duration = Duration::from_secs(4 * 60);
/// How often sockets are looked for that the gateway cuts.
const SWEEP: Duration = Duration::from_secs(5);

/// The gateway, which ends with this value.
pub struct Gateway {
    instances: Arc<Instances>,
    sockets: Arc<Sockets>,
    tasks: [JoinHandle<()>; 4],
}

struct Front {
    instances: Arc<Instances>,
    routes: Routes,
    sockets: Arc<Sockets>,
    requests: AtomicU64,
}

/// The instances of the function behind the sockets.
struct BehindSockets {
    instances: Arc<Instances>,
    events: AtomicU64,
}

impl Function for BehindSockets {
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        let instances = Arc::clone(&self.instances);
        let id = format!("socket-event-{}", self.events.fetch_add(1, Ordering::Relaxed));
        Box::pin(async move {
            instances.invoke(SOCKETS, &id, event).await.map_err(|failure| format!("{failure:?}"))
        })
    }
}

impl Gateway {
    /// Answers requests that come to `listener`, by functions that `launcher` starts, each within
    /// `patience`.
    ///
    /// # Errors
    /// A sentence that says what is not there.
    pub async fn start(
        listener: TcpListener,
        launcher: Box<dyn Launcher>,
        patience: Duration,
    ) -> Result<Self, String> {
        let no_port = |cause: std::io::Error| format!("No port is free: {cause}");
        let runtime = TcpListener::bind("127.0.0.1:0").await.map_err(no_port)?;
        let address: SocketAddr = runtime.local_addr().map_err(no_port)?;
        let instances = Arc::new(Instances::new(launcher, address, patience));
        let function =
            Arc::new(BehindSockets { instances: Arc::clone(&instances), events: AtomicU64::new(0) });
        let sockets = Sockets::new(function, Arc::new(SystemClock));
        let front = Front {
            instances: Arc::clone(&instances),
            routes: Routes::new()?,
            sockets: Arc::clone(&sockets),
            requests: AtomicU64::new(0),
        };
        let front = axum::Router::new().fallback(answer).with_state(Arc::new(front));
        let invocation = "/{function}/{instance}/2018-06-01/runtime/invocation";
        let runtime_api = axum::Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), post(response))
            .route(&format!("{invocation}/{{id}}/error"), post(error))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&instances))
            .merge(management(Arc::clone(&sockets)));
        let tasks = [
            serve(runtime, runtime_api),
            serve(listener, front),
            every(TICK, Arc::clone(&sockets), |sockets| async move { drop(sockets.tick().await) }),
            every(SWEEP, Arc::clone(&sockets), |sockets| async move { sockets.sweep() }),
        ];
        Ok(Self { instances, sockets, tasks })
    }

    /// Carries changes of a table to the function behind the sockets, until the result ends.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn carry_changes(&self, database: &Database, table: &str) -> Result<Changes, String> {
        database.carry_changes(table, self.sockets.function())
    }

    /// The instances of the functions.
    #[must_use]
    pub const fn instances(&self) -> &Arc<Instances> {
        &self.instances
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.instances.stop();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn serve(listener: TcpListener, router: axum::Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        // It ends with the task.
        let _ = axum::serve(listener, router).await;
    })
}

fn every<W>(
    pause: Duration,
    sockets: Arc<Sockets>,
    work: impl Fn(Arc<Sockets>) -> W + Send + 'static,
) -> JoinHandle<()>
where
    W: Future<Output = ()> + Send,
{
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            work(Arc::clone(&sockets)).await;
        }
    })
}

/// The way of a request: into an event, to a function, and back; or into a socket.
async fn answer(State(front): State<Arc<Front>>, request: Request<Body>) -> Response<Body> {
    let (mut head, body) = request.into_parts();
    if head.uri.path() == format!("/{STAGE}") && head.headers.contains_key(header::UPGRADE) {
        return match WebSocketUpgrade::from_request_parts(&mut head, &()).await {
            Ok(request) => upgrade(request, Arc::clone(&front.sockets)),
            Err(refusal) => refusal.into_response(),
        };
    }
    let bytes: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        return refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
    }
    let Ok(body) = to_bytes(body, MAX_EVENT_BYTES).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    };
    let id = format!("local-{}", front.requests.fetch_add(1, Ordering::Relaxed));
    let (headers, cookies) = texts(&head.headers);
    let event = GatewayRequest {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers,
        cookies,
        body: (!body.is_empty()).then_some(&body),
        // Everybody on a laptop.
        source: "127.0.0.1",
        id: &id,
    }
    .event();
    let function = front.routes.function(head.uri.path());
    let instances = Arc::clone(&front.instances);
    // In a task of its own, which goes on when the client does not wait.
    let invocation = tokio::spawn(async move { instances.invoke(function, &id, event).await });
    match invocation.await.unwrap_or(Err(Failure::Broken)) {
        Ok(answer) => http_response(answer),
        Err(Failure::Broken) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Err(Failure::Late) => refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// The headers that are text, each name once, and the cookies, each for itself: what is no text is left out.
fn texts(map: &HeaderMap) -> (Vec<(String, String)>, Vec<String>) {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes.trim_ascii()).ok().map(str::to_owned);
    let values = |name| map.get_all(name).iter().filter_map(|value| text(value.as_bytes()));
    let names = map.keys().filter(|name| **name != header::COOKIE);
    let headers = names
        .map(|name| (name.as_str().to_owned(), values(name).collect::<Vec<_>>()))
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name, values.join(",")))
        .collect();
    let lists = map.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let cookies = lists.flat_map(|list| list.split(|&byte| byte == b';')).filter_map(text);
    (headers, cookies.filter(|cookie| !cookie.is_empty()).collect())
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn http_response(answer: Value) -> Response<Body> {
    let broken = || refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    let Ok(answer) = serde_json::from_value::<ApiGatewayV2httpResponse>(answer) else { return broken() };
    let Some(status) =
        u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok())
    else {
        return broken();
    };
    let body = match answer.body {
        Some(EventBody::Text(text)) if answer.is_base64_encoded => match STANDARD.decode(text) {
            Ok(bytes) => Body::from(bytes),
            Err(_) => return broken(),
        },
        Some(EventBody::Text(text)) => Body::from(text),
        Some(EventBody::Binary(bytes)) => Body::from(bytes),
        _ => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(answer.headers);
    for cookie in answer.cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// An instance asks for its next event.
async fn next(
    State(instances): State<Arc<Instances>>,
    Path((function, instance)): Path<(String, u64)>,
) -> Result<Response<Body>, Infallible> {
    let Some((id, event)) = instances.next(&function, instance).await else {
        return Ok(refusal(StatusCode::GONE, "Nothing comes any more"));
    };
    let deadline = SystemTime::now() + PATIENCE;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let arn = format!("arn:aws:lambda:local:123456789012:function:{function}");
    let mut response = Response::new(Body::from(event.to_string()));
    for (name, value) in [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", arn),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// An instance answers an event.
async fn response(
    State(instances): State<Arc<Instances>>,
    Path((_, _, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    instances.settle(&id, serde_json::from_slice(&body).map_err(|_| Failure::Broken));
    StatusCode::ACCEPTED
}

/// An instance cannot answer an event.
async fn error(
    State(instances): State<Arc<Instances>>,
    Path((_, _, id)): Path<(String, u64, String)>,
) -> StatusCode {
    instances.settle(&id, Err(Failure::Broken));
    StatusCode::ACCEPTED
}
