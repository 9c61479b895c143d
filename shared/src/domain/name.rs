//! What people write about themselves and their rooms: what may stand in it, and how long it is.

use serde::Serialize;

use super::account::UserId;
use super::input::Input;

/// The longest name of a room, in characters (`docs/api.md#not-as-elsewhere`).
const MAX_ROOM_NAME_CHARACTERS: usize = 200;
/// The same as API v4 has it.
const MAX_CONVERSATION_NAME_CHARACTERS: usize = 255;
/// The longest description of a room, in characters.
const MAX_DESCRIPTION_CHARACTERS: usize = 500;
/// The same as API v4 has it.
const MAX_LONG_DESCRIPTION_CHARACTERS: usize = 2_000;
/// The longest display name, in characters.
const MAX_DISPLAY_NAME_CHARACTERS: usize = 64;
/// The longest e-mail address, in characters (RFC 5321).
const MAX_EMAIL_CHARACTERS: usize = 254;
/// The longest name of an app, in characters.
const MAX_APP_NAME_CHARACTERS: usize = 120;

/// The name of a room; may be empty.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl Input for RoomName {
    fn parse(text: &str) -> Option<Self> {
        let name = visible(text);
        (name.chars().count() <= MAX_ROOM_NAME_CHARACTERS).then_some(Self(name))
    }

    fn rule() -> String {
        format!("must have at most {MAX_ROOM_NAME_CHARACTERS} characters.")
    }
}

impl RoomName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a room as API v4 has it: never empty.
pub struct ConversationName(String);

impl ConversationName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for ConversationName {
    fn parse(text: &str) -> Option<Self> {
        let name = visible(text).trim().to_owned();
        (1..=MAX_CONVERSATION_NAME_CHARACTERS).contains(&name.chars().count()).then_some(Self(name))
    }

    fn rule() -> String {
        format!("must have 1 to {MAX_CONVERSATION_NAME_CHARACTERS} characters.")
    }
}

/// What a room is for, in the words of those who manage it; may be empty, and have several lines.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct RoomDescription(String);

impl RoomDescription {
    /// The description as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for RoomDescription {
    fn parse(text: &str) -> Option<Self> {
        described(text, MAX_DESCRIPTION_CHARACTERS).map(Self)
    }

    fn rule() -> String {
        format!("must have at most {MAX_DESCRIPTION_CHARACTERS} characters.")
    }
}

/// The same as API v4 has it, which allows more.
pub struct LongDescription(String);

impl LongDescription {
    /// The description as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for LongDescription {
    fn parse(text: &str) -> Option<Self> {
        described(text, MAX_LONG_DESCRIPTION_CHARACTERS).map(Self)
    }

    fn rule() -> String {
        format!("must have at most {MAX_LONG_DESCRIPTION_CHARACTERS} characters.")
    }
}

/// A text of several lines, unless it is longer than so many characters.
fn described(text: &str, most: usize) -> Option<String> {
    let lines: Vec<String> = text.trim().lines().map(visible).collect();
    let description = lines.join("\n");
    (description.chars().count() <= most).then_some(description)
}

/// What others see of a person.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for DisplayName {
    fn parse(text: &str) -> Option<Self> {
        let name = visible(text).trim().to_owned();
        (1..=MAX_DISPLAY_NAME_CHARACTERS).contains(&name.chars().count()).then_some(Self(name))
    }

    fn rule() -> String {
        format!("must have 1 to {MAX_DISPLAY_NAME_CHARACTERS} characters.")
    }
}

impl From<&UserId> for DisplayName {
    /// An id has nothing in it that a name may not have.
    fn from(id: &UserId) -> Self {
        Self(id.as_str().to_owned())
    }
}

/// A mail address, or none.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Input for EmailAddress {
    fn parse(text: &str) -> Option<Self> {
        let is_address = || {
            text.split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
                && text.chars().count() <= MAX_EMAIL_CHARACTERS
                && !text.chars().any(|c| c.is_whitespace() || is_hidden(c))
        };
        (text.is_empty() || is_address()).then(|| Self(text.to_owned()))
    }

    fn rule() -> String {
        format!("must be an address of at most {MAX_EMAIL_CHARACTERS} characters, or empty.")
    }
}

/// What an app calls itself, as far as it fits a list.
#[must_use]
pub fn app_name(text: &str) -> String {
    visible(text).trim().chars().take(MAX_APP_NAME_CHARACTERS).collect()
}

/// The text without control characters, and without the characters by which it could change how the text
/// around it is read. What joins emoji, and the marks of text from right to left, stays.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().filter(|&c| !is_hidden(c)).collect()
}

/// Whether a character may not appear in a name: controls, line separators, embeddings, overrides and isolates.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_text_around_a_name_is_dropped() {
        for (text, name) in [
            ("Tea\u{0}\u{7}\n at\t five\u{85}", "Tea at five"),
            ("\u{202e}moor\u{202c} \u{2066}a\u{2069}\u{2028}b", "moor ab"),
            (
                "👩\u{200d}👩\u{200d}👧 \u{200f}שלום\u{200e} می\u{200c}شود",
                "👩\u{200d}👩\u{200d}👧 \u{200f}שלום\u{200e} می\u{200c}شود",
            ),
        ] {
            assert_eq!(RoomName::parse(text).map(|name| name.0).as_deref(), Some(name));
        }
    }

    #[test]
    fn addresses_have_a_form() {
        for good in ["", "a@b", "a.b+c@d.example"] {
            assert!(EmailAddress::parse(good).is_some(), "{good}");
        }
        for bad in ["a", "@", "a@", "@b", "a@b@c", "a b@c", &format!("{}@b", "a".repeat(253))] {
            assert!(EmailAddress::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_description_keeps_its_lines_and_nothing_hidden() {
        let text = "  Tea\u{7}\r\nat \u{202e}five\n\n";
        assert_eq!(RoomDescription::parse(text).map(|it| it.0).as_deref(), Some("Tea\nat five"));
        assert!(RoomDescription::parse(&"ä".repeat(500)).is_some());
        assert!(RoomDescription::parse(&"ä".repeat(501)).is_none());
    }

    #[test]
    fn names_have_limits_in_what_is_left_of_them() {
        assert!(RoomName::parse("").is_some() && RoomName::parse(&"\u{7}".repeat(300)).is_some());
        assert!(RoomName::parse(&"ä".repeat(200)).is_some() && RoomName::parse(&"ä".repeat(201)).is_none());
        assert_eq!(DisplayName::parse("  Ann\u{7}  ").map(|name| name.0).as_deref(), Some("Ann"));
        for bad in ["", "  ", "\u{202e}", &"x".repeat(65)] {
            assert!(DisplayName::parse(bad).is_none(), "{bad}");
        }
    }
}
