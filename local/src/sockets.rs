//! The WebSockets of API Gateway on this machine: frames become events, each in a task of its own, so that two of one
//! client may come in any order, as on AWS; and the function writes to sockets by `@connections`.

mod changes;
mod filter;
mod front;
mod function;
mod limits;
mod management;
mod open;

pub use self::changes::Changes;
pub use self::filter::Filters;
pub(crate) use self::front::upgrade;
pub use self::function::Function;
pub use self::limits::{MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, STAGE};
pub use self::management::management;
pub use self::open::{Sockets, ToClient, Weather};
