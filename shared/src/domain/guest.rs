//! People without an account, who are known by a cookie in each room.

use super::room::GuestId;
use super::secret::{Digest, Secret};

/// What proves to the room that a guest's session is the guest's own.
///
/// The session id cannot: everybody in the room reads it.
pub struct GuestCookie {
    id: GuestId,
    secret: Secret,
}

impl GuestCookie {
    /// The cookie for a new guest.
    #[must_use]
    pub const fn new(id: GuestId, secret: Secret) -> Self {
        Self { id, secret }
    }

    /// Reads the value of a cookie; `None` when it does not look like one of ours.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (id, secret) = value.split_once('.')?;
        Some(Self { id: GuestId::parse(id)?, secret: Secret::new(secret) })
    }

    /// What goes into the cookie.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{}.{}", self.id.as_str(), self.secret.expose())
    }

    /// Which guest.
    #[must_use]
    pub const fn id(&self) -> &GuestId {
        &self.id
    }

    /// What the table holds of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.secret.digest()
    }
}
