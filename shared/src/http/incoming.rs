//! One request as it came in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::parameters::{Form, MAX_BODY_BYTES, MAX_SIGNALING_BODY_BYTES, Parameters};
use crate::ocs::Version;
use crate::refusal::Refusal;
use crate::room::Token;

/// The path of the room and call API below `/ocs/v2.php`.
const APPLICATION: [&str; 4] = ["apps", "spreed", "api", "v1"];

/// The words of all paths.
const FIXED_WORDS: [&str; 30] = [
    "ocs",
    "v1.php",
    "v2.php",
    "apps",
    "spreed",
    "api",
    "v1",
    "room",
    "password",
    "public",
    "participants",
    "guests",
    "self",
    "moderators",
    "call",
    "ping",
    "signaling",
    "settings",
    "backend",
    "cloud",
    "users",
    "user",
    "groups",
    "enable",
    "disable",
    "capabilities",
    "status.php",
    "core",
    "apppassword",
    "getapppassword",
];

/// One request as it came in.
///
/// It is made from the gateway's event and not by `lambda_http`'s own conversion, because that one
/// panics when a caller sends a query that is no valid URI, such as one with a space, and refuses the
/// whole event for one odd header.
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The segments of the path, decoded; `None` when they are not UTF-8.
    segments: Option<Vec<String>>,
    headers: HeaderMap,
    cookies: Vec<String>,
    parameters: Result<Parameters, Refusal>,
    body: Vec<u8>,
    /// What the gateway calls this request, for the log.
    pub request_id: String,
}

impl Incoming {
    /// Reads the event of an HTTP API, payload version 2. Of what is not as it should be, nothing is
    /// read.
    pub async fn from_event(event: Value) -> Self {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let method = text("/requestContext/http/method").parse().unwrap_or_default();
        let headers = headers(&event);
        let segments = segments(text("/rawPath"));
        let body = body(&event);
        let parameters = match &body {
            Ok(body) => {
                let content_type = text_of(&headers, header::CONTENT_TYPE.as_str());
                let form =
                    Form { method: &method, content_type, body, limit: body_limit(segments.as_deref()) };
                Parameters::read(text("/rawQueryString"), form).await
            }
            Err(refusal) => Err(refusal.clone()),
        };
        let cookies = event.get("cookies").and_then(Value::as_array);
        Self {
            segments,
            body: body.unwrap_or_default(),
            cookies: match cookies {
                Some(cookies) => cookies.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                None => cookie_headers(&headers),
            },
            request_id: text("/requestContext/requestId").to_owned(),
            method,
            headers,
            parameters,
        }
    }

    /// The segments of the whole path.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().flatten().map(String::as_str).collect()
    }

    /// Version 1 or 2 of OCS, by the path; what is neither is answered like version 2.
    #[must_use]
    pub fn version(&self) -> Version {
        match self.path().get(..2) {
            Some(["ocs", "v1.php"]) => Version::One,
            _ => Version::Two,
        }
    }

    /// The segments below `/ocs/v1.php` or `/ocs/v2.php`.
    ///
    /// # Errors
    /// 404 (998) for every other path.
    pub fn ocs_path(&self) -> Result<Vec<&str>, Refusal> {
        let path = self.path();
        match path.split_first_chunk::<2>() {
            Some((["ocs", "v1.php" | "v2.php"], below)) => Ok(below.to_vec()),
            _ => Err(Refusal::no_route()),
        }
    }

    /// The segments below the base path of the room and call API.
    ///
    /// # Errors
    /// 404 (998) for every other path.
    pub fn application_path(&self) -> Result<Vec<&str>, Refusal> {
        let path = self.ocs_path()?;
        match path.strip_prefix(APPLICATION.as_slice()) {
            Some(below) => Ok(below.to_vec()),
            None => Err(Refusal::no_route()),
        }
    }

    /// The path with a placeholder for everything that is not a fixed word of the API: what logs may
    /// know of it.
    #[must_use]
    pub fn route(&self) -> String {
        let words = self.path().into_iter().map(|word| if FIXED_WORDS.contains(&word) { word } else { "*" });
        words.fold(String::new(), |route, word| route + "/" + word)
    }

    /// The parameters.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters(&self) -> Result<&Parameters, Refusal> {
        self.parameters.as_ref().map_err(Clone::clone)
    }

    /// The body, byte for byte, whatever its length; empty when it was not sent or is no base64.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The address of this API, as the caller wrote it, with a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        let scheme = if self.is_plain_loopback() { "http" } else { "https" };
        format!("{scheme}://{}/", self.header("host").unwrap_or_default())
    }

    /// The names of the rooms for which a guest's cookie came.
    #[must_use]
    pub fn guest_rooms(&self) -> Vec<Token> {
        let names =
            self.cookies.iter().filter_map(|cookie| cookie.trim().split_once('=')).map(|(name, _)| name);
        let tokens = names.filter_map(|name| name.trim_start_matches("__Host-").strip_prefix("guest-"));
        tokens.filter_map(Token::parse).collect()
    }

    /// A header, if it was sent and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        text_of(&self.headers, name)
    }

    /// Whether a header was sent, be it text or not.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether cookies have to work over plain HTTP: on loopback, when nothing in front says that
    /// the caller came by HTTPS.
    #[must_use]
    pub fn is_plain_loopback(&self) -> bool {
        let host = self.header("host").unwrap_or_default();
        let name =
            host.rsplit_once(':').map_or(host, |(name, port)| if port.contains(']') { host } else { name });
        let is_loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost");
        is_loopback && self.header("x-forwarded-proto").is_none_or(|scheme| scheme == "http")
    }

    /// The name of the cookie by which a guest of this room is known.
    ///
    /// `__Host-` makes browsers refuse it over plain HTTP, so it is left out where that has to work.
    #[must_use]
    pub fn guest_cookie_name(&self, token: &Token) -> String {
        let prefix = if self.is_plain_loopback() { "" } else { "__Host-" };
        format!("{prefix}guest-{token}")
    }
}

/// Messages of a call, and the pings of the signaling server, come many at a time.
fn body_limit(segments: Option<&[String]>) -> usize {
    let path: Vec<&str> = segments.unwrap_or_default().iter().map(String::as_str).collect();
    match path.get(2..).and_then(|below| below.strip_prefix(APPLICATION.as_slice())) {
        Some(["signaling", ..]) => MAX_SIGNALING_BODY_BYTES,
        _ => MAX_BODY_BYTES,
    }
}

/// A token in a path.
///
/// # Errors
/// 404 (998) when no room can have it: then there is no such route (reference "Routes").
pub fn token(segment: &str) -> Result<Token, Refusal> {
    Token::parse(segment).ok_or_else(Refusal::no_route)
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The headers, without those that HTTP does not allow.
fn headers(event: &Value) -> HeaderMap {
    let entries = event.get("headers").and_then(Value::as_object).into_iter().flatten();
    entries
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_bytes(value.as_str()?.as_bytes()).ok()?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
        })
        .collect()
}

fn body(event: &Value) -> Result<Vec<u8>, Refusal> {
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    if event.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        return STANDARD.decode(text).map_err(|_| Refusal::bad_request("The body is not valid base64."));
    }
    Ok(text.as_bytes().to_vec())
}

/// The gateway moves cookies out of the headers; what stands in for it on a laptop may not.
fn cookie_headers(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned()).collect()
}

fn segments(raw_path: &str) -> Option<Vec<String>> {
    raw_path
        .strip_prefix('/')
        .unwrap_or(raw_path)
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned))
        .collect()
}
