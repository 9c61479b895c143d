//! A deployed stack, for the cases that need no clock and no look behind the API.
//!
//! `API_URL` leads to it and `API_ADMIN` (`user:password`) logs in. All tests share the one tenant, so the
//! people of each carry a mark of its own on the wire, which the tests themselves do not see.

use std::collections::BTreeSet;
use std::env;
use std::sync::{Mutex, PoisonError};

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use shared::domain::random::RandomSource;
use shared::table::Usage;

use crate::{Answer, Event};

/// The parameters and path words that name people and groups.
const NAMING: [&str; 6] = ["participant", "newParticipant", "invite", "userid", "groupid", "groups[]"];

/// A deployed stack, as one test uses it.
pub(crate) struct Remote {
    address: String,
    host: String,
    /// Who creates people.
    pub(crate) admin: (String, String),
    mark: String,
    marked: Mutex<BTreeSet<String>>,
    client: reqwest::Client,
}

impl Remote {
    /// The stack that the environment names, if it names one.
    pub(crate) fn from_environment() -> Option<Self> {
        let url = env::var("API_URL").ok()?;
        let admin = env::var("API_ADMIN").unwrap_or_else(|_| panic!("API_ADMIN must be user:password"));
        let (user, password) =
            admin.split_once(':').unwrap_or_else(|| panic!("API_ADMIN must be user:password"));
        let host = url.trim_start_matches("http://").trim_start_matches("https://").to_owned();
        // An emulator gives out names below localhost, which not every resolver knows.
        let address = match host.split_once(".localhost:") {
            Some((_, port)) => format!("http://127.0.0.1:{port}"),
            None => url,
        };
        let random = RandomSource::from_operating_system().unwrap_or_else(|cause| panic!("{cause}"));
        let mark = format!(".{}", random.token());
        let admin = (user.to_owned(), password.to_owned());
        Some(Self { address, host, admin, mark, marked: Mutex::default(), client: reqwest::Client::new() })
    }

    /// What somebody or a group is called on the wire.
    pub(crate) fn mark(&self, id: &str) -> String {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        format!("{id}{}", self.mark)
    }

    /// The value of a field on the wire.
    pub(crate) fn field(&self, name: &str, value: &str) -> String {
        let marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        if NAMING.contains(&name) && marked.contains(value) {
            return format!("{value}{}", self.mark);
        }
        value.to_owned()
    }

    /// Sends a request through the real gateway.
    pub(crate) async fn send(&self, event: &Event) -> Answer {
        let method = event.method().parse().unwrap_or_else(|_| panic!("{} is no method", event.method()));
        let mut request = self.client.request(method, format!("{}{}", self.address, event.target()));
        for (name, value) in
            event.headers().iter().filter(|(name, _)| name != "host" && name != "x-forwarded-proto")
        {
            request = request.header(name, value);
        }
        request = request.header("host", &self.host);
        if !event.cookies().is_empty() {
            request = request.header("cookie", event.cookies().join("; "));
        }
        if let Some(body) = event.content() {
            request = request.body(body.to_vec());
        }
        let response = request.send().await.unwrap_or_else(|cause| panic!("{cause}"));
        let mut answer = ApiGatewayV2httpResponse::default();
        answer.status_code = i64::from(response.status().as_u16());
        answer.headers = response.headers().clone();
        let cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        answer.cookies = cookies.map(str::to_owned).collect();
        let text = response.text().await.unwrap_or_else(|cause| panic!("{cause}"));
        answer.body = Some(Body::Text(text.replace(&self.mark, "")));
        Answer::new(answer, Usage::default())
    }
}
