//! One request to the parameter store of Systems Manager: `GetParameter`, signed by AWS's own crate.
//!
//! The store's client would be a tenth and more of every function, for a request that is made once in the life of an
//! instance.

use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::signed::{Unsigned, signed};
use super::tls;
use crate::domain::random::up_to;
use crate::domain::secret::Secret;

/// The store answers some forty requests a second, and a hundred instances may start at once.
const ATTEMPTS: u32 = 8;
/// The longest pause after the first attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);
const TYPE: (&str, &str) = ("content-type", "application/x-amz-json-1.1");
const TARGET: (&str, &str) = ("x-amz-target", "AmazonSSM.GetParameter");

/// Why there is no value.
enum Failure {
    /// Trying again may help.
    Passing(String),
    /// It will not.
    Lasting(String),
}

/// Reads a parameter, and decrypts it.
///
/// # Errors
/// A sentence for operators.
pub(super) async fn read(config: &SdkConfig, name: &str) -> Result<Secret, String> {
    let connector = Connector::builder().tls_provider(tls::provider()).build();
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt(&connector, config, name).await {
            Err(Failure::Passing(_)) => sleep(up_to(pause)).await,
            outcome => return outcome.map_err(Failure::into_sentence),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    attempt(&connector, config, name).await.map_err(Failure::into_sentence)
}

impl Failure {
    fn into_sentence(self) -> String {
        match self {
            Self::Passing(sentence) | Self::Lasting(sentence) => sentence,
        }
    }
}

async fn attempt(connector: &Connector, config: &SdkConfig, name: &str) -> Result<Secret, Failure> {
    let request = question(config, name).await.map_err(|cause| Failure::Lasting(cause.to_string()))?;
    let answered = timeout(PATIENCE, async {
        let response = connector.call(request).await.map_err(|cause| format!("{cause:?}"))?;
        let status = response.status();
        let body =
            ByteStream::new(response.into_body()).collect().await.map_err(|cause| cause.to_string())?;
        Ok::<_, String>((status, body.into_bytes()))
    });
    let (status, body) = answered
        .await
        .map_err(|_| Failure::Passing("the parameter store did not answer in time".to_owned()))?
        .map_err(Failure::Passing)?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(value) = answer.pointer("/Parameter/Value").and_then(Value::as_str) {
        return Ok(Secret::new(value));
    }
    // What the store says of a failure holds no value.
    let kind = answer.get("__type").and_then(Value::as_str).unwrap_or("no value");
    let sentence = format!("the parameter store answered HTTP {}: {kind}", status.as_u16());
    let is_passing =
        status.is_server_error() || status.as_u16() == 429 || kind.ends_with("ThrottlingException");
    Err(if is_passing { Failure::Passing(sentence) } else { Failure::Lasting(sentence) })
}

/// Where the services of a region's partition have their names.
fn suffix(region: &str) -> &'static str {
    let of = |beginning: &str| region.starts_with(beginning);
    match () {
        () if of("cn-") => "amazonaws.com.cn",
        () if of("eusc-") => "amazonaws.eu",
        () if of("us-isob-") => "sc2s.sgov.gov",
        () if of("us-iso-") => "c2s.ic.gov",
        () => "amazonaws.com",
    }
}

async fn question(config: &SdkConfig, name: &str) -> Result<HttpRequest, Box<dyn Error + Send + Sync>> {
    let region = config.region().ok_or("AWS_REGION is not set")?.as_ref();
    let suffix = suffix(region);
    let address = match config.endpoint_url() {
        Some(emulator) => format!("{}/", emulator.trim_end_matches('/')),
        None => format!("https://ssm.{region}.{suffix}/"),
    };
    let body = json!({ "Name": name, "WithDecryption": true }).to_string();
    let headers = &[TYPE, TARGET];
    signed(config, Unsigned { service: "ssm", method: "POST", address, headers, body }).await
}

#[cfg(test)]
mod tests {
    use aws_config::Region;
    use aws_credential_types::Credentials;
    use aws_sdk_dynamodb::config::SharedCredentialsProvider;

    use super::*;

    async fn request(region: &'static str) -> Option<HttpRequest> {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let config = SdkConfig::builder()
            .region(Region::from_static(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        question(&config, "/spreed/acme/shared").await.ok()
    }

    #[tokio::test]
    async fn the_request_is_signed_for_the_store_of_its_region() {
        let Some(request) = request("eu-central-1").await else { unreachable!() };
        assert_eq!(request.uri(), "https://ssm.eu-central-1.amazonaws.com/");
        let header = |name| request.headers().get(name).unwrap_or_default();
        assert_eq!(header("x-amz-target"), "AmazonSSM.GetParameter");
        assert_eq!(header("x-amz-security-token"), "session");
        let authorization = header("authorization");
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains("/eu-central-1/ssm/aws4_request"), "{authorization}");
        for signed in ["content-type", "host", "x-amz-date", "x-amz-target"] {
            assert!(authorization.contains(signed), "{authorization}");
        }
    }

    #[tokio::test]
    async fn partitions_have_addresses_of_their_own() {
        for (region, address) in [
            ("cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn/"),
            ("eusc-de-east-1", "https://ssm.eusc-de-east-1.amazonaws.eu/"),
            ("us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com/"),
        ] {
            let uri = request(region).await.map(|request| request.uri().to_owned());
            assert_eq!(uri.as_deref(), Some(address));
        }
    }
}
