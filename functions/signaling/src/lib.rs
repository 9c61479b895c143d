//! `/signaling...`: how members of a call find each other, here or by an external server.

mod backend;
mod messages;
mod place;
mod receive;
mod send;
mod settings;

use futures_util::future::BoxFuture;
use lambda_http::http::Method;
use shared::exchange::Exchange;
use shared::http::token;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;

/// Answers a request to one of the endpoints of this function.
#[must_use]
pub fn endpoints<'a>(exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Reply, Refusal>> {
    Box::pin(route(exchange))
}

async fn route(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let path = exchange.request.application_path()?;
    let method = &exchange.request.method;
    match path.as_slice() {
        ["signaling", "settings"] => match *method {
            Method::GET => settings::answer(exchange).await,
            _ => Err(Refusal::no_method("GET")),
        },
        ["signaling", "backend"] => match *method {
            Method::POST => backend::answer(exchange).await,
            _ => Err(Refusal::no_method("POST")),
        },
        ["signaling"] => messages(exchange, None).await,
        ["signaling", segment] => messages(exchange, Some(token(segment)?)).await,
        _ => Err(Refusal::no_route()),
    }
}

async fn messages(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Reply, Refusal> {
    match exchange.request.method {
        Method::GET => receive::answer(exchange, token).await,
        Method::POST => send::answer(exchange, token).await,
        _ => Err(Refusal::no_method("GET, POST")),
    }
}
