//! What `make run` starts, and what the tests share with it: DynamoDB on this machine.

mod database;
mod template;

pub use database::{Database, LOCAL_KEY, LOCAL_REGION};
pub use template::table_definition;
