//! What a room keeps of each of its people beside the type and the name.

use serde_repr::{Deserialize_repr, Serialize_repr};

use super::chat::{Marker, MessageId};
use super::permissions::Permissions;

/// Of what somebody wants to be notified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize_repr, Deserialize_repr)]
#[repr(u8)]
pub enum NotificationLevel {
    /// Nothing was chosen: everything between two people, mentions elsewhere.
    #[default]
    Default = 0,
    Always = 1,
    Mention = 2,
    Never = 3,
}

impl NotificationLevel {
    /// The level with this number on the wire.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Default),
            1 => Some(Self::Always),
            2 => Some(Self::Mention),
            3 => Some(Self::Never),
            _ => None,
        }
    }

    /// What holds in a room; never the default.
    #[must_use]
    pub const fn resolved(self, is_one_to_one: bool) -> Self {
        match self {
            Self::Default if is_one_to_one => Self::Always,
            Self::Default => Self::Mention,
            chosen => chosen,
        }
    }
}

/// What a room keeps of one attendee beside the type and the name. All of it has a value from the start.
#[derive(Clone, Default)]
pub struct Attendance {
    /// Whether the person marked the room.
    pub is_favorite: bool,
    pub notification_level: NotificationLevel,
    /// Whether the person wants to hear of no calls.
    pub ignores_calls: bool,
    /// What a moderator allowed this person in particular.
    pub permissions: Permissions,
    /// How far the person has read.
    pub marker: Marker,
    /// The latest message that means the person in particular, or answers one of the person's.
    pub mentioned: MessageId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_level_depends_on_the_room() {
        use NotificationLevel::{Always, Default, Mention, Never};
        assert_eq!([true, false].map(|is_one_to_one| Default.resolved(is_one_to_one)), [Always, Mention]);
        assert_eq!([Always, Mention, Never].map(|level| level.resolved(true)), [Always, Mention, Never]);
        assert_eq!([-1, 4].map(NotificationLevel::from_number), [None, None]);
    }
}
