//! Names that people read: what may stand in them, and how long they are.

use serde::Serialize;

use crate::account::UserId;

/// The longest name of a room, in characters (reference "Where document and code disagree", no. 5).
pub const MAX_ROOM_NAME_CHARACTERS: usize = 200;
/// The longest display name, in characters.
pub const MAX_DISPLAY_NAME_CHARACTERS: usize = 64;
/// The longest name of an app, in characters.
const MAX_APP_NAME_CHARACTERS: usize = 120;

/// The name of a room; may be empty.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    /// Reads a name, without what nobody sees; `None` when it is too long.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = visible(text);
        (name.chars().count() <= MAX_ROOM_NAME_CHARACTERS).then_some(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What others see of a person.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name, without what nobody sees and without spaces around it; `None` when nothing is left,
    /// or too much.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = visible(text).trim().to_owned();
        (1..=MAX_DISPLAY_NAME_CHARACTERS).contains(&name.chars().count()).then_some(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&UserId> for DisplayName {
    /// An id has nothing in it that a name may not have.
    fn from(id: &UserId) -> Self {
        Self(id.as_str().to_owned())
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

/// Whether a character belongs into no name: controls, line separators, embeddings, overrides and isolates.
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
    fn names_have_limits_in_what_is_left_of_them() {
        assert!(RoomName::parse("").is_some() && RoomName::parse(&"\u{7}".repeat(300)).is_some());
        assert!(RoomName::parse(&"ä".repeat(200)).is_some() && RoomName::parse(&"ä".repeat(201)).is_none());
        assert_eq!(DisplayName::parse("  Ann\u{7}  ").map(|name| name.0).as_deref(), Some("Ann"));
        for bad in ["", "  ", "\u{202e}", &"x".repeat(65)] {
            assert!(DisplayName::parse(bad).is_none(), "{bad}");
        }
    }
}
