//! What came back.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use serde_json::Value;
use shared::table::Usage;

/// What came back, and what it cost.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub text: String,
    /// The body, if it is JSON.
    pub json: Value,
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// What was used of DynamoDB.
    pub usage: Usage,
    headers: lambda_http::http::HeaderMap,
}

impl Answer {
    pub(crate) fn new(response: ApiGatewayV2httpResponse, usage: Usage) -> Self {
        let text = match response.body {
            Some(Body::Text(text)) => text,
            _ => String::new(),
        };
        Self {
            status: u16::try_from(response.status_code).unwrap_or(0),
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
            cookies: response.cookies,
            usage,
            headers: response.headers,
        }
    }

    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The data in the envelope.
    #[must_use]
    pub fn data(&self) -> &Value {
        self.json.pointer("/ocs/data").unwrap_or(&Value::Null)
    }

    /// The status code in the envelope.
    #[must_use]
    pub fn code(&self) -> u64 {
        self.json.pointer("/ocs/meta/statuscode").and_then(Value::as_u64).unwrap_or(0)
    }

    /// The message in the envelope.
    #[must_use]
    pub fn message(&self) -> &str {
        self.json.pointer("/ocs/meta/message").and_then(Value::as_str).unwrap_or_default()
    }

    /// A text of the data.
    ///
    /// # Panics
    /// When it is missing.
    #[must_use]
    #[track_caller]
    pub fn text_at(&self, field: &str) -> String {
        match self.data().get(field).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("no text {field} in {} {}", self.status, self.text),
        }
    }

    /// The entries of a list.
    ///
    /// # Panics
    /// When the data is no list.
    #[must_use]
    #[track_caller]
    pub fn list(&self) -> &[Value] {
        match self.data().as_array() {
            Some(entries) => entries,
            None => panic!("no list in {} {}", self.status, self.text),
        }
    }

    /// The entries of a list inside the data.
    #[must_use]
    pub fn list_at(&self, field: &str) -> &[Value] {
        self.data().get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The values of one field of all entries, sorted.
    #[must_use]
    #[track_caller]
    pub fn column(&self, field: &str) -> Vec<String> {
        let text = |entry: &Value| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut column: Vec<String> = self.list().iter().map(text).collect();
        column.sort();
        column
    }

    /// A text of the one entry of a list.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[must_use]
    #[track_caller]
    pub fn text_in_list(&self, field: &str) -> String {
        let mut column = self.column(field);
        assert_eq!(column.len(), 1, "{}", self.text);
        column.remove(0)
    }

    /// Demands a status, and says what came instead.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}
