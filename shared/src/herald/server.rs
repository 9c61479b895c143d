//! The external signaling server: how it is reached, and how each side recognizes the other's requests.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::aws::tls;
use crate::domain::room::Token;
use crate::domain::secret::Secret;

/// Where the random text of a request stands.
pub const RANDOM_HEADER: &str = "spreed-signaling-random";
/// Where the checksum of random text and body stands.
pub const CHECKSUM_HEADER: &str = "spreed-signaling-checksum";
/// Where the address of this API stands, which is how the server finds the secret.
const BACKEND_HEADER: &str = "spreed-signaling-backend";
/// The shortest random text, in bytes (`docs/api.md#the-external-server`).
const MIN_RANDOM_BYTES: usize = 32;

/// An external signaling server.
pub struct SignalingServer {
    backend: Option<String>,
    address: String,
    rooms: String,
    secret: Secret,
    connector: Connector,
}

impl SignalingServer {
    /// The server at this address; `ws:` and `wss:` are what clients make of it anyway.
    ///
    /// # Errors
    /// A sentence when it is no address.
    pub fn new(server: &str, backend: Option<String>, secret: Secret) -> Result<Self, String> {
        let server = server.trim_end_matches('/');
        let http = match server.split_once("://") {
            Some(("https" | "wss", host)) => format!("https://{host}"),
            Some(("http" | "ws", host)) if is_loopback(host) => format!("http://{host}"),
            Some(("http" | "ws", _)) => {
                return Err("must be encrypted outside of this machine: https://.".to_owned());
            }
            _ => return Err(format!("must begin with https://, not be {server:?}.")),
        };
        if secret.is_empty() {
            return Err("needs a secret that is not empty.".to_owned());
        }
        let connector = Connector::builder().tls_provider(tls::provider()).build();
        let backend = backend.map(|url| format!("{}/", url.trim_end_matches('/')));
        Ok(Self {
            backend,
            address: server.to_owned(),
            rooms: format!("{http}/api/v1/room/"),
            secret,
            connector,
        })
    }

    /// The address, as clients take it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of this API, as the server's settings have it; `None` on a laptop, where it is the one
    /// that callers use.
    #[must_use]
    pub fn backend(&self) -> Option<&str> {
        self.backend.as_deref()
    }

    /// Whether a request comes from the server: `checksum` is that of `random` and the body, byte for
    /// byte. Compared in constant time.
    #[must_use]
    pub fn is_genuine(&self, random: &str, checksum: &str, body: &[u8]) -> bool {
        let Ok(checksum) = hex::decode(checksum) else { return false };
        random.len() >= MIN_RANDOM_BYTES
            && self.mac(random, body).is_some_and(|mac| mac.verify_slice(&checksum).is_ok())
    }

    /// Tells the server what happened to a room, one after the other, each under a random text of its own;
    /// `backend` is the address of this API.
    ///
    /// # Errors
    /// For the log, when not all is told within `patience`.
    pub async fn tell(
        &self,
        token: &Token,
        backend: &str,
        notices: &[(String, String)],
        patience: Duration,
    ) -> Result<(), String> {
        let telling = async {
            for (random, body) in notices {
                self.tell_one(token, backend, random, body).await?;
            }
            Ok(())
        };
        let told = tokio::time::timeout(patience, telling).await;
        told.map_err(|_| format!("no answer within {} ms", patience.as_millis()))?
    }

    async fn tell_one(&self, token: &Token, backend: &str, random: &str, body: &str) -> Result<(), String> {
        let checksum = self
            .mac(random, body.as_bytes())
            .map(|mac| hex::encode(mac.finalize().into_bytes()))
            .unwrap_or_default();
        let headers = [
            (BACKEND_HEADER, backend.to_owned()),
            (RANDOM_HEADER, random.to_owned()),
            (CHECKSUM_HEADER, checksum),
            ("content-type", "application/json".to_owned()),
        ];
        let mut outcome = self.post(token, &headers, body).await;
        if matches!(outcome, Err(NotTold::NotReached(_))) {
            // A connection of before the function was frozen may be dead.
            outcome = self.post(token, &headers, body).await;
        }
        outcome.map_err(|untold| match untold {
            NotTold::NotReached(why) | NotTold::Refused(why) => why,
        })
    }

    async fn post(
        &self,
        token: &Token,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<(), NotTold> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        let refused = |cause: &dyn std::error::Error| NotTold::Refused(cause.to_string());
        request.set_method("POST").map_err(|cause| refused(&cause))?;
        request.set_uri(format!("{}{token}", self.rooms)).map_err(|cause| refused(&cause))?;
        for (name, value) in headers {
            request.headers_mut().try_insert(*name, value.clone()).map_err(|cause| refused(&cause))?;
        }
        // The server refuses a body whose length it does not know.
        let length = body.len().to_string();
        request.headers_mut().try_insert("content-length", length).map_err(|cause| refused(&cause))?;
        match self.connector.call(request).await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(NotTold::Refused(format!("HTTP {}", response.status().as_u16()))),
            Err(cause) => Err(NotTold::NotReached(format!("{cause:?}"))),
        }
    }

    fn mac(&self, random: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()).ok()?;
        mac.update(random.as_bytes());
        mac.update(body);
        Some(mac)
    }
}

/// Whether what follows the scheme of an address leads to this machine.
fn is_loopback(address: &str) -> bool {
    let authority = address.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

enum NotTold {
    NotReached(String),
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the protocol's own documentation publishes.
    #[test]
    fn the_checksum_is_that_of_the_published_example() {
        let Ok(external) =
            SignalingServer::new("https://signaling.example", None, Secret::new("MySecretValue"))
        else {
            unreachable!()
        };
        let random = "afb6b872ab03e3376b31bf0af601067222ff7990335ca02d327071b73c0119c6";
        let body = br#"{"type":"auth","auth":{"version":"1.0","params":{"hello":"world"}}}"#;
        let checksum = "3c4a69ff328299803ac2879614b707c807b4758cf19450755c60656cac46e3bc";
        assert!(external.is_genuine(random, checksum, body));
        assert!(external.is_genuine(random, &checksum.to_uppercase(), body));
        assert!(!external.is_genuine(random, checksum, b"{}"));
        assert!(!external.is_genuine(&random.replace('a', "b"), checksum, body));
        for wrong in ["", "3c", &checksum.replace('3', "4"), "not hexadecimal"] {
            assert!(!external.is_genuine(random, wrong, body), "{wrong}");
        }
        assert_eq!(external.backend(), None);
        let named =
            SignalingServer::new("wss://s.example", Some("https://api.example".to_owned()), Secret::new("s"));
        assert_eq!(
            named.ok().and_then(|named| named.backend().map(str::to_owned)).as_deref(),
            Some("https://api.example/")
        );
        for (server, is_good) in [
            ("http://127.0.0.1:8080", true),
            ("ws://localhost/path", true),
            ("http://[::1]:8080", true),
            ("http://signaling.example", false),
            ("ws://127.0.0.1.example", false),
            ("http://localhost@signaling.example", false),
            ("http://192.0.2.1:8080", false),
        ] {
            assert_eq!(SignalingServer::new(server, None, Secret::new("s")).is_ok(), is_good, "{server}");
        }
        let short = "0123456789abcdef";
        let own = external.mac(short, body).map(|mac| hex::encode(mac.finalize().into_bytes()));
        assert!(!external.is_genuine(short, &own.unwrap_or_default(), body), "too little randomness");
    }
}
