//! What somebody may do in a room beside managing it (`docs/api-v4.md#permissions`): a set of bits that a moderator gives.

use serde::{Deserialize, Serialize};

/// A set of permissions; empty where nobody said anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(u16);

/// Says that somebody chose this set: with no other bit, nothing is allowed.
const CUSTOM: u16 = 1;
const START_CALL: u16 = 2;
const CHAT: u16 = 128;
/// Every permission that this release knows, with [`CUSTOM`].
const KNOWN: u16 = 255;

/// How a set is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Set,
    Add,
    Remove,
}

impl Method {
    /// The method with this name on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "set" => Some(Self::Set),
            "add" => Some(Self::Add),
            "remove" => Some(Self::Remove),
            _ => None,
        }
    }
}

impl Permissions {
    /// Nobody said anything.
    pub const UNSET: Self = Self(0);
    /// Somebody said that nothing is allowed.
    pub const NONE: Self = Self(CUSTOM);
    /// What those have who manage the room.
    const MODERATOR: Self = Self(254);
    /// What everybody else has where nobody said anything: all but passing a lobby.
    const DEFAULT: Self = Self(246);

    /// The set with this number on the wire, as somebody chose it; `None` for one that no release knows.
    #[must_use]
    pub fn chosen(number: i64) -> Option<Self> {
        match u16::try_from(number).ok()? {
            0 => Some(Self::UNSET),
            bits if bits <= KNOWN => Some(Self(bits | CUSTOM)),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether nobody said anything.
    #[must_use]
    pub const fn is_unset(&self) -> bool {
        self.0 == 0
    }

    /// The set after a change of what somebody may do in the end.
    #[must_use]
    pub const fn changed(self, method: Method, by: Self) -> Self {
        match method {
            Method::Set => by,
            Method::Add => Self(self.0 | by.0 | CUSTOM),
            // Taking the mark away would give everything back.
            Method::Remove => Self((self.0 & !by.0) | CUSTOM),
        }
    }

    /// Whether somebody may begin a call.
    #[must_use]
    pub const fn lets_start_calls(self) -> bool {
        self.0 & START_CALL != 0
    }

    /// Whether somebody may write and react.
    #[must_use]
    pub const fn lets_chat(self) -> bool {
        self.0 & CHAT != 0
    }
}

/// What a room allows those who do not manage it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomPermissions {
    /// In general.
    pub default: Permissions,
    /// During the present call.
    pub call: Permissions,
}

impl RoomPermissions {
    /// What somebody may do in the end: everything for those who manage the room. For all others the person's own set comes
    /// before that of the call, and that before the general one.
    #[must_use]
    pub fn effective(self, is_moderator: bool, own: Permissions) -> Permissions {
        if is_moderator {
            return Permissions::MODERATOR;
        }
        let said = [own, self.call, self.default].into_iter().find(|set| !set.is_unset());
        said.unwrap_or(Permissions::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_marked_and_nothing_is_no_choice() {
        assert_eq!(Permissions::chosen(0), Some(Permissions::UNSET));
        assert_eq!(Permissions::chosen(128).map(Permissions::number), Some(129));
        assert_eq!([-1, 256, 70_000].map(Permissions::chosen), [None; 3]);
    }

    #[test]
    fn sets_are_replaced_widened_and_narrowed() {
        let (Some(chat), Some(audio)) = (Permissions::chosen(128), Permissions::chosen(16)) else {
            unreachable!()
        };
        assert_eq!(chat.changed(Method::Set, audio).number(), 17);
        assert_eq!(chat.changed(Method::Add, audio).number(), 145);
        assert_eq!(chat.changed(Method::Add, audio).changed(Method::Remove, chat).number(), 17);
        assert!(!chat.changed(Method::Remove, chat).lets_chat());
        assert_eq!(
            ["set", "add", "remove", "x"].map(|name| Method::parse(name).is_some()),
            [true, true, true, false]
        );
    }

    #[test]
    fn the_nearest_word_counts() {
        let set = |number| Permissions::chosen(number).unwrap_or_default();
        let unset = Permissions::UNSET;
        for (is_moderator, own, call, default, effective) in [
            (true, set(1), set(1), set(1), 254),
            (true, unset, unset, unset, 254),
            (false, unset, unset, unset, 246),
            (false, unset, unset, set(128), 129),
            (false, unset, set(16), set(128), 17),
            (false, set(32), set(16), set(128), 33),
        ] {
            assert_eq!(RoomPermissions { default, call }.effective(is_moderator, own).number(), effective);
        }
    }
}
