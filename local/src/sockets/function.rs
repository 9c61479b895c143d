//! The function behind the sockets, as the gateway and the stream know it.

use futures_util::future::BoxFuture;
use serde_json::Value;

/// The function behind the sockets.
pub trait Function: Send + Sync {
    /// Hands it an event, and waits for what it makes of it.
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>>;
}
