//! The page for people: `/`, `/call/{token}`, and what they load. All of it lies in the binary; nothing is read
//! anywhere, and every answer is the same for everybody.

mod files;
mod policy;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::{Error, service_fn};
use serde_json::Value;
use shared::gateway::{Incoming, PageLine, log_page, socket_address, start_log};

use crate::files::File;
use crate::policy::content_security_policy;

/// The paths of the page, as the gateway names them.
pub const PATHS: [&str; 5] = ["/", "/call/{token}", "/assets/{file}", "/robots.txt", "/icon.svg"];

/// For a year: the name of such a file has the hash of its content.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// May be kept, and has to be asked for each time.
const ASK_EACH_TIME: &str = "no-cache";
const FOR_A_DAY: &str = "public, max-age=86400";

/// What the page is allowed to use of the machine.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), \
                           geolocation=(), payment=(), usb=()";

/// The page of a stack.
pub struct Web {
    content_security_policy: HeaderValue,
    is_cold: AtomicBool,
}

impl Web {
    /// The page of a stack whose clients open sockets to `socket_address`, where there is one.
    ///
    /// # Errors
    /// A sentence when that is no address.
    pub fn new(socket_address: Option<&str>) -> Result<Self, String> {
        let policy = content_security_policy(socket_address)?;
        let content_security_policy =
            HeaderValue::from_str(&policy).map_err(|_| format!("{policy:?} cannot be sent."))?;
        Ok(Self { content_security_policy, is_cold: AtomicBool::new(true) })
    }

    /// Answers one event of an HTTP API (payload version 2).
    #[must_use]
    pub fn answer(&self, event: &Value) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let request = Incoming::from_event(event);
        let (route, mut response) = respond(&request);
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, self.content_security_policy.clone()),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
            (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        ] {
            response.headers.insert(name, value);
        }
        response.headers.extend(request.headers_of_answer());
        if request.is_head() {
            response.body = None;
        }
        log_page(&PageLine {
            request: &request,
            route,
            status: u16::try_from(response.status_code).unwrap_or_default(),
            duration: started.elapsed(),
            is_cold: self.is_cold.swap(false, Ordering::Relaxed),
        });
        response
    }
}

/// Starts the function and answers events until Lambda stops it.
///
/// # Errors
/// When the environment names a server that has no address.
pub async fn run() -> Result<(), Error> {
    start_log();
    let address = socket_address(|name| std::env::var(name).ok());
    let web = Arc::new(Web::new(address.as_deref())?);
    let handler = service_fn(move |event: LambdaEvent<Value>| {
        let web = Arc::clone(&web);
        async move { Ok::<_, Error>(web.answer(&event.payload)) }
    });
    lambda_runtime::run(handler).await
}

/// The route of a request, as the log names it, and its answer.
fn respond(request: &Incoming) -> (&'static str, ApiGatewayV2httpResponse) {
    let (route, file, caching) = match *request.path() {
        [""] => ("/", File::find("index.html"), ASK_EACH_TIME),
        ["call", _] => ("/call/*", File::find("index.html"), ASK_EACH_TIME),
        ["assets", name] => ("/assets/*", File::find(&format!("assets/{name}")), FOR_GOOD),
        ["robots.txt"] => ("/robots.txt", File::find("robots.txt"), FOR_A_DAY),
        ["icon.svg"] => ("/icon.svg", File::find("icon.svg"), FOR_A_DAY),
        _ => ("*", None, ASK_EACH_TIME),
    };
    let mut response = match file {
        _ if request.method != Method::GET => {
            let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.\n");
            refusal.headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            refusal
        }
        Some(file) => of_file(request, file, caching),
        // A page of an older release asks for files that are gone.
        None => plain(StatusCode::NOT_FOUND, "There is no such file. Load the page again.\n"),
    };
    if route == "/call/*" {
        // The address of a room is all that one needs to come in.
        let name = HeaderName::from_static("x-robots-tag");
        response.headers.insert(name, HeaderValue::from_static("noindex"));
    }
    (route, response)
}

fn plain(status: StatusCode, sentence: &'static str) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response(status, headers, Some(sentence.to_owned()))
}

fn of_file(request: &Incoming, file: &'static File, caching: &'static str) -> ApiGatewayV2httpResponse {
    let (encoding, bytes) = file.encoded(request.header("accept-encoding").unwrap_or_default());
    // Another form is another thing to keep.
    let tag = format!("\"{}{}\"", file.tag, encoding.unwrap_or_default());
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.extend(HeaderValue::from_str(&tag).map(|tag| (header::ETAG, tag)));
    let known = request.header("if-none-match").unwrap_or_default();
    if known.split(',').any(|entry| entry.trim().trim_start_matches("W/") == tag) {
        return response(StatusCode::NOT_MODIFIED, headers, None);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    headers.extend(encoding.map(|name| (header::CONTENT_ENCODING, HeaderValue::from_static(name))));
    let mut response = response(StatusCode::OK, headers, Some(STANDARD.encode(bytes)));
    response.is_base64_encoded = true;
    response
}

fn response(status: StatusCode, headers: HeaderMap, body: Option<String>) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    response.body = body.map(Body::Text);
    response
}
