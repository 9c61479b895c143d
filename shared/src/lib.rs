//! What every function of `spreed-serverless` needs. It knows no endpoint.
//!
//! The way of a request: [`function::serve`] reads the gateway's event into an
//! [`http::Incoming`], hands it to the function as an [`exchange::Exchange`], which says who is calling
//! ([`auth`]); the function loads what it needs from the [`table`], asks [`permission`] whether the
//! caller may, and changes the table. The [`ocs::Reply`] or [`refusal::Refusal`] it comes back with is
//! wrapped by [`ocs`].

pub mod account;
pub mod auth;
pub mod aws;
pub mod deadline;
pub mod exchange;
pub mod function;
pub mod http;
pub mod log;
pub mod name;
pub mod occupancy;
pub mod ocs;
pub mod permission;
pub mod random;
pub mod refusal;
pub mod room;
pub mod route;
pub mod secret;
pub mod signaling;
pub mod table;
pub mod time;
