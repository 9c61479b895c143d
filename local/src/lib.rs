//! What `make run` starts, and what the tests share with it: DynamoDB, API Gateway and Lambda on this machine.

mod database;
mod gateway;
mod template;

pub use database::{Database, LOCAL_KEY, LOCAL_REGION};
pub use gateway::{Gateway, GatewayRequest, Instances, Launcher, PATIENCE, Routes, functions};
pub use template::table_definition;
