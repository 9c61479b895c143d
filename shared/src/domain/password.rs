//! Passwords that people choose, and which of them a tenant takes.

use super::secret::{PasswordHash, Secret};

/// The shortest password where a tenant sets nothing else, in characters.
pub const DEFAULT_SHORTEST: usize = 10;
/// The shortest password that a tenant may allow, in characters, and the longest that a tenant may demand.
pub const SHORTEST_ALLOWED: usize = 8;
pub const SHORTEST_AT_MOST: usize = 64;

/// Of the 10,000 most common passwords those that are long enough for some tenant, in small letters and in order;
/// `make common-passwords` writes them.
const COMMON: &str = include_str!("common_passwords.txt");

/// Which passwords people may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    shortest: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: DEFAULT_SHORTEST }
    }
}

impl PasswordPolicy {
    /// Those of so many characters; `None` where a tenant may not set that.
    #[must_use]
    pub fn of(shortest: usize) -> Option<Self> {
        (SHORTEST_ALLOWED..=SHORTEST_AT_MOST).contains(&shortest).then_some(Self { shortest })
    }

    /// A password that somebody chose.
    ///
    /// # Errors
    /// What is wrong with it, to follow its name in a sentence.
    pub fn chosen(self, text: &str) -> Result<NewPassword, String> {
        if text.chars().count() < self.shortest {
            return Err(format!("must have at least {} characters.", self.shortest));
        }
        if is_common(text) {
            return Err("must not be one of the passwords that everybody tries first.".to_owned());
        }
        Ok(NewPassword(Secret::new(text)))
    }
}

fn is_common(text: &str) -> bool {
    let text = text.to_lowercase();
    COMMON.lines().any(|common| common == text)
}

/// A password that somebody may log in with from now on.
pub struct NewPassword(Secret);

impl NewPassword {
    /// One that is set by those who run the stack, on whose own head it is; `None` for the empty one.
    #[must_use]
    pub fn set_by_operator(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Secret::new(text)))
    }

    /// Whether this hash was made of it, for a program that sets passwords itself.
    #[must_use]
    pub fn is_of(&self, hash: &PasswordHash) -> bool {
        hash.matches(&self.0)
    }

    /// The password.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(policy: PasswordPolicy, text: &str) -> String {
        policy.chosen(text).err().unwrap_or_default()
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        let policy = PasswordPolicy::default();
        for short in ["", "x", "ninechars", "123456789", "äöüäöüäöü"] {
            assert!(refusal(policy, short).contains("at least 10 characters"), "{short}");
        }
        for common in ["1234567890", "qwertyuiop", "QwertyUiop"] {
            assert!(refusal(policy, common).contains("tries first"), "{common}");
        }
        for good in ["tea-for-two", "äöüäöüäöüä", "correct horse battery staple"] {
            assert_eq!(refusal(policy, good), "", "{good}");
        }
        let lenient = PasswordPolicy::of(8).unwrap_or_default();
        assert_eq!(
            (refusal(lenient, "earlgrey").as_str(), refusal(lenient, "password").is_empty()),
            ("", false)
        );
        assert_eq!((PasswordPolicy::of(7), PasswordPolicy::of(65)), (None, None));
    }

    /// The list is that of the crate, whose own check takes more room than a function has.
    #[test]
    fn what_is_refused_is_found_soon_by_those_who_guess() {
        let guesses = |word: &str| zxcvbn::zxcvbn(word, &[]).guesses();
        for common in COMMON.lines().step_by(100) {
            assert!(guesses(common) <= 10_001, "{common}");
        }
        assert!(COMMON.lines().count() > 1_000);
        assert!(COMMON.lines().is_sorted());
    }
}
