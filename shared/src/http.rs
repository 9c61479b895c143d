//! What the gateway hands in, read so that no input can make it fail.

mod fields;
mod incoming;
mod parameters;

pub use incoming::Incoming;
pub use parameters::{MAX_BODY_BYTES, MAX_MESSAGES_BODY_BYTES, Parameters, objects};
