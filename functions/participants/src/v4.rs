//! The attendees of API v4 (`docs/api-v4.md#attendees`): people, guests and groups, called by number.

pub(crate) mod add;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod moderators;
mod named;
pub(crate) mod permissions;
pub(crate) mod remove;
