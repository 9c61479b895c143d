//! Sessions of signaling and the sockets that carry them.
//!
//! A session outlives its socket by [`RESUME_SECONDS`], so that a client that changes its network goes on. Every
//! change of a session demands the epoch that was read, which grows with each resume: what is late, as the news
//! that a former socket closed, changes nothing.

mod hall;
mod inbox;
mod items;
mod outbox;
mod roster;
mod sessions;
mod turn;

pub use self::hall::{Entrance, Member};
pub use self::items::{Connected, Place, SignalingSession};
pub use self::outbox::{Kept, Outgoing};
pub use self::roster::{Roster, Told, ToldPeer, Turn};
pub use self::sessions::Holder;
pub(in crate::table) use self::turn::Numbered;
pub use self::turn::{BoxTurn, Handing, SessionBox, TURN_MILLISECONDS};

/// How long a session waits for another socket after its own was cut, in seconds.
pub const RESUME_SECONDS: i64 = 30;
/// How long a socket is taken to be open that was written to, in seconds: the clock writes to each every four minutes.
pub const CONNECTED_SECONDS: i64 = 15 * 60;
/// How long items about a socket are kept, in seconds: the gateway cuts it after two hours.
const SOCKET_SECONDS: i64 = 3 * 60 * 60;
/// The most sockets in one room: a list of all of them has to fit one frame of 128 KB.
pub const MAX_SOCKETS_IN_ROOM: usize = 900;
