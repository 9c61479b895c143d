//! Who is who on a WebSocket: sessions of signaling, and the sockets that carry them.

use serde::{Deserialize, Serialize};

use super::secret::{Digest, Secret};

/// The length of a public id, and of the secret that resumes a session, in characters: 128 bits and 256.
pub(crate) const PUBLIC_ID_CHARACTERS: usize = 32;
pub(crate) const RESUME_SECRET_CHARACTERS: usize = 64;

/// What a session of signaling is known by to everybody in the room: lower-case hexadecimal characters, because
/// clients compare two of them to know who calls, each in the manner of its language.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicId(String);

impl PublicId {
    pub(crate) const fn from_random(text: String) -> Self {
        Self(text)
    }

    /// Reads an id; `None` when no session can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == PUBLIC_ID_CHARACTERS && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the gateway calls an open socket. Who has it can write to the socket with this stack's rights, so it is kept
/// out of logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// The id as the gateway gives it.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client keeps to go on with its session over another socket: `id.secret`.
pub struct ResumeId {
    public: PublicId,
    secret: Secret,
}

impl ResumeId {
    pub(crate) const fn from_random(public: PublicId, secret: Secret) -> Self {
        Self { public, secret }
    }

    /// Reads what a client shows; `None` when it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (public, secret) = text.split_once('.')?;
        Some(Self { public: PublicId::parse(public)?, secret: Secret::new(secret) })
    }

    /// The session that it resumes.
    #[must_use]
    pub const fn public(&self) -> &PublicId {
        &self.public
    }

    /// What is stored of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.secret.digest()
    }

    /// The text, for its owner alone.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{}.{}", self.public.as_str(), self.secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_form() {
        let id = "0123456789abcdef".repeat(2);
        assert!(PublicId::parse(&id).is_some());
        for wrong in ["", "0", &id.to_uppercase(), &id.replace('a', "g"), &format!("{id}0")] {
            assert!(PublicId::parse(wrong).is_none(), "{wrong}");
        }
        let resume = ResumeId::parse(&format!("{id}.secret"));
        assert!(resume.is_some_and(|resume| resume.expose() == format!("{id}.secret")));
        for wrong in [id.as_str(), ".secret", "x.secret"] {
            assert!(ResumeId::parse(wrong).is_none(), "{wrong}");
        }
    }
}
