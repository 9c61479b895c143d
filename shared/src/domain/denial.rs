//! Why a rule says no, in words: what number a caller reads is the gateway's business.

use std::fmt;

/// Why a rule says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// There is nothing by that name, or not for this caller; nobody can tell which.
    NotFound,
    /// There is no such room, or not for this caller; nobody can tell which.
    NoRoom,
    /// Nobody is logged in, or the login has ended.
    NotLoggedIn,
    /// The caller is known, and may not.
    Forbidden(&'static str),
    /// What was sent does not fit the room.
    Unsuitable(&'static str),
    /// Rooms of this type have no such thing.
    WrongRoomType(&'static str),
    /// What was said stays as it is.
    Unchangeable(&'static str),
    /// The person is not in the state from which the change starts.
    WrongState(&'static str),
    /// There are as many as there may be.
    TooMany(String),
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotFound => "there is no such thing",
            Self::NoRoom => "there is no such room",
            Self::NotLoggedIn => "nobody is logged in",
            Self::Forbidden(why)
            | Self::Unsuitable(why)
            | Self::WrongRoomType(why)
            | Self::Unchangeable(why)
            | Self::WrongState(why) => why,
            Self::TooMany(why) => why,
        })
    }
}
