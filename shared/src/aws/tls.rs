//! What encrypts, towards AWS and others.

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// ring gathers no entropy at start, which is what makes aws-lc slow on a small function.
pub(crate) const fn provider() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}
