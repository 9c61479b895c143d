//! What a message is: somebody's words, or one of the things that a room says of itself.

use serde::{Deserialize, Serialize};

macro_rules! verbs {
    ($($(#[$documentation:meta])* $verb:ident = $name:literal: $text:literal;)*) => {
        /// What a message is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Verb {
            $($(#[$documentation])* #[serde(rename = $name)] $verb,)*
        }

        impl Verb {
            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$verb => $name,)* }
            }

            /// What stands in the message, with names in braces for those who are named.
            pub(super) const fn text(self) -> &'static str {
                match self { $(Self::$verb => $text,)* }
            }
        }
    };
}

verbs! {
    /// Somebody's words.
    Comment = "comment": "";
    /// Something of another app.
    ObjectShared = "object_shared": "{object}";
    ConversationCreated = "conversation_created": "{actor} created the conversation";
    ConversationRenamed = "conversation_renamed": "{actor} renamed the conversation from \"%old\" to \"%new\"";
    DescriptionSet = "description_set": "{actor} set the description";
    DescriptionRemoved = "description_removed": "{actor} removed the description";
    GuestsAllowed = "guests_allowed": "{actor} allowed guests";
    GuestsDisallowed = "guests_disallowed": "{actor} disallowed guests";
    PasswordSet = "password_set": "{actor} set a password";
    PasswordRemoved = "password_removed": "{actor} removed the password";
    ReadOnly = "read_only": "{actor} locked the conversation";
    ReadOnlyOff = "read_only_off": "{actor} unlocked the conversation";
    UserAdded = "user_added": "{actor} added {user}";
    UserRemoved = "user_removed": "{actor} removed {user}";
    GroupAdded = "group_added": "{actor} added group {group}";
    GroupRemoved = "group_removed": "{actor} removed group {group}";
    ModeratorPromoted = "moderator_promoted": "{actor} promoted {user} to moderator";
    ModeratorDemoted = "moderator_demoted": "{actor} demoted {user} from moderator";
    MessageDeleted = "message_deleted": "{actor} deleted a message";
    MessageEdited = "message_edited": "{actor} edited a message";
    HistoryCleared = "history_cleared": "{actor} cleared the history of the conversation";
    Reaction = "reaction": "%reaction";
    /// A reaction that was taken back.
    ReactionDeleted = "reaction_deleted": "{actor} deleted a reaction";
    ReactionRevoked = "reaction_revoked": "{actor} deleted a reaction";
}

impl Verb {
    /// Whether the message is one of people, which others have to read.
    #[must_use]
    pub const fn is_of_people(self) -> bool {
        matches!(self, Self::Comment | Self::ObjectShared)
    }

    /// Whether the message is the latest that a list of rooms shows: what is done to another message is not.
    #[must_use]
    pub const fn is_news(self) -> bool {
        !matches!(
            self,
            Self::MessageDeleted
                | Self::MessageEdited
                | Self::Reaction
                | Self::ReactionDeleted
                | Self::ReactionRevoked
        )
    }
}
