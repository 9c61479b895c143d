//! What people write in a room, and what the room itself says (`docs/api-v4.md#chat`).

mod head;
mod mention;
mod message;
mod names;
mod object;
mod reader;
mod verb;
mod words;

pub use self::head::{ChatHead, LastMessage, Marker, MarkerId};
pub use self::mention::{EVERYBODY, Mentions, names_in};
pub use self::message::{
    Author, MAX_MESSAGE_CHARACTERS, Message, MessageId, MessageText, Occasion, Reaction, ReferenceId, Trace,
};
pub use self::names::Names;
pub use self::object::MessageObject;
pub use self::reader::Reader;
pub use self::verb::Verb;
