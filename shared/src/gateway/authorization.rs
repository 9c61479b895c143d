//! The `Authorization` header: Basic with a name and a password, or Bearer with an app password alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::account::UserId;
use crate::domain::app_password::Locator;
use crate::domain::identity::Credential;
use crate::domain::secret::Secret;

/// What somebody logs in with, as the header has it.
pub(super) enum Authorization {
    /// A name and a password.
    Basic(Credential),
    /// An app password, which tells whose it is.
    Bearer(Secret, Locator),
}

impl Authorization {
    /// Reads the header; `None` when nobody can log in with it.
    pub(super) fn read(header: &str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => basic(rest.trim()).map(Self::Basic),
            "bearer" => {
                let secret = Secret::new(rest.trim());
                let locator = Locator::of_password(&secret)?;
                Some(Self::Bearer(secret, locator))
            }
            _ => None,
        }
    }
}

fn basic(encoded: &str) -> Option<Credential> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credential::new(UserId::parse(user)?, Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(header: &str) -> Option<Credential> {
        match Authorization::read(header)? {
            Authorization::Basic(credential) => Some(credential),
            Authorization::Bearer(..) => None,
        }
    }

    #[test]
    fn a_credential_is_basic_and_names_a_possible_user() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let parsed = credential(&header("alice:pass:word"));
        assert!(
            parsed.is_some_and(|it| it.user().as_str() == "alice" && it.password().expose() == "pass:word")
        );
        assert!(credential("basic YTpi").is_some());
        for wrong in ["", "Basic", "Basic ", "Basic !!", "Digest YTpi", &header("alice"), &header("a/b:c")] {
            assert!(Authorization::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_bearer_brings_an_app_password_or_nothing() {
        let good = format!("bearer {}", "x".repeat(72));
        assert!(matches!(Authorization::read(&good), Some(Authorization::Bearer(..))));
        for wrong in ["Bearer", "Bearer ", "Bearer YTpi", &format!("Bearer {}", "x".repeat(73))] {
            assert!(Authorization::read(wrong).is_none(), "{wrong}");
        }
    }
}
