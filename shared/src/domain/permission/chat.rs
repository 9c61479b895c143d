//! Who may write in a room, and change what is written (`docs/api-v4.md#chat`).

use super::found::{Member, Moderator};
use crate::domain::chat::{Message, Verb};
use crate::domain::denial::Denial;
use crate::domain::room::Room;
use crate::domain::time::Timestamp;

/// How long a message can be edited, in seconds.
const EDITABLE_SECONDS: i64 = 24 * 60 * 60;

/// A member who may write.
pub struct Writer(Member);

impl Member {
    /// A message that is there for readers.
    ///
    /// # Errors
    /// Not found when it is gone.
    pub fn sees(&self, message: Option<Message>, now: Timestamp) -> Result<Message, Denial> {
        let cleared = self.room().chat.cleared;
        message.filter(|message| message.is_alive(now) && message.id > cleared).ok_or(Denial::NotFound)
    }

    /// The caller as somebody who writes and reacts.
    ///
    /// # Errors
    /// Forbidden in a read-only room, and for those to whom it is not allowed.
    pub fn writer(self) -> Result<Writer, Denial> {
        if self.room().is_read_only {
            return Err(Denial::Forbidden("The room is read-only."));
        }
        let is_moderator = self.participant_type().has_moderator_rights();
        let permissions = self.room().permissions.effective(is_moderator, self.attendance().permissions);
        if permissions.lets_chat() {
            Ok(Writer(self))
        } else {
            Err(Denial::Forbidden("You may not write here."))
        }
    }
}

impl Writer {
    #[must_use]
    pub const fn room(&self) -> &Room {
        self.0.room()
    }

    /// The writer as a plain member.
    #[must_use]
    pub const fn member(&self) -> &Member {
        &self.0
    }

    /// A message that is there for readers, and that people react to and answer.
    ///
    /// # Errors
    /// Not found when it is gone, unsuitable for what the room said and what was deleted.
    pub fn may_answer(&self, message: Option<Message>, now: Timestamp) -> Result<Message, Denial> {
        let message = self.0.sees(message, now)?;
        if message.is_replyable() {
            Ok(message)
        } else {
            Err(Denial::Unsuitable("What the room says, and what was deleted, cannot be answered."))
        }
    }

    /// A message to which the writer may give another text.
    ///
    /// # Errors
    /// Not found when it is gone, unchangeable unless it is somebody's words, forbidden for what others wrote unless one
    /// manages the room.
    pub fn may_edit(&self, message: Option<Message>, now: Timestamp) -> Result<Message, Denial> {
        let message = self.0.sees(message, now)?;
        if message.verb != Verb::Comment || message.deleted.is_some() {
            return Err(Denial::Unchangeable("Only what people wrote can be edited."));
        }
        self.demand_own(message)
    }

    /// Whether a message is not too old to be edited.
    #[must_use]
    pub fn is_editable(message: &Message, now: Timestamp) -> bool {
        message.said_at > now.minus(EDITABLE_SECONDS)
    }

    /// A message that the writer may take back.
    ///
    /// # Errors
    /// Not found when it is gone, unchangeable for what the room said, forbidden for what others wrote unless one manages the
    /// room.
    pub fn may_delete(&self, message: Option<Message>, now: Timestamp) -> Result<Message, Denial> {
        let message = self.0.sees(message, now)?;
        if !message.verb.is_of_people() || message.deleted.is_some() {
            return Err(Denial::Unchangeable("Only what people wrote can be deleted, and only once."));
        }
        self.demand_own(message)
    }

    /// Between two people, nobody changes what the other one wrote.
    fn demand_own(&self, message: Message) -> Result<Message, Denial> {
        let is_moderator = self.0.participant_type().has_moderator_rights() && !self.room().is_one_to_one();
        if is_moderator || message.author.is(self.0.user()) {
            Ok(message)
        } else {
            Err(Denial::Forbidden("Only moderators change what others wrote."))
        }
    }
}

impl Moderator {
    /// Whether the caller may let the history of the room vanish.
    ///
    /// # Errors
    /// Forbidden in a one-to-one room.
    pub fn may_clear_history(&self) -> Result<(), Denial> {
        if self.room().is_one_to_one() {
            Err(Denial::Forbidden("What two people wrote belongs to both."))
        } else {
            Ok(())
        }
    }
}
