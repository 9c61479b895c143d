//! The one DynamoDB table of a stack. One method for each access pattern, named for its intent.
//!
//! The table as a whole is described in `docs/architecture.md`. What holds everywhere:
//!
//! * Every read that decides something is consistent.
//! * What two requests could both change is settled by a condition on the item that decides;
//!   the slower one gets [`Error::Contested`] and starts again.
//! * A user's call item exists exactly while a presence holds its session: every change that ends a
//!   session takes both in one transaction.

mod accounts;
mod attendees;
mod calls;
mod chat;
mod client;
mod conversations;
mod deadline;
mod error;
mod groups;
mod guesses;
mod item;
mod key;
mod messages;
mod meter;
mod overview;
mod participants;
mod partition;
mod pings;
mod presence;
mod removal;
mod rooms;
mod secrets;
mod signals;
mod sockets;
mod spelling;
mod standing;
mod statuses;
mod steps;
mod text;
mod transaction;
mod visits;

pub use self::accounts::{AppPassword, ListedUser, NewAccount};
pub use self::calls::{FormerGuest, GuestStanding, Joiner, Joining};
pub use self::chat::{ChatReading, Draft, History, MAX_MENTIONS, MAX_PAGE, Range, Rewording};
pub use self::client::Table;
pub use self::conversations::{Listed, Listing};
pub use self::deadline::Deadline;
pub use self::error::Error;
pub use self::item::MAX_WAITING;
pub use self::messages::{Message, Taken};
pub use self::meter::Usage;
pub use self::partition::Partition;
pub use self::pings::{Mailbox, Ping, Pinged};
pub use self::rooms::{NewRoom, PairReading};
pub use self::signals::Signals;
pub use self::sockets::{
    BoxTurn, CONNECTED_SECONDS, Connected, Entrance, Handing, Holder, Kept, MAX_SOCKETS_IN_ROOM, Member,
    Outgoing, Place, RESUME_SECONDS, Roster, SessionBox, SignalingSession, TURN_MILLISECONDS, Told, ToldPeer,
    Turn,
};
pub use self::standing::{Standing, TargetReading};
pub use self::visits::Visitor;
