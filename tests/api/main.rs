//! The API, told as stories.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Stories may be long.
#![allow(clippy::too_many_lines)]

mod accounts;
mod attacks;
mod bill;
mod budget;
mod calls;
mod chat;
mod chat_changes;
mod chat_marks;
mod conversations;
mod costs;
mod crashes;
mod crowds;
mod deaths;
mod deployment;
mod envelope;
mod external;
mod ghosts;
mod guessing;
mod identity;
mod laptop;
mod layers;
mod malformed;
mod openapi;
mod order;
mod overview;
mod page;
mod participants;
mod permissions;
mod races;
mod rooms;
mod signaling;
mod socket_costs;
mod sockets;
mod stories;
