//! The OCS envelope around every answer, in JSON and XML (`docs/api.md#the-envelope`).

mod xml;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::refusal::{Kind, Refusal};

/// The largest body of an answer, in bytes, as Lambda carries it: a text in JSON, in which every
/// quotation mark counts twice. Lambda takes 6 MB, with the rest of the answer.
pub const MAX_ANSWER_BYTES: usize = 5 * 1024 * 1024;

/// The version of OCS, chosen by the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `/ocs/v1.php`: HTTP 200 for nearly everything.
    One,
    /// `/ocs/v2.php`: HTTP says what happened.
    Two,
}

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`
    Json,
    /// `application/xml`
    Xml,
}

impl Version {
    /// The version as paths have it.
    pub(super) const fn in_path(self) -> &'static str {
        match self {
            Self::One => "v1.php",
            Self::Two => "v2.php",
        }
    }
}

impl Format {
    /// The format that a request wants: the parameter, else the first entry of `Accept` that is
    /// literally one of four, else XML.
    #[must_use]
    pub fn wanted(parameter: Option<&str>, accept: Option<&str>) -> Self {
        let named = |name: &str| match name {
            "json" | "application/json" => Some(Self::Json),
            "xml" | "application/xml" => Some(Self::Xml),
            _ => None,
        };
        parameter
            .filter(|name| !name.contains('/'))
            .and_then(named)
            .or_else(|| accept.unwrap_or_default().split(',').find_map(|entry| named(entry.trim())))
            .unwrap_or(Self::Xml)
    }
}

/// What a request that was granted is answered with.
pub struct Reply {
    status: StatusCode,
    content: Content,
    cookies: Vec<String>,
    headers: HeaderMap,
    /// The field that goes first when this does not fit an answer.
    dispensable: Option<&'static str>,
}

/// JSON texts: most answers are JSON, and a list of rooms is long.
enum Content {
    /// Inside the envelope.
    Data(String),
    /// On its own.
    Bare(String),
    /// No body at all.
    Nothing,
}

/// The data of an answer without content.
const NOTHING: &str = "[]";

impl Reply {
    fn new(status: StatusCode, content: Content) -> Self {
        Self { status, content, cookies: Vec::new(), headers: HeaderMap::new(), dispensable: None }
    }

    /// 200 without content.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(StatusCode::OK, Content::Data(NOTHING.to_owned()))
    }

    /// 304: there is nothing new.
    #[must_use]
    pub fn not_modified() -> Self {
        Self::new(StatusCode::NOT_MODIFIED, Content::Nothing)
    }

    /// 200 with `data`.
    ///
    /// # Errors
    /// Never for the types of this project; a 500 stands in for what serde could refuse.
    pub fn ok(data: impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::new(StatusCode::OK, Content::Data(to_json(&data)?)))
    }

    /// 201 with `data`.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn created(data: impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::new(StatusCode::CREATED, Content::Data(to_json(&data)?)))
    }

    /// 200 with JSON that is in no envelope, for `/status.php`.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn bare(data: impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::new(StatusCode::OK, Content::Bare(to_json(&data)?)))
    }

    /// The same with a `Set-Cookie` header.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Names a field to empty in every entry of the list when the answer would be too large.
    #[must_use]
    pub fn or_without(mut self, field: &'static str) -> Self {
        self.dispensable = Some(field);
        self
    }

    /// Empties the dispensable field; tells whether there is one.
    fn drop_dispensable(&mut self) -> bool {
        let Some(field) = self.dispensable else { return false };
        let (Content::Data(text) | Content::Bare(text)) = &mut self.content else { return false };
        let mut data = from_json(text);
        for value in data.as_array_mut().into_iter().flatten().filter_map(|entry| entry.get_mut(field)) {
            *value = json!([]);
        }
        *text = data.to_string();
        true
    }
}

/// Reads what [`to_json`] wrote.
fn from_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn to_json(data: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(data).map_err(|cause| Refusal::defect(format!("writing an answer: {cause}")))
}

/// An answer on its way to the gateway.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// What happened, which version 1 hides behind a 200.
    pub outcome: StatusCode,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: String,
}

impl Answer {
    /// Wraps the outcome of a request.
    #[must_use]
    pub fn new(outcome: Result<Reply, Refusal>, version: Version, format: Format) -> Self {
        let mut reply = match outcome {
            Ok(reply) => reply,
            Err(refusal) => {
                let pause =
                    refusal.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
                return Self::refusal(&refusal, version, format).with_headers(pause.into_iter().collect());
            }
        };
        let mut answer = Self::reply(&reply, version, format);
        if !answer.fits() && reply.drop_dispensable() {
            answer = Self::reply(&reply, version, format);
        }
        if answer.fits() {
            return answer;
        }
        let message = format!("The answer is larger than {MAX_ANSWER_BYTES} bytes.");
        Self::refusal(&Refusal::too_large(message), version, format)
    }

    /// The same with a header.
    pub(super) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// The same with these headers.
    pub(super) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same for somebody who asks for the head alone.
    pub(super) fn without_body(self) -> Self {
        Self { body: String::new(), ..self }
    }

    fn fits(&self) -> bool {
        if self.body.len() <= MAX_ANSWER_BYTES / 2 {
            return true;
        }
        let escapes = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
        let escaped = self.body.bytes().filter(escapes).count();
        self.body.len() + escaped <= MAX_ANSWER_BYTES
    }

    fn reply(reply: &Reply, version: Version, format: Format) -> Self {
        let code = reply.status.as_u16();
        let mut answer = match &reply.content {
            Content::Bare(data) => Self::bare(reply.status, data.clone()),
            Content::Nothing => Self::of(reply.status, None, String::new()),
            Content::Data(data) => {
                let meta = match version {
                    Version::One if code == 200 => Meta::success(100),
                    // Only 200 is a success in version 1, even where something was created.
                    Version::One => Meta::failure(code, Value::Null),
                    Version::Two => Meta::success(code),
                };
                Self::enveloped(reply.status, &meta, data, version, format)
            }
        };
        answer.cookies.clone_from(&reply.cookies);
        answer.headers.extend(reply.headers.clone());
        answer
    }

    fn refusal(refusal: &Refusal, version: Version, format: Format) -> Self {
        let message = || match refusal.message.as_str() {
            "" => Value::Null,
            text => Value::from(text),
        };
        let enveloped = |status: StatusCode, code: u16| {
            let meta = Meta::failure(code, message());
            let data = refusal.data.as_deref().map_or_else(|| NOTHING.to_owned(), Value::to_string);
            Self::enveloped(status, &meta, &data, version, format)
        };
        match refusal.kind {
            Kind::Status(status) => enveloped(status, status.as_u16()),
            Kind::Provisioning(code) => enveloped(StatusCode::BAD_REQUEST, code),
            Kind::NotLoggedIn => enveloped(StatusCode::UNAUTHORIZED, 997),
            Kind::NoRoom => enveloped(StatusCode::NOT_FOUND, 404),
            Kind::NoRoute | Kind::Unknown => enveloped(StatusCode::NOT_FOUND, 998),
            Kind::Contested => enveloped(StatusCode::SERVICE_UNAVAILABLE, 503),
            Kind::CrossSite => {
                let message = json!({ "message": refusal.message });
                Self::bare(StatusCode::PRECONDITION_FAILED, message.to_string())
            }
            Kind::NoMethod => {
                let mut answer = Self::of(StatusCode::METHOD_NOT_ALLOWED, None, String::new());
                answer.headers.extend(HeaderValue::from_str(&refusal.message).map(|it| (header::ALLOW, it)));
                answer
            }
        }
    }

    /// `data` is JSON.
    fn enveloped(status: StatusCode, meta: &Meta, data: &str, version: Version, format: Format) -> Self {
        let meta = meta.value(version);
        let mut answer = match format {
            Format::Json => {
                let envelope = format!("{{\"ocs\":{{\"meta\":{meta},\"data\":{data}}}}}");
                Self::of(status, Some("application/json; charset=utf-8"), envelope)
            }
            Format::Xml => {
                let envelope = json!({ "ocs": { "meta": meta, "data": from_json(data) } });
                Self::of(status, Some("application/xml; charset=utf-8"), xml::document(&envelope))
            }
        };
        answer.status = http_status(version, status);
        answer
    }

    fn bare(status: StatusCode, data: String) -> Self {
        Self::of(status, Some("application/json; charset=utf-8"), data)
    }

    fn of(status: StatusCode, content_type: Option<&'static str>, body: String) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers
            .insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
        Self { status, outcome: status, headers, cookies: Vec::new(), body }
    }
}

impl From<Answer> for ApiGatewayV2httpResponse {
    fn from(answer: Answer) -> Self {
        let mut response = Self::default();
        response.status_code = i64::from(answer.status.as_u16());
        response.headers = answer.headers;
        response.cookies = answer.cookies;
        response.body = Some(Body::Text(answer.body));
        response
    }
}

/// Version 1 says 200 to everything but a missing login; a wrong method has no envelope to say it in.
fn http_status(version: Version, status: StatusCode) -> StatusCode {
    match version {
        Version::One if status != StatusCode::UNAUTHORIZED => StatusCode::OK,
        _ => status,
    }
}

struct Meta {
    is_success: bool,
    code: u16,
    message: Value,
}

impl Meta {
    fn success(code: u16) -> Self {
        Self { is_success: true, code, message: Value::from("OK") }
    }

    const fn failure(code: u16, message: Value) -> Self {
        Self { is_success: false, code, message }
    }

    fn value(&self, version: Version) -> Value {
        let status = if self.is_success { "ok" } else { "failure" };
        let mut meta = json!({ "status": status, "statuscode": self.code, "message": self.message });
        if let (Version::One, Some(fields)) = (version, meta.as_object_mut()) {
            fields.insert("totalitems".to_owned(), Value::from(""));
            fields.insert("itemsperpage".to_owned(), Value::from(""));
        }
        meta
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(outcome: Result<Reply, Refusal>, version: Version) -> (u16, Value) {
        let answer = Answer::new(outcome, version, Format::Json);
        (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap_or_default())
    }

    #[test]
    fn the_format_follows_parameter_then_accept_then_xml() {
        for (parameter, accept, format) in [
            (Some("json"), Some("application/xml"), Format::Json),
            (Some("xml"), Some("application/json"), Format::Xml),
            (Some("html"), Some("application/json"), Format::Json),
            (None, Some("text/html, application/json"), Format::Json),
            (None, Some("application/json;q=0.9"), Format::Xml),
            (None, Some("*/*"), Format::Xml),
            (None, None, Format::Xml),
        ] {
            assert_eq!(Format::wanted(parameter, accept), format, "{parameter:?} {accept:?}");
        }
    }

    #[test]
    fn version_1_hides_the_status_and_calls_a_creation_a_failure() {
        let (status, body) = answer(Reply::created(json!({"token": "x"})), Version::One);
        assert_eq!(status, 200);
        let meta = json!({"status": "failure", "statuscode": 201, "message": null, "totalitems": "", "itemsperpage": ""});
        assert_eq!(body, json!({"ocs": {"meta": meta, "data": {"token": "x"}}}));
        let (status, body) = answer(Ok(Reply::empty()), Version::One);
        assert_eq!((status, body.pointer("/ocs/meta/statuscode")), (200, Some(&json!(100))));
        assert_eq!(answer(Err(Refusal::not_logged_in()), Version::One).0, 401);
        assert_eq!(answer(Err(Refusal::not_found()), Version::One).0, 200);
    }

    #[test]
    fn version_2_speaks_http() {
        let (status, body) = answer(Err(Refusal::not_found()), Version::Two);
        let meta = json!({"status": "failure", "statuscode": 404, "message": null});
        assert_eq!((status, body), (404, json!({"ocs": {"meta": meta, "data": []}})));
        assert_eq!(answer(Err(Refusal::provisioning(102, "exists")), Version::Two).0, 400);
        let (status, body) = answer(Err(Refusal::cross_site()), Version::One);
        assert_eq!((status, body), (412, json!({"message": "CSRF check failed"})));
    }

    #[test]
    fn an_answer_that_lambda_could_not_carry_is_refused() {
        let (status, _) = answer(Reply::ok("x".repeat(MAX_ANSWER_BYTES)), Version::Two);
        assert_eq!(status, 413);
    }
}
