//! Secrets: types that cannot be printed, and the two ways in which they are stored.
//!
//! What people choose is guessable and is stored as argon2id; what this project draws at random is
//! not, and is stored as SHA-256.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// Memory of one argon2id computation, in KiB (OWASP's second profile: 19 MiB, 2 passes, 1 lane).
const ARGON2_MEMORY_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;
const ARGON2_LANES: u32 = 1;

/// Something that only its owner may know: a password, a cookie's value.
///
/// It has no `Debug` and no `Display`, so that it cannot reach a log by accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret out of a request or out of the random source.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that has to send it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is stored of a random secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// The SHA-256 of something, as 64 hexadecimal characters.
///
/// Comparing two takes the same time wherever they differ.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// Reads a digest that somebody sent; `None` unless it has a digest's form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// The hexadecimal characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Digest {}

/// What is stored of a password that a person chose: argon2id in PHC notation.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes `password` under a fresh salt. Takes tens of milliseconds, on purpose.
    ///
    /// # Errors
    /// When argon2 refuses, which only a password of gigabytes brings about.
    pub fn of(password: &Secret) -> Result<Self, argon2::password_hash::Error> {
        let hash = argon2()?.hash_password(password.expose().as_bytes())?;
        Ok(Self(hash.to_string()))
    }

    /// Whether `password` is the one that was hashed; the comparison is constant-time. Asked of a password that
    /// somebody may be guessing by those alone who know that nobody is: see `domain::guesses`.
    #[must_use]
    pub(super) fn matches(&self, password: &Secret) -> bool {
        argon2()
            .and_then(|argon2| argon2.verify_password(password.expose().as_bytes(), self.0.as_str()))
            .is_ok()
    }

    /// Spends the time of [`PasswordHash::matches`] for a person who does not exist, so that the
    /// duration of an answer does not tell who does.
    pub(super) fn pretend_to_match(password: &Secret) {
        let _ = Self::of(password);
    }

    /// The stored notation; used in conditions that say "the password is still the one I saw".
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = PasswordHash::of(&Secret::new("correct horse")).unwrap_or_else(|_| unreachable!());
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.matches(&Secret::new("correct horse")));
        for wrong in ["", "correct horse ", "Correct horse"] {
            assert!(!hash.matches(&Secret::new(wrong)));
        }
    }

    #[test]
    fn only_a_digest_has_the_form_of_a_digest() {
        assert!(Digest::parse(Digest::of(b"x").as_str()) == Some(Digest::of(b"x")));
        for wrong in ["", "abc", &"A".repeat(64), &"g".repeat(64), &"a".repeat(65)] {
            assert!(Digest::parse(wrong).is_none());
        }
    }
}
