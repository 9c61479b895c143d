//! Where tokens, session ids and secrets come from.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng};

use super::account::UserId;
use super::app_password::{APP_PASSWORD_CHARACTERS, LOCATOR_CHARACTERS, Locator};
use super::room::{SESSION_ID_CHARACTERS, SessionId, Token};
use super::secret::Secret;
use super::socket::{PUBLIC_ID_CHARACTERS, PublicId, RESUME_SECRET_CHARACTERS, ResumeId};

const SESSION_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SECRET_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Without `l`, `0` and `1`, which people misread.
const TOKEN_ALPHABET: &[u8] = b"abcdefghijkmnopqrstuvwxyz23456789";
const TOKEN_CHARACTERS: usize = 8;
/// 43 characters of 62 hold 256 bits.
const COOKIE_SECRET_CHARACTERS: usize = 43;
const HEXADECIMAL: &[u8] = b"0123456789abcdef";
const NONCE_CHARACTERS: usize = 64;
/// The largest integer that a JavaScript client reads exactly.
const MAX_ROOM_ID: u64 = (1 << 53) - 1;

/// The source of everything that must not be guessed: a cryptographic generator.
pub struct RandomSource(Mutex<StdRng>);

impl RandomSource {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no entropy to give.
    pub fn from_operating_system() -> Result<Self, std::io::Error> {
        let generator = StdRng::try_from_rng(&mut SysRng).map_err(std::io::Error::other)?;
        Ok(Self(Mutex::new(generator)))
    }

    /// A generator that repeats itself: two with the same seed draw the same tokens, which is how
    /// a test makes two rooms want one token.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// A token for a new room.
    #[must_use]
    pub fn token(&self) -> Token {
        Token::from_random(self.text(TOKEN_ALPHABET, TOKEN_CHARACTERS))
    }

    /// A session id for a join.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        SessionId::from_random(self.text(SESSION_ALPHABET, SESSION_ID_CHARACTERS))
    }

    /// The secret of a guest's cookie.
    #[must_use]
    pub fn cookie_secret(&self) -> Secret {
        Secret::new(self.text(SECRET_ALPHABET, COOKIE_SECRET_CHARACTERS))
    }

    /// A password for an app of this user.
    #[must_use]
    pub fn app_password(&self, user: &UserId) -> Secret {
        let secret = self.text(SECRET_ALPHABET, APP_PASSWORD_CHARACTERS - LOCATOR_CHARACTERS);
        Secret::new(secret + Locator::of_user(user).as_str())
    }

    /// A random text of a request to the signaling server, and of a ticket: 64 hexadecimal characters.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.text(HEXADECIMAL, NONCE_CHARACTERS)
    }

    /// The ids of a new session of signaling: the public one, and in front of its secret.
    #[must_use]
    pub fn resume_id(&self) -> ResumeId {
        let public = PublicId::from_random(self.text(HEXADECIMAL, PUBLIC_ID_CHARACTERS));
        ResumeId::from_random(public, Secret::new(self.text(HEXADECIMAL, RESUME_SECRET_CHARACTERS)))
    }

    /// The numeric id of a new room.
    #[must_use]
    pub fn room_id(&self) -> u64 {
        self.generator().random_range(1..=MAX_ROOM_ID)
    }

    fn text(&self, alphabet: &[u8], characters: usize) -> String {
        let mut generator = self.generator();
        (0..characters)
            .filter_map(|_| alphabet.get(generator.random_range(0..alphabet.len())))
            .map(|&byte| char::from(byte))
            .collect()
    }

    fn generator(&self) -> std::sync::MutexGuard<'_, StdRng> {
        // A generator has no state that a panic elsewhere could leave half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random pause of at most `longest`, so that colliding requests spread out.
#[must_use]
pub(crate) fn up_to(longest: Duration) -> Duration {
    longest.mul_f64(rand::random::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_session_ids_have_the_promised_form() {
        let random = RandomSource::from_seed(7);
        for _ in 0..200 {
            let token = random.token();
            assert_eq!(token.as_str().len(), 8);
            assert!(token.as_str().bytes().all(|byte| TOKEN_ALPHABET.contains(&byte)));
        }
        assert_eq!(random.session_id().as_str().len(), 512);
        let anna = UserId::parse("anna").unwrap_or_else(|| unreachable!());
        assert_eq!(random.app_password(&anna).expose().len(), 72);
    }
}
