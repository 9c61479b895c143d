//! The chat of a room: messages in the order of their numbers, and how far people have read.
//!
//! A message is stored by the transaction that raises the number in the room, so that nobody who reads passes one by: what
//! is there has all lower numbers before it. Everything that changes a chat demands the number that was read.

mod erasing;
mod marks;
mod reading;
mod saying;
mod writing;

pub use self::reading::{ChatReading, History, MAX_PAGE, Range};
pub(super) use self::saying::{Saying, say};
pub use self::writing::{Draft, MAX_MENTIONS, Rewording};
