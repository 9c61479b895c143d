//! What `make run` starts, and what the tests share with it: DynamoDB, API Gateway and Lambda on this machine.

mod database;
mod gateway;
mod sockets;
mod stack;
mod template;

pub use database::{Database, LOCAL_KEY, LOCAL_REGION};
pub use gateway::{Gateway, GatewayRequest, Instances, Launcher, PATIENCE, Routes, SOCKETS, WEB, functions};
pub use sockets::{
    Changes, Filters, Function, MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, STAGE, Sockets, ToClient, Weather,
    management,
};
pub use stack::with_routes;
pub use template::{TEMPLATE, table_definition};
