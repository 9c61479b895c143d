//! Who reads a message, and where: a name, an answer and "you" depend on that.

use super::message::Author;
use crate::domain::account::UserId;
use crate::domain::room::{RoomType, Token};

/// Who reads, and where.
pub struct Reader<'a> {
    pub token: &'a Token,
    pub room_type: RoomType,
    /// What the room is called for the reader.
    pub room_name: &'a str,
    /// The reader, of those with an account.
    pub user: Option<&'a UserId>,
}

impl Reader<'_> {
    pub(super) fn is(&self, author: &Author) -> bool {
        self.user.is_some_and(|user| author.is(user))
    }
}
