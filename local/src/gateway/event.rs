//! What API Gateway makes of a request (HTTP API, payload version 2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A request, as it is handed to a function.
pub struct Request<'a> {
    pub method: &'a str,
    /// The path as it was sent, without the query.
    pub path: &'a str,
    /// The query; may be empty.
    pub query: &'a str,
    /// Names in lower case, and values that are text, each name once.
    pub headers: Vec<(String, String)>,
    /// The cookies, which the gateway moves out of the headers.
    pub cookies: Vec<String>,
    /// The body, if there is one.
    pub body: Option<&'a [u8]>,
    /// The address that it came from.
    pub source: &'a str,
    /// What the request is called in logs.
    pub id: &'a str,
}

impl Request<'_> {
    /// The event as the gateway writes it.
    #[must_use]
    pub fn event(&self) -> Value {
        let header = |name: &str| {
            self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
        };
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
        let (body, is_base64) = body(self.body, header("content-type"));
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "cookies": if self.cookies.is_empty() { Value::Null } else { json!(self.cookies) },
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": header("host"),
                "domainPrefix": "local",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.source,
                    "userAgent": header("user-agent"),
                },
                "requestId": self.id,
                "routeKey": "$default",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_348_638_390_i64,
            },
            "body": body,
            "isBase64Encoded": is_base64,
        })
    }
}

/// The gateway hands on as text what says that it is text and is, everything else in base64.
fn body(body: Option<&[u8]>, content_type: &str) -> (Value, bool) {
    let Some(bytes) = body else { return (Value::Null, false) };
    let is_text = ["json", "text/", "xml", "javascript"].iter().any(|kind| content_type.contains(kind));
    match std::str::from_utf8(bytes) {
        Ok(text) if is_text => (Value::from(text), false),
        _ => (Value::from(STANDARD.encode(bytes)), true),
    }
}
