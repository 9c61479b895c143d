//! `/room/{token}/participants...` and `/room/{token}/moderators`: who is in a room, and as what.

mod add;
mod demote;
mod leave;
mod list;
mod named;
mod promote;
mod remove;
mod remove_guest;

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
        ["room", segment, "participants"] => {
            let token = token(segment)?;
            match *method {
                Method::GET => list::answer(exchange, &token).await,
                Method::POST => add::answer(exchange, &token).await,
                Method::DELETE => remove::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("GET, POST, DELETE")),
            }
        }
        ["room", segment, "participants", "guests"] => {
            let token = token(segment)?;
            match *method {
                Method::DELETE => remove_guest::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("DELETE")),
            }
        }
        ["room", segment, "participants", "self"] => {
            let token = token(segment)?;
            match *method {
                Method::DELETE => leave::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("DELETE")),
            }
        }
        ["room", segment, "moderators"] => {
            let token = token(segment)?;
            match *method {
                Method::POST => promote::answer(exchange, &token).await,
                Method::DELETE => demote::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("POST, DELETE")),
            }
        }
        _ => Err(Refusal::no_route()),
    }
}
