//! `/call/{token}...`: joining a call, staying in it, leaving it. All of it is open to guests.

mod join;
mod leave;
mod peers;
mod ping;

use futures_util::future::BoxFuture;
use lambda_http::http::Method;
use shared::exchange::Exchange;
use shared::http::token;
use shared::ocs::Reply;
use shared::refusal::Refusal;

/// Answers a request to one of the endpoints of this function.
#[must_use]
pub fn endpoints<'a>(exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Reply, Refusal>> {
    Box::pin(route(exchange))
}

async fn route(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let path = exchange.request.application_path()?;
    let method = &exchange.request.method;
    match path.as_slice() {
        ["call", segment] => {
            let token = token(segment)?;
            match *method {
                Method::GET => peers::answer(exchange, &token).await,
                Method::POST => join::answer(exchange, &token).await,
                Method::DELETE => leave::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("GET, POST, DELETE")),
            }
        }
        ["call", segment, "ping"] => {
            let token = token(segment)?;
            match *method {
                Method::POST => ping::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("POST")),
            }
        }
        _ => Err(Refusal::no_route()),
    }
}
