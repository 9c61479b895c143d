//! People and groups: who may log in, and who is invited together.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::input::Input;
use super::secret::PasswordHash;
use super::time::Timestamp;

/// The longest user id and group id, in characters (both are 64 in Nextcloud).
const MAX_ID_CHARACTERS: usize = 64;
/// The group whose members administrate.
pub const ADMIN_GROUP: &str = "admin";

/// The id under which somebody logs in: letters, digits, spaces and `_.@-'`, 1 to 64 of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Reads an id; `None` when no account can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || " _.@-'".contains(c);
        let acceptable =
            (1..=MAX_ID_CHARACTERS).contains(&text.len()) && text.chars().all(allowed) && text.trim() == text;
        // "." and ".." would vanish from the path of a URL.
        (acceptable && text != "." && text != "..").then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for UserId {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn rule() -> String {
        format!(
            "must have 1 to {MAX_ID_CHARACTERS} characters: letters, digits, spaces and _.@-' only, no space at \
             either end."
        )
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The id of a group: 1 to 64 characters, none of them a control character or one of `/%?#`.
///
/// API Gateway decodes a path before it hands it on, and cuts it at a `?` that comes out: the last four
/// would name another group, or none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(String);

impl GroupId {
    /// Reads an id; `None` when no group can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| !c.is_control() && !"/%?#".contains(c);
        let acceptable = (1..=MAX_ID_CHARACTERS).contains(&text.chars().count())
            && text.chars().all(allowed)
            && text.trim() == text;
        (acceptable && text != "." && text != "..").then(|| Self(text.to_owned()))
    }

    /// The group whose members administrate.
    #[must_use]
    pub fn admin() -> Self {
        Self(ADMIN_GROUP.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the group whose members administrate.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.0 == ADMIN_GROUP
    }
}

impl Input for GroupId {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn rule() -> String {
        format!("must have 1 to {MAX_ID_CHARACTERS} characters, without / % ? and #, no space at either end.")
    }
}

/// A person who may log in.
#[derive(Clone)]
pub struct Account {
    /// The id, unique in the tenant.
    pub id: UserId,
    /// What others see.
    pub display_name: String,
    /// The mail address, which may be empty.
    pub email: String,
    /// What the password is checked against.
    pub password_hash: PasswordHash,
    /// A disabled person cannot log in, but stays in the rooms.
    pub is_enabled: bool,
    /// Whether this person may manage accounts and groups.
    pub is_admin: bool,
    /// How many rooms the person has made, at most.
    pub(crate) rooms: u64,
    /// Which state of the app passwords this is.
    pub(crate) app_password_changes: u64,
    /// How often all logins of the person were ended; a login from before the last time is none.
    pub(crate) logins_ended: u64,
    /// Until when somebody is taken to be guessing at the password.
    pub(crate) guessed_until: Timestamp,
}

/// What a login is checked against.
pub struct Login {
    /// The account, unless there is none.
    pub account: Option<Account>,
    /// Whether the app password that was asked for is one of the account's.
    pub has_app_password: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_what_nextcloud_allows() {
        for good in ["a", "alice", "Bob Smith", "o'neil", "a.b-c_d@e", "42"] {
            assert!(UserId::parse(good).is_some(), "{good}");
        }
        for bad in ["", " ", " a", "a ", "a/b", "a#b", "ä", "a\n", ".", "..", &"a".repeat(65)] {
            assert!(UserId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn group_ids_are_free_text_without_path_characters() {
        for good in ["staff", "Équipe Ä", "a&b=c", &"ü".repeat(64)] {
            assert!(GroupId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a/b", "50%", "a?b", "a#b", "a\u{0}", " a", "..", &"ü".repeat(65)] {
            assert!(GroupId::parse(bad).is_none(), "{bad}");
        }
    }
}
