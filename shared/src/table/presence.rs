//! Keys, conditions and changes that the presences of users and guests share.

use super::error::Error;
use super::key::Key;
use super::transaction::{Change, Condition};
use crate::domain::account::UserId;
use crate::domain::room::{GuestId, LAST_PING_KEPT_SECONDS, SILENCE_SECONDS, Token};
use crate::domain::time::Timestamp;

/// Until when the socket of a presence is taken to be open.
pub(super) const CONNECTED_UNTIL: &str = "connected_until";
/// The session of signaling that carries that of the call.
pub(super) const SOCKET: &str = "socket";

/// Where the presence of a user lies, or that of the guest with this session.
pub(super) fn key(token: &Token, user: Option<&UserId>, session: &str) -> Key {
    match user {
        Some(user) => Key::user_presence(token, user),
        None => Key::guest_presence(token, &GuestId::of_session_text(session)),
    }
}

/// For how many seconds after a ping a presence is kept: a user's last ping sorts lists, of a guest nothing is left.
pub(super) const fn kept_seconds(is_user: bool) -> i64 {
    if is_user { LAST_PING_KEPT_SECONDS } else { SILENCE_SECONDS }
}

/// The presence holds this session, and it lives.
pub(super) fn has_live_session(session: &str, now: Timestamp) -> Result<Condition, Error> {
    is_heard_of(Condition::default().with("session_id", &session)?, now)
}

/// Narrows a condition to presences that were heard of within `SILENCE_SECONDS`, or whose socket is open.
pub(super) fn is_heard_of(condition: Condition, now: Timestamp) -> Result<Condition, Error> {
    condition.either_above(("last_ping", &now.minus(SILENCE_SECONDS)), (CONNECTED_UNTIL, &now))
}

/// Extends a change by a fresh ping. Who pings is held to the pings from then on, also with an open socket.
pub(super) fn pinged(change: Change, now: Timestamp, kept_seconds: i64) -> Result<Change, Error> {
    let change = change.set("last_ping", &now)?.set("expires_at", &now.plus(kept_seconds))?;
    Ok(change.remove(CONNECTED_UNTIL))
}
