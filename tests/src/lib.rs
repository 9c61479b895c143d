//! The stage for the tests: a tenant of its own for each, and people who call the API.
//!
//! Requests go as API Gateway events through the real handlers, which talk to an embedded DynamoDB
//! over HTTP. Nothing is mocked but the clock.
// A stage that cannot be built fails the test, and says where.
#![allow(clippy::panic)]

mod answer;
mod clock;
mod dice;
mod documented;
mod endpoints;
mod event;
mod fault;
mod invariants;
mod pauses;
mod person;
mod proxy;
mod remote;
mod scene;
mod slow;
mod sockets;
mod stack;
mod tenant;
mod virtual_clock;

pub use answer::Answer;
pub use dice::Dice;
pub use documented::{DOCUMENT, operations};
pub use endpoints::{Row, endpoints};
pub use event::Event;
pub use fault::Fault;
pub use invariants::lacks;
pub use pauses::Pauses;
pub use person::Person;
pub use proxy::{Pace, Proxy, Service};
pub use scene::{CALLERS, Caller, Scene};
pub use slow::{FOR_EVER, Slow};
pub use sockets::{Client, Done, Sockets, aws_at};
pub use stack::Stack;
pub use tenant::{START, Tenant};
pub use virtual_clock::VirtualClock;
