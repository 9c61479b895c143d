//! One request as it came in.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::fields::Form;
use super::ocs::Version;
use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::domain::guesses::Source;
use crate::domain::room::Token;

/// One request as it came in.
///
/// It is made from the gateway's event and not by `lambda_http`'s own conversion, because that one
/// panics when a caller sends a query that is no valid URI, such as one with a space, and refuses the
/// whole event for one odd header.
pub struct Incoming {
    /// The method; `GET` for `HEAD`, which differs only in that the answer has no body.
    pub method: Method,
    /// Whether nobody reads the body of the answer.
    is_head: bool,
    /// The segments of the path, decoded; `None` when they are not UTF-8.
    segments: Option<Vec<String>>,
    headers: HeaderMap,
    cookies: Vec<String>,
    query: String,
    body: Result<Vec<u8>, Refusal>,
    /// Read when an endpoint first asks for them, which is once it knows who is calling.
    parameters: OnceLock<Result<Parameters, Refusal>>,
    /// Where the request came from, as the gateway says, whatever its headers claim.
    source: Source,
    /// What the gateway calls this request, for the log.
    pub request_id: String,
}

impl Incoming {
    /// Reads the event of an HTTP API, payload version 2, but not yet what the caller sent with it.
    /// Malformed parts are treated as absent.
    #[must_use]
    pub fn from_event(event: &Value) -> Self {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let method: Method = text("/requestContext/http/method").parse().unwrap_or_default();
        let headers = headers(event);
        Self {
            is_head: method == Method::HEAD,
            method: if method == Method::HEAD { Method::GET } else { method },
            segments: segments(text("/rawPath")),
            cookies: cookies(event, &headers),
            headers,
            query: text("/rawQueryString").to_owned(),
            body: body(event),
            parameters: OnceLock::new(),
            source: Source::of(text("/requestContext/http/sourceIp")),
            request_id: text("/requestContext/requestId").to_owned(),
        }
    }

    /// Where the request came from.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Whether this is a `HEAD`: an answer hands nothing over, so nothing may be taken or made for it.
    #[must_use]
    pub const fn is_head(&self) -> bool {
        self.is_head
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

    /// The parameters, of a body of at most `limit` bytes. The first call reads them and decides.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters(&self, limit: usize) -> Result<&Parameters, Refusal> {
        let read = || {
            let body = self.body.as_ref().map_err(Clone::clone)?;
            let content_type = self.header(header::CONTENT_TYPE.as_str());
            Parameters::read(&self.query, &Form { method: &self.method, content_type, body, limit })
        };
        self.parameters.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// The format that the parameters ask for. A request that is refused before its body is read asks in
    /// its query alone.
    #[must_use]
    pub fn format(&self) -> Option<String> {
        match self.parameters.get() {
            Some(Ok(parameters)) => parameters.text("format").ok()?,
            _ => Parameters::of_query(&self.query).ok()?.text("format").ok()?,
        }
    }

    /// The body, byte for byte, whatever its length; empty when it was not sent or is no base64.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
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
        let names = self.cookies.iter().filter_map(|cookie| cookie.split_once('=')).map(|(name, _)| name);
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
        self.cookies.iter().find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
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

    /// What every answer tells the browser about later requests: where it came from is told to nobody, and HTTPS is for
    /// good, but on loopback.
    #[must_use]
    pub fn headers_of_answer(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if !self.is_plain_loopback() {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        headers
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

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
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

/// The cookies, each for itself, so that an odd one of another site hides no other (RFC 6265). The gateway
/// moves them out of the headers, one by one or as the list that was sent; others may leave them there.
fn cookies(event: &Value, headers: &HeaderMap) -> Vec<String> {
    let moved = event.get("cookies").and_then(Value::as_array).into_iter().flatten();
    let moved = moved.filter_map(Value::as_str).map(str::as_bytes);
    let left = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let lists = moved.chain(left);
    let cookies = lists.flat_map(|list| list.split(|&byte| byte == b';'));
    cookies.filter_map(|cookie| std::str::from_utf8(cookie.trim_ascii()).ok()).map(str::to_owned).collect()
}

fn segments(raw_path: &str) -> Option<Vec<String>> {
    raw_path
        .strip_prefix('/')
        .unwrap_or(raw_path)
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned))
        .collect()
}
