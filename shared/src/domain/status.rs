//! What people say of themselves: whether they are there, and why not (`docs/api-v4.md#status`).

use serde::{Deserialize, Serialize};

use super::emoji::Emoji;
use super::input::Input;
use super::name::visible;
use super::time::Timestamp;

/// The longest message, in characters.
const MAX_MESSAGE_CHARACTERS: usize = 80;

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    Online,
    Away,
    Dnd,
    Invisible,
    /// Nobody said anything.
    #[default]
    Offline,
}

impl Input for Availability {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "online" => Some(Self::Online),
            "away" => Some(Self::Away),
            "dnd" => Some(Self::Dnd),
            "invisible" => Some(Self::Invisible),
            "offline" => Some(Self::Offline),
            _ => None,
        }
    }

    fn rule() -> String {
        "must be online, away, dnd, invisible or offline.".to_owned()
    }
}

/// What somebody says of being away; may be empty.
pub struct StatusMessage(String);

impl StatusMessage {
    /// The text, unless it is empty.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

impl Input for StatusMessage {
    fn parse(text: &str) -> Option<Self> {
        let text = visible(text).trim().to_owned();
        (text.chars().count() <= MAX_MESSAGE_CHARACTERS).then_some(Self(text))
    }

    fn rule() -> String {
        format!("must have at most {MAX_MESSAGE_CHARACTERS} characters.")
    }
}

/// The picture beside it; may be empty.
pub struct StatusIcon(String);

impl StatusIcon {
    /// The picture, unless there is none.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

impl Input for StatusIcon {
    fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || Emoji::parse(text).is_some()).then(|| Self(text.to_owned()))
    }

    fn rule() -> String {
        "must be one emoji, or empty.".to_owned()
    }
}

/// What somebody says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    #[serde(default)]
    pub availability: Availability,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// When message and icon go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_at: Option<Timestamp>,
}

/// A status as others see it beside a person.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownStatus {
    pub status: Availability,
    pub status_icon: Option<String>,
    pub status_message: Option<String>,
    pub status_clear_at: Option<Timestamp>,
}

impl Status {
    /// The status at this moment.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        match self.clear_at {
            Some(clear_at) if clear_at <= now => Self { availability: self.availability, ..Self::default() },
            _ => self,
        }
    }

    /// As others see it: who wants to be invisible is offline.
    #[must_use]
    pub fn shown(self, now: Timestamp) -> ShownStatus {
        let status = self.at(now);
        ShownStatus {
            status: match status.availability {
                Availability::Invisible => Availability::Offline,
                other => other,
            },
            status_icon: status.icon,
            status_message: status.message,
            status_clear_at: status.clear_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_at_its_time_and_the_invisible_are_offline() {
        let status = Status {
            availability: Availability::Invisible,
            message: Some("Lunch".to_owned()),
            icon: None,
            clear_at: Some(Timestamp(100)),
        };
        let shown = status.clone().shown(Timestamp(99));
        assert_eq!((shown.status, shown.status_message.as_deref()), (Availability::Offline, Some("Lunch")));
        assert_eq!(status.at(Timestamp(100)).message, None);
    }

    #[test]
    fn what_people_say_has_limits() {
        assert!(
            StatusMessage::parse(&"ä".repeat(80)).is_some()
                && StatusMessage::parse(&"ä".repeat(81)).is_none()
        );
        assert!(StatusIcon::parse("😇").is_some() && StatusIcon::parse("").is_some());
        assert!(StatusIcon::parse("x").is_none() && StatusIcon::parse(&"😇".repeat(20)).is_none());
    }
}
