//! `/room...`: making, showing, changing and deleting rooms.

mod create;
mod delete;
mod list;
mod object;
mod password;
mod public;
mod rename;
mod show;

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
        ["room"] => match *method {
            Method::GET => list::answer(exchange).await,
            Method::POST => create::answer(exchange).await,
            _ => Err(Refusal::no_method("GET, POST")),
        },
        ["room", segment] => {
            let token = token(segment)?;
            match *method {
                Method::GET => show::answer(exchange, &token).await,
                Method::PUT => rename::answer(exchange, &token).await,
                Method::DELETE => delete::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("GET, PUT, DELETE")),
            }
        }
        ["room", segment, "password"] => {
            let token = token(segment)?;
            match *method {
                Method::PUT => password::answer(exchange, &token).await,
                _ => Err(Refusal::no_method("PUT")),
            }
        }
        ["room", segment, "public"] => {
            let token = token(segment)?;
            match *method {
                Method::POST => public::open(exchange, &token).await,
                Method::DELETE => public::close(exchange, &token).await,
                _ => Err(Refusal::no_method("POST, DELETE")),
            }
        }
        _ => Err(Refusal::no_route()),
    }
}
