//! What rooms, people and calls are, and who may do what: rules without HTTP, without AWS, and without anything
//! that waits.

pub mod account;
pub mod address;
pub mod app_password;
pub mod attendance;
pub mod attendee;
pub mod chat;
pub mod denial;
pub mod guesses;
pub mod guest;
pub mod ice;
pub mod identity;
pub mod input;
pub mod name;
pub mod news;
pub mod occupancy;
pub mod password;
pub mod permission;
pub mod permissions;
pub mod random;
pub mod room;
pub mod secret;
pub mod socket;
pub mod status;
pub mod ticket;
pub mod time;
