//! Requests to services of AWS whose own clients would make each function larger than it needs to be, signed by AWS's
//! own crate.

use std::error::Error;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// A request that is to be signed.
pub(super) struct Unsigned<'a> {
    /// As the signature names it.
    pub(super) service: &'a str,
    pub(super) method: &'static str,
    pub(super) address: String,
    pub(super) headers: &'a [(&'static str, &'static str)],
    pub(super) body: String,
}

/// Signs a request with the credentials of this function.
///
/// # Errors
/// Without region or credentials.
pub(super) async fn signed(
    config: &SdkConfig,
    request: Unsigned<'_>,
) -> Result<HttpRequest, Box<dyn Error + Send + Sync>> {
    let region = config.region().ok_or("AWS_REGION is not set")?.as_ref();
    let credentials = config.credentials_provider().ok_or("there are no credentials")?;
    let identity = credentials.provide_credentials().await?.into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(request.service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let signable = SignableRequest::new(
        request.method,
        &request.address,
        request.headers.iter().copied(),
        SignableBody::Bytes(request.body.as_bytes()),
    )?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let length = request.body.len().to_string();
    let mut signed = HttpRequest::new(SdkBody::from(request.body));
    signed.set_method(request.method)?;
    signed.set_uri(request.address)?;
    for (name, value) in request.headers {
        signed.headers_mut().try_insert(*name, *value)?;
    }
    signed.headers_mut().try_insert("content-length", length)?;
    let (headers, _) = instructions.into_parts();
    for header in headers {
        signed.headers_mut().try_insert(header.name(), header.value().to_owned())?;
    }
    Ok(signed)
}
