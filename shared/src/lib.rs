//! What the functions share, in layers that know only those before them:
//!
//! 1. [`domain`]: what rooms, people and calls are, and who may do what;
//! 2. [`aws`] and [`table`]: how it is kept in DynamoDB;
//! 3. [`herald`]: who is told of a change;
//! 4. [`gateway`]: from an event to its answer. The functions stand on this one.
//!
//! `tests/api/layers.rs` holds the direction.

pub mod aws;
pub mod domain;
pub mod gateway;
pub mod herald;
pub mod table;
