//! What is stored of sockets and sessions, and how it is read.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::account::UserId;
use crate::domain::room::{SessionId, Token};
use crate::domain::secret::Digest;
use crate::domain::socket::{ConnectionId, PublicId};
use crate::domain::time::Timestamp;

/// In which room a session of signaling is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub token: Token,
    /// The session of the call that it carries; guests always have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

/// An open socket, with a copy of what its session says, so that a message needs no further read.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SocketItem {
    pub(super) public_id: PublicId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    pub(super) since: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A session of signaling.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SessionItem {
    pub(super) connection: ConnectionId,
    /// Grows with each resume.
    pub(super) epoch: u64,
    pub(super) resume_digest: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<UserId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    /// When the socket was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gone_at: Option<Timestamp>,
    /// How many messages wait for a socket.
    #[serde(default)]
    pub(super) waiting: i64,
    pub(super) expires_at: Timestamp,
}

/// Somebody in a room by a socket: all that is needed to tell the others, and to write to the person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct HallItem {
    pub(super) connection: ConnectionId,
    /// How often the session was resumed: after that it is told again how things are.
    #[serde(default)]
    pub(super) epoch: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<UserId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<SessionId>,
    pub(super) expires_at: Timestamp,
}

/// The sockets of a user: under the public id of each session, its connection.
pub(super) type MySocketsItem = HashMap<String, Value>;

/// An open socket whose client said hello.
#[derive(Clone)]
pub struct Connected {
    pub connection: ConnectionId,
    /// The session that it carries.
    pub public: PublicId,
    /// `None` for a guest.
    pub user: Option<UserId>,
    /// In which room the session is.
    pub place: Option<Place>,
    /// When the socket was opened for the session.
    pub since: Timestamp,
}

impl Connected {
    pub(super) fn new(connection: ConnectionId, item: SocketItem) -> Self {
        Self { connection, public: item.public_id, user: item.user, place: item.place, since: item.since }
    }
}

/// A session of signaling, as it was read.
#[derive(Clone)]
pub struct SignalingSession {
    pub public: PublicId,
    /// Its last socket, which may be closed.
    pub connection: ConnectionId,
    pub user: Option<UserId>,
    /// What others see of a user.
    pub display_name: String,
    pub place: Option<Place>,
    /// When the socket was cut.
    pub gone_at: Option<Timestamp>,
    /// Whether messages wait for a socket, which no other may overtake.
    pub has_waiting: bool,
    pub(super) epoch: u64,
    pub(super) resume_digest: Digest,
}

impl SignalingSession {
    pub(super) fn new(public: PublicId, item: SessionItem) -> Self {
        Self {
            public,
            connection: item.connection,
            user: item.user,
            display_name: item.display_name,
            place: item.place,
            gone_at: item.gone_at,
            has_waiting: item.waiting > 0,
            epoch: item.epoch,
            resume_digest: item.resume_digest,
        }
    }

    /// How often it was resumed.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether it may still be resumed, or carries on.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone| now < gone.plus(super::RESUME_SECONDS))
    }
}
