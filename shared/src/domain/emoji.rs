//! What one emoji is, as a reaction or beside a status.

use unicode_properties::UnicodeEmoji as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::input::Input;

/// The longest emoji, in bytes: families of four with skin tones have 41.
const MAX_EMOJI_BYTES: usize = 64;
/// What makes a key of the digit or sign before it.
const KEYCAP: char = '\u{20e3}';

/// One emoji.
pub struct Emoji(String);

impl Emoji {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for Emoji {
    fn parse(text: &str) -> Option<Self> {
        let is_keycap = text.ends_with(KEYCAP);
        let is_part = |c: char| match c {
            '0'..='9' | '#' | '*' => is_keycap,
            // Joiner, the two ways to show it, and the letters of a flag's country.
            '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | KEYCAP | '\u{e0020}'..='\u{e007f}' => true,
            c => c.is_emoji_char(),
        };
        let is_one = text.len() <= MAX_EMOJI_BYTES && text.graphemes(true).count() == 1;
        let is_emoji = is_one && text.chars().all(is_part) && text.chars().any(|c| c.is_emoji_char());
        is_emoji.then(|| Self(text.to_owned()))
    }

    fn rule() -> String {
        "must be one emoji.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_sign_whatever_it_is_made_of() {
        for good in [
            "👍",
            "❤\u{fe0f}",
            "☝\u{fe0f}\u{fe0f}",
            "👩\u{200d}👩\u{200d}👧",
            "🇩🇪",
            "👋🏽",
            "1\u{fe0f}\u{20e3}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert!(Emoji::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "1",
            "ä",
            "👍👍",
            "👍a",
            " ",
            "a\u{fe0f}",
            "ä\u{20e3}",
            "1\u{fe0f}",
            "\u{fe0f}",
            "\u{200d}",
            &"👩\u{200d}".repeat(20),
        ] {
            assert!(Emoji::parse(bad).is_none(), "{bad}");
        }
    }
}
