//! Who is meant in a message: `@anna`, `@"an id with spaces"`, `@all`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::domain::account::UserId;

/// The longest user id, in characters, all of which are ASCII.
const MAX_ID_CHARACTERS: usize = 64;
/// The most names in a text that are looked up.
const MAX_NAMES: usize = 90;

/// What stands for everybody in the room.
pub const EVERYBODY: &str = "all";

/// Who is meant in a message, as it was found when the message was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    everybody: bool,
}

impl Mentions {
    /// Those of the names in a text that are known.
    #[must_use]
    pub fn of(text: &str, is_known: impl Fn(&UserId) -> bool) -> Self {
        let mut mentions = Self::default();
        for (_, name) in
            found(text, &|name| name == EVERYBODY || UserId::parse(name).is_some_and(|user| is_known(&user)))
        {
            if name == EVERYBODY {
                mentions.everybody = true;
            } else if !mentions.users.contains(&name) {
                mentions.users.push(name);
            }
        }
        mentions
    }

    /// Whether nobody is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && !self.everybody
    }

    /// Whether everybody is meant.
    #[must_use]
    pub const fn everybody(&self) -> bool {
        self.everybody
    }

    /// The ids of those who are meant in particular.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(String::as_str)
    }

    /// Where the text has them, and whom.
    pub(super) fn places(&self, text: &str) -> Vec<(Range<usize>, String)> {
        if self.is_empty() {
            return Vec::new();
        }
        let is_meant =
            |name: &str| (self.everybody && name == EVERYBODY) || self.users.iter().any(|user| user == name);
        found(text, &is_meant)
    }
}

/// The first names that a text may mean, so that they can be looked up.
#[must_use]
pub fn names_in(text: &str) -> Vec<UserId> {
    let mut names: Vec<UserId> = Vec::new();
    for (at, _) in text.match_indices('@') {
        if names.len() >= MAX_NAMES {
            break;
        }
        let Some((_, candidates)) = candidates(text, at) else { continue };
        for user in candidates.iter().filter_map(|name| UserId::parse(name)) {
            if !names.contains(&user) {
                names.push(user);
            }
        }
    }
    names
}

/// The names in a text that are known, with where they stand, one after the other.
fn found(text: &str, is_known: &dyn Fn(&str) -> bool) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for (at, _) in text.match_indices('@') {
        if found.last().is_some_and(|(range, _)| at < range.end) {
            continue;
        }
        let Some((is_quoted, candidates)) = candidates(text, at) else { continue };
        if let Some(name) = candidates.into_iter().find(|name| is_known(name)) {
            let length = if is_quoted { name.len() + 3 } else { name.len() + 1 };
            found.push((at..at + length, name.to_owned()));
        }
    }
    found
}

/// What the `@` at a place may begin, the longest first, and whether it is in quotation marks. In the middle of a word, as in
/// a mail address, it begins nothing.
fn candidates(text: &str, at: usize) -> Option<(bool, Vec<&str>)> {
    if text.get(..at)?.chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let rest = text.get(at + 1..)?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let end = quoted.bytes().take(MAX_ID_CHARACTERS + 1).position(|byte| byte == b'"')?;
        return Some((true, vec![quoted.get(..end)?]));
    }
    // No id is longer, so that a text of nothing but signs costs no more than its length.
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.@-'".contains(byte);
    let end = rest.bytes().take(MAX_ID_CHARACTERS).take_while(is_part).count();
    let mut name = rest.get(..end)?;
    let mut candidates = Vec::new();
    while !name.is_empty() {
        candidates.push(name);
        // A sentence may end right behind a name.
        match name.strip_suffix(|c: char| !c.is_ascii_alphanumeric()) {
            Some(shorter) => name = shorter,
            None => break,
        }
    }
    Some((false, candidates))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Vec<String> {
        let known = ["anna", "anna.b", "ab", "abc", "bob smith", "c@d.example"];
        let mentions = Mentions::of(text, |user| known.contains(&user.as_str()));
        let places = mentions.places(text).into_iter().map(|(range, name)| {
            assert!(text[range.clone()].trim_matches(['@', '"']) == name, "{range:?}");
            name
        });
        places.collect()
    }

    #[test]
    fn names_are_found_where_people_write_them() {
        for (text, names) in [
            ("@anna", &["anna"][..]),
            ("Hi @anna, and @ab!", &["anna", "ab"]),
            ("Ask @anna.b or @anna.", &["anna.b", "anna"]),
            ("@abc @ab", &["abc", "ab"]),
            ("(@\"bob smith\")", &["bob smith"]),
            ("@c@d.example", &["c@d.example"]),
            ("@all and @anna", &["all", "anna"]),
            ("mail@anna @ghost @ @\"anna", &[]),
            ("@anna@anna", &[]),
            ("ä@anna é @anna", &["anna"]),
        ] {
            assert_eq!(meant(text), names, "{text}");
        }
    }

    #[test]
    fn what_may_be_a_name_is_looked_up_once() {
        let names: Vec<String> =
            names_in("@anna. @anna @\"bob smith\"").iter().map(ToString::to_string).collect();
        assert_eq!(names, ["anna.", "anna", "bob smith"]);
    }
}
