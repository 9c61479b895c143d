//! What a stack's parameters set, as functions read it from their environment.

use std::time::Duration;

use crate::domain::ice::{IceServers, addresses};
use crate::domain::secret::Secret;
use crate::herald::SignalingServer;

/// The variable that names the table.
pub const TABLE_VARIABLE: &str = "TABLE_NAME";
/// How many guests may be in a room at a time.
pub(super) const GUEST_LIMIT_VARIABLE: &str = "GUEST_LIMIT";
/// How many wrong secrets and rooms that do not exist may come from one address in half an hour.
pub(super) const ADDRESS_LIMIT_VARIABLE: &str = "ADDRESS_LIMIT";
/// The log of those who failed to log in.
pub(super) const FAILED_LOGINS_VARIABLE: &str = "FAILED_LOGINS_LOG";
/// What Lambda calls the stream of an instance's log, which is a name of its own for each.
pub(super) const STREAM_VARIABLE: &str = "AWS_LAMBDA_LOG_STREAM_NAME";
/// How many characters a password has at least that somebody chooses.
pub(super) const PASSWORD_LENGTH_VARIABLE: &str = "PASSWORD_LENGTH";
/// For how many days messages are kept; 0 is for ever.
pub(super) const CHAT_DAYS_VARIABLE: &str = "CHAT_DAYS";
/// STUN servers, with commas between them.
pub(super) const STUN_VARIABLE: &str = "STUN_SERVERS";
/// TURN servers, with commas between them.
pub(super) const TURN_VARIABLE: &str = "TURN_SERVERS";
/// Names the secret of the TURN servers, as [`crate::aws::named_secret`] wants it.
pub(super) const TURN_SECRET_VARIABLE: &str = "TURN_SECRET_PARAMETER";
/// The address of the external signaling server, as clients take it.
pub(super) const SERVER_VARIABLE: &str = "SIGNALING_SERVER";
/// Names the secret that the external signaling server knows.
pub(super) const SIGNALING_SECRET_VARIABLE: &str = "SIGNALING_SECRET_PARAMETER";
/// The address of this API, by which that server knows it.
pub(super) const BASE_URL_VARIABLE: &str = "BASE_URL";
/// The address of this stack's own sockets, as clients take it; empty without them.
pub const SOCKETS_VARIABLE: &str = "SOCKETS_ADDRESS";
/// How long a poll is held, in seconds.
pub(super) const HOLD_VARIABLE: &str = "POLL_SECONDS";

/// The longest time for which a poll is held, in seconds: a slow table needs the rest of a request's time.
const LONGEST_HOLD: u64 = 20;
const DEFAULT_HOLD: u64 = 20;

/// How members of a call find each other.
pub struct Signaling {
    /// The STUN and TURN servers.
    pub ice: IceServers,
    /// How long a poll is held when nothing happens.
    pub hold: Duration,
    /// What clients are told to open a socket to.
    pub server: Server,
}

/// What clients are told to open a socket to.
#[derive(Default)]
pub enum Server {
    /// Nothing: all poll.
    #[default]
    None,
    /// This stack itself, at this address.
    Own(String),
    /// A server of one's own.
    External(SignalingServer),
}

/// The address to which clients open a socket, if to any: the external server takes the place of the stack's own.
#[must_use]
pub fn socket_address(setting: impl Fn(&str) -> Option<String>) -> Option<String> {
    let setting = |name: &str| setting(name).filter(|text| !text.is_empty());
    setting(SERVER_VARIABLE).or_else(|| setting(SOCKETS_VARIABLE))
}

impl Default for Signaling {
    /// Without servers of any kind.
    fn default() -> Self {
        Self { ice: IceServers::default(), hold: Duration::from_secs(DEFAULT_HOLD), server: Server::None }
    }
}

impl Signaling {
    /// The external signaling server, if the stack has one.
    #[must_use]
    pub const fn external(&self) -> Option<&SignalingServer> {
        match &self.server {
            Server::External(server) => Some(server),
            Server::None | Server::Own(_) => None,
        }
    }

    /// The address to which clients open a socket, if to any.
    #[must_use]
    pub fn socket_address(&self) -> Option<&str> {
        match &self.server {
            Server::None => None,
            Server::Own(address) => Some(address),
            Server::External(server) => Some(server.address()),
        }
    }

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
        let servers = |name: &str, scheme: &str| {
            addresses(&setting(name).unwrap_or_default(), scheme).map_err(|why| format!("{name} {why}"))
        };
        let turn = servers(TURN_VARIABLE, "turn")?;
        if !turn.is_empty() && turn_secret.is_none() {
            return Err(format!("{TURN_VARIABLE} needs the secret of the TURN servers."));
        }
        let hold = match setting(HOLD_VARIABLE).map(|text| text.parse::<u64>()) {
            None => DEFAULT_HOLD,
            Some(Ok(seconds)) if (1..=LONGEST_HOLD).contains(&seconds) => seconds,
            Some(_) => return Err(format!("{HOLD_VARIABLE} must be a number from 1 to {LONGEST_HOLD}.")),
        };
        let server = match (setting(SERVER_VARIABLE), signaling_secret) {
            (Some(server), Some(secret)) => {
                let server = SignalingServer::new(&server, setting(BASE_URL_VARIABLE), secret);
                Server::External(server.map_err(|why| format!("{SERVER_VARIABLE} {why}"))?)
            }
            (Some(_), None) => return Err(format!("{SERVER_VARIABLE} needs the secret of that server.")),
            (None, _) => setting(SOCKETS_VARIABLE).map_or(Server::None, Server::Own),
        };
        let ice = IceServers::new(servers(STUN_VARIABLE, "stun")?, turn, turn_secret);
        Ok(Self { ice, hold: Duration::from_secs(hold), server })
    }
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
}
