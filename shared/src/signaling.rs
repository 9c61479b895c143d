//! How members of a call find each other: the settings of the stack, and what is computed from them.

mod external;
mod notice;
mod ticket;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha1::Sha1;

pub use self::external::{CHECKSUM_HEADER, External, RANDOM_HEADER};
pub use self::notice::{Notice, Present, properties};
pub use self::ticket::Ticket;

use crate::secret::Secret;
use crate::time::Timestamp;

/// STUN servers, with commas between them.
pub const STUN_VARIABLE: &str = "STUN_SERVERS";
/// TURN servers, with commas between them.
pub const TURN_VARIABLE: &str = "TURN_SERVERS";
/// The address of the external signaling server, as clients take it.
pub const SERVER_VARIABLE: &str = "SIGNALING_SERVER";
/// The address of this API, by which that server knows it.
pub const BASE_URL_VARIABLE: &str = "BASE_URL";
/// For how many seconds a poll is held.
pub const HOLD_VARIABLE: &str = "POLL_SECONDS";
/// Longer than this no poll is held, in seconds: a slow table needs the rest of a request's time.
const LONGEST_HOLD: u64 = 20;
const DEFAULT_HOLD: u64 = 20;
/// How long the credentials for a TURN server are good, in seconds. They are asked for when a call begins, and
/// not again.
const TURN_SECONDS: i64 = 60 * 60;

/// The settings of signaling.
pub struct Signaling {
    /// `stun:` addresses.
    pub stun: Vec<String>,
    turn: Vec<String>,
    turn_secret: Option<Secret>,
    /// For how long a poll is held when nothing happens.
    pub hold: Duration,
    /// The external signaling server, if the stack has one.
    pub external: Option<External>,
}

impl Default for Signaling {
    /// No servers of any kind: browsers find each other where no router is between them.
    fn default() -> Self {
        Self {
            stun: Vec::new(),
            turn: Vec::new(),
            turn_secret: None,
            hold: Duration::from_secs(DEFAULT_HOLD),
            external: None,
        }
    }
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

impl Signaling {
    /// Reads the settings.
    ///
    /// # Errors
    /// A sentence that names the setting that cannot be used.
    pub fn new(
        setting: impl Fn(&str) -> Option<String>,
        turn_secret: Option<Secret>,
        signaling_secret: Option<Secret>,
    ) -> Result<Self, String> {
        let setting = |name: &str| setting(name).filter(|text| !text.is_empty());
        let turn = servers(setting(TURN_VARIABLE), "turn", TURN_VARIABLE)?;
        if !turn.is_empty() && turn_secret.is_none() {
            return Err(format!("{TURN_VARIABLE} needs the secret of the TURN servers."));
        }
        let hold = match setting(HOLD_VARIABLE).map(|text| text.parse::<u64>()) {
            None => DEFAULT_HOLD,
            Some(Ok(seconds)) if (1..=LONGEST_HOLD).contains(&seconds) => seconds,
            Some(_) => return Err(format!("{HOLD_VARIABLE} must be a number from 1 to {LONGEST_HOLD}.")),
        };
        let external = match (setting(SERVER_VARIABLE), signaling_secret) {
            (Some(server), Some(secret)) => Some(External::new(&server, setting(BASE_URL_VARIABLE), secret)?),
            (Some(_), None) => return Err(format!("{SERVER_VARIABLE} needs the secret of that server.")),
            (None, _) => None,
        };
        Ok(Self {
            stun: servers(setting(STUN_VARIABLE), "stun", STUN_VARIABLE)?,
            turn,
            turn_secret,
            hold: Duration::from_secs(hold),
            external,
        })
    }

    /// The STUN servers.
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
    /// (reference "Settings").
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

/// A list of addresses of this scheme or its encrypted sister; each may do without, and has the scheme then.
fn servers(list: Option<String>, scheme: &str, name: &str) -> Result<Vec<String>, String> {
    let (plain, encrypted) = (format!("{scheme}:"), format!("{scheme}s:"));
    let list = list.unwrap_or_default();
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            if entry.starts_with(&plain) || entry.starts_with(&encrypted) {
                Ok(entry.to_owned())
            } else if entry.contains("://") || entry.split(':').count() > 2 {
                Err(format!("{name} must be addresses like {plain}host:port, not {entry:?}."))
            } else {
                Ok(format!("{plain}{entry}"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signaling(settings: &[(&str, &str)], secret: Option<&str>) -> Result<Signaling, String> {
        let setting = |name: &str| {
            settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Signaling::new(setting, secret.map(Secret::new), secret.map(Secret::new))
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        for (settings, secret, named) in [
            (&[(TURN_VARIABLE, "turn.example:3478")][..], None, TURN_VARIABLE),
            (&[(SERVER_VARIABLE, "https://signaling.example")], None, SERVER_VARIABLE),
            (&[(SERVER_VARIABLE, "signaling.example")], Some("s"), SERVER_VARIABLE),
            (&[(STUN_VARIABLE, "http://stun.example")], None, STUN_VARIABLE),
            (&[(HOLD_VARIABLE, "0")], None, HOLD_VARIABLE),
            (&[(HOLD_VARIABLE, "29")], None, HOLD_VARIABLE),
            (&[(HOLD_VARIABLE, "x")], None, HOLD_VARIABLE),
        ] {
            let sentence = signaling(settings, secret).err().unwrap_or_default();
            assert!(sentence.contains(named), "{settings:?}: {sentence}");
        }
        assert!(signaling(&[], None).is_ok());
    }

    /// The credential was computed with `openssl dgst -sha1 -hmac north -binary | base64`.
    #[test]
    fn turn_credentials_are_what_coturn_computes() {
        let servers = [(TURN_VARIABLE, "turn.example:3478?transport=udp, turns:turn.example:5349")];
        let Ok(signaling) = signaling(&servers, Some("north")) else { unreachable!() };
        let turn = signaling.turn_servers(Timestamp(1_500_000_000));
        let urls: Vec<_> = turn.iter().flat_map(|server| server.urls.clone()).collect();
        assert_eq!(urls, ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]);
        let first = turn.first().map(|server| (server.username.as_str(), server.credential.as_str()));
        assert_eq!(first, Some(("1500003600", "0EqmWWLaZ73JMl0J61MsJayb5C4=")));
    }
}
