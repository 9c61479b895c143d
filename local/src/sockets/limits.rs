//! What the gateway's sockets are called, and how much goes over them.

/// The stage, which clients take for the last part of the address.
pub const STAGE: &str = "spreed";
/// The longest frame that a client may send, in bytes.
pub const MAX_FRAME_BYTES: usize = 32 * 1024;
/// The longest message in either direction, in bytes; a client's may come in several frames.
pub const MAX_MESSAGE_BYTES: usize = 128 * 1024;
