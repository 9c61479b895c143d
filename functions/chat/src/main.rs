//! The `chat` function; `lib.rs` has its endpoints.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::gateway::run("chat", chat::ENDPOINTS).await
}
