//! How AWS is reached.

mod connections;
mod journal;
mod json_service;
mod parameter;
mod signed;
pub(crate) mod tls;

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion as _;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, SharedHttpClient};

pub use self::connections::{Connections, Posted, Repeat};
pub use self::journal::Journal;
use crate::domain::secret::Secret;

/// Each request has to be answered within this, its own retries included.
const TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 10;
/// The longest pause before the second attempt; it doubles, up to the longest of all.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What a function knows of AWS: region and credentials, which Lambda puts into its environment.
///
/// The SDK's own way asks files, roles and services that no function has, and the code for that would be
/// a tenth of each function.
pub async fn of_a_function() -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .http_client(http_client())
        .timeout_config(timeouts())
        .retry_config(retries());
    // An emulator's address; Lambda sets none.
    config.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL").ok());
    config.build()
}

/// A secret that the parameter store of Systems Manager keeps, by the name in `variable`; `None` when there
/// is no name. A name that begins with `file:` leads to a file, for laptops, which have no such store.
///
/// # Errors
/// When it cannot be read: a function without a secret that it needs does not start.
pub async fn named_secret(config: &SdkConfig, variable: &str) -> Result<Option<Secret>, String> {
    let Some(name) = std::env::var(variable).ok().filter(|name| !name.is_empty()) else { return Ok(None) };
    if let Some(path) = name.strip_prefix("file:") {
        let text = std::fs::read_to_string(path).map_err(|cause| format!("{variable}: {path}: {cause}"))?;
        return Ok(Some(Secret::new(text.trim_end())));
    }
    let value =
        parameter::read(config, &name).await.map_err(|cause| format!("{variable}: {name}: {cause}"))?;
    Ok(Some(Secret::new(value.expose().trim_end())))
}

/// What a person's tools know of AWS: profiles, roles and all else that AWS's own tools take.
pub async fn of_a_person() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await
}

fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(tls::provider()).build_https()
}

/// How long a request to AWS may take, and each attempt at it.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build()
}

/// How a request to AWS that failed is tried again: soon at first, because what fails once mostly works
/// the next time.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE)
}
