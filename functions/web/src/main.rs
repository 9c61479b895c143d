//! The `web` function; `lib.rs` has what it does.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run().await
}
