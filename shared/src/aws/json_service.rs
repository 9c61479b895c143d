//! Requests to services of AWS that take and answer JSON, signed by AWS's own crate.
//!
//! Their own clients would be a tenth and more of every function, for requests that are seldom made.

use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use tokio::time::timeout;

use super::signed::{Unsigned, signed};
use super::tls;

const TYPE: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

/// A service, by the name that stands in its address and its signatures.
pub(super) struct JsonService {
    name: &'static str,
    connector: Connector,
}

/// What a service answered.
pub(super) struct JsonAnswer {
    pub(super) status: u16,
    /// Null where it was no JSON.
    pub(super) body: Value,
}

impl JsonAnswer {
    /// What the service calls its failure.
    pub(super) fn failure(&self) -> &str {
        self.body.get("__type").and_then(Value::as_str).unwrap_or_default()
    }
}

impl JsonService {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, connector: Connector::builder().tls_provider(tls::provider()).build() }
    }

    /// Asks once. The inner error is one that may pass.
    ///
    /// # Errors
    /// When the request cannot be signed.
    pub(super) async fn ask(
        &self,
        config: &SdkConfig,
        target: &'static str,
        body: &Value,
        patience: Duration,
    ) -> Result<Result<JsonAnswer, String>, Box<dyn Error + Send + Sync>> {
        let request = question(config, self.name, target, body).await?;
        let answered = timeout(patience, async {
            let response = self.connector.call(request).await.map_err(|cause| format!("{cause:?}"))?;
            let status = response.status().as_u16();
            let body =
                ByteStream::new(response.into_body()).collect().await.map_err(|cause| cause.to_string())?;
            let body = serde_json::from_slice(&body.into_bytes()).unwrap_or_default();
            Ok(JsonAnswer { status, body })
        });
        Ok(answered.await.unwrap_or_else(|_| Err(format!("{} did not answer in time", self.name))))
    }
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

async fn question(
    config: &SdkConfig,
    service: &'static str,
    target: &'static str,
    body: &Value,
) -> Result<HttpRequest, Box<dyn Error + Send + Sync>> {
    let region = config.region().ok_or("AWS_REGION is not set")?.as_ref();
    let suffix = suffix(region);
    let address = match config.endpoint_url() {
        Some(emulator) => format!("{}/", emulator.trim_end_matches('/')),
        None => format!("https://{service}.{region}.{suffix}/"),
    };
    let headers = &[TYPE, ("x-amz-target", target)];
    signed(config, Unsigned { service, method: "POST", address, headers, body: body.to_string() }).await
}

#[cfg(test)]
mod tests {
    use aws_config::Region;
    use aws_credential_types::Credentials;
    use aws_sdk_dynamodb::config::SharedCredentialsProvider;
    use serde_json::json;

    use super::*;

    async fn request(region: &'static str) -> Option<HttpRequest> {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let config = SdkConfig::builder()
            .region(Region::from_static(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        question(&config, "ssm", "AmazonSSM.GetParameter", &json!({"Name": "/spreed/acme/shared"})).await.ok()
    }

    #[tokio::test]
    async fn the_request_is_signed_for_the_service_of_its_region() {
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
