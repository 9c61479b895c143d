//! The servers by which browsers find each other: STUN, and TURN with credentials that are made here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha1::Sha1;

use super::secret::Secret;
use super::time::Timestamp;

/// How long the credentials for a TURN server are good, in seconds. They are asked for when a call begins, and
/// not again.
const TURN_SECONDS: i64 = 60 * 60;

/// The STUN and TURN servers of a stack; by default there are none, and browsers find each other where no router
/// is between them.
#[derive(Default)]
pub struct IceServers {
    stun: Vec<String>,
    turn: Vec<String>,
    turn_secret: Option<Secret>,
}

/// A STUN server, as clients take it.
#[derive(Serialize)]
pub struct StunServer {
    url: String,
}

/// A TURN server with credentials, as clients take it.
#[derive(Serialize)]
pub struct TurnServer {
    url: [String; 1],
    urls: [String; 1],
    username: String,
    credential: String,
}

impl IceServers {
    /// Servers at these addresses.
    #[must_use]
    pub const fn new(stun: Vec<String>, turn: Vec<String>, turn_secret: Option<Secret>) -> Self {
        Self { stun, turn, turn_secret }
    }

    #[must_use]
    pub fn stun_servers(&self) -> Vec<StunServer> {
        self.stun.iter().map(|url| StunServer { url: url.clone() }).collect()
    }

    /// Whether there are TURN servers.
    #[must_use]
    pub const fn has_turn(&self) -> bool {
        !self.turn.is_empty()
    }

    /// The TURN servers, with credentials for an hour: what coturn's `use-auth-secret` asks for
    /// (`docs/api.md#settings`).
    #[must_use]
    pub fn turn_servers(&self, now: Timestamp) -> Vec<TurnServer> {
        let Some(secret) = &self.turn_secret else { return Vec::new() };
        let username = now.plus(TURN_SECONDS).0.to_string();
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()) else { return Vec::new() };
        mac.update(username.as_bytes());
        let credential = STANDARD.encode(mac.finalize().into_bytes());
        let server = |url: &String| TurnServer {
            url: [url.clone()],
            urls: [url.clone()],
            username: username.clone(),
            credential: credential.clone(),
        };
        self.turn.iter().map(server).collect()
    }
}

/// Reads a list of addresses with commas between them, of the scheme `stun` or `turn` or its encrypted sister. One
/// without a scheme gets the plain one.
///
/// # Errors
/// A sentence that begins after the name of the setting.
pub fn addresses(list: &str, scheme: &str) -> Result<Vec<String>, String> {
    let (plain, encrypted) = (format!("{scheme}:"), format!("{scheme}s:"));
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            if entry.starts_with(&plain) || entry.starts_with(&encrypted) {
                Ok(entry.to_owned())
            } else if entry.contains("://") || entry.split(':').count() > 2 {
                Err(format!("must be addresses like {plain}host:port, not {entry:?}."))
            } else {
                Ok(format!("{plain}{entry}"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The credential was computed with `openssl dgst -sha1 -hmac north -binary | base64`.
    #[test]
    fn turn_credentials_are_what_coturn_computes() {
        let list = "turn.example:3478?transport=udp, turns:turn.example:5349";
        let Ok(addresses) = addresses(list, "turn") else { unreachable!() };
        let servers = IceServers::new(Vec::new(), addresses, Some(Secret::new("north")));
        let turn = servers.turn_servers(Timestamp(1_500_000_000));
        let urls: Vec<_> = turn.iter().flat_map(|server| server.urls.clone()).collect();
        assert_eq!(urls, ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]);
        let first = turn.first().map(|server| (server.username.as_str(), server.credential.as_str()));
        assert_eq!(first, Some(("1500003600", "0EqmWWLaZ73JMl0J61MsJayb5C4=")));
    }
}
