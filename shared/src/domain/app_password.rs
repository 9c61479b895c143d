//! Passwords for apps: what they look like, and how one tells whose it is.

use super::account::UserId;
use super::secret::{Digest, Secret};

/// As long as the app passwords of Nextcloud.
pub(super) const APP_PASSWORD_CHARACTERS: usize = 72;
/// How long the part is that tells whose it is. What is left is drawn: 43 characters of 62 hold 256 bits.
pub(super) const LOCATOR_CHARACTERS: usize = 29;

/// What would be stored of a password, if it has the form of an app's.
#[must_use]
pub(super) fn digest(password: &Secret) -> Option<Digest> {
    has_the_form(password).then(|| password.digest())
}

fn has_the_form(password: &Secret) -> bool {
    let text = password.expose();
    text.len() == APP_PASSWORD_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The end of an app password, by which its owner is found when an app sends nothing else. No secret: a hash of the
/// user's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator(String);

impl Locator {
    /// What the app passwords of this user end with.
    #[must_use]
    pub fn of_user(user: &UserId) -> Self {
        let digest = Digest::of(format!("app passwords of {user}").as_bytes());
        Self(digest.as_str().chars().take(LOCATOR_CHARACTERS).collect())
    }

    /// What this password ends with; `None` when it has not the form of an app's.
    #[must_use]
    pub fn of_password(password: &Secret) -> Option<Self> {
        let end = password.expose().get(APP_PASSWORD_CHARACTERS - LOCATOR_CHARACTERS..)?;
        has_the_form(password).then(|| Self(end.to_owned()))
    }

    /// The locator as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::RandomSource;

    #[test]
    fn an_app_password_tells_whose_it_is_and_nothing_else_does() {
        let random = RandomSource::from_seed(1);
        let (anna, ben) = (UserId::parse("anna"), UserId::parse("ben"));
        let (Some(anna), Some(ben)) = (anna, ben) else { unreachable!() };
        let password = random.app_password(&anna);
        assert!(digest(&password) == Some(password.digest()));
        assert_eq!(Locator::of_password(&password), Some(Locator::of_user(&anna)));
        assert_ne!(Locator::of_user(&anna), Locator::of_user(&ben));
        for wrong in ["", "password", &"-".repeat(72), &"x".repeat(71), &"ä".repeat(36)] {
            let wrong = Secret::new(wrong);
            assert!(digest(&wrong).is_none() && Locator::of_password(&wrong).is_none());
        }
    }
}
