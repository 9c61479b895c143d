//! `/cloud...`, `/core...` and `/status.php`: who may log in, and what this server can do.

mod app_password;
mod app_passwords;
mod capabilities;
mod enabling;
mod group;
mod groups;
mod oneself;
mod user;
mod user_groups;
mod users;

use futures_util::future::BoxFuture;
use lambda_http::http::Method;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;

/// Answers a request to one of the endpoints of this function, and every request to a path that
/// leads nowhere.
#[must_use]
pub fn endpoints<'a>(exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Reply, Refusal>> {
    Box::pin(route(exchange))
}

async fn route(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let method = &exchange.request.method;
    if exchange.request.path() == ["status.php"] {
        return match *method {
            Method::GET => capabilities::status(exchange),
            _ => Err(Refusal::no_method("GET")),
        };
    }
    let path = exchange.request.ocs_path()?;
    match path.as_slice() {
        ["cloud", "users", ..] => users_route(exchange, path.get(2..).unwrap_or_default()).await,
        ["cloud", "groups"] => match *method {
            Method::GET => groups::list(exchange).await,
            Method::POST => groups::create(exchange).await,
            _ => Err(Refusal::no_method("GET, POST")),
        },
        ["cloud", "groups", id] => match *method {
            Method::GET => group::members(exchange, id).await,
            Method::DELETE => group::delete(exchange, id).await,
            _ => Err(Refusal::no_method("GET, DELETE")),
        },
        ["cloud", "user"] => match *method {
            Method::GET => oneself::answer(exchange).await,
            _ => Err(Refusal::no_method("GET")),
        },
        ["cloud", "capabilities"] => match *method {
            Method::GET => capabilities::answer(exchange),
            _ => Err(Refusal::no_method("GET")),
        },
        ["core", "getapppassword"] => match *method {
            Method::GET => app_password::create(exchange).await,
            _ => Err(Refusal::no_method("GET")),
        },
        ["core", "apppassword"] => match *method {
            Method::DELETE => app_password::delete(exchange).await,
            _ => Err(Refusal::no_method("DELETE")),
        },
        ["core", "apppasswords"] => match *method {
            Method::GET => app_passwords::list_own(exchange).await,
            _ => Err(Refusal::no_method("GET")),
        },
        ["core", "apppasswords", id] => match *method {
            Method::DELETE => app_passwords::delete_own(exchange, id).await,
            _ => Err(Refusal::no_method("DELETE")),
        },
        _ => Err(Refusal::no_route()),
    }
}

async fn users_route(exchange: &Exchange<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    let method = &exchange.request.method;
    match path {
        [] => match *method {
            Method::GET => users::list(exchange).await,
            Method::POST => users::create(exchange).await,
            _ => Err(Refusal::no_method("GET, POST")),
        },
        [id] => match *method {
            Method::GET => user::show(exchange, id).await,
            Method::PUT => user::change(exchange, id).await,
            Method::DELETE => user::delete(exchange, id).await,
            _ => Err(Refusal::no_method("GET, PUT, DELETE")),
        },
        [id, action @ ("enable" | "disable")] => match *method {
            Method::PUT => enabling::answer(exchange, id, *action == "enable").await,
            _ => Err(Refusal::no_method("PUT")),
        },
        [id, "apppasswords"] => match *method {
            Method::GET => app_passwords::list_of(exchange, id).await,
            _ => Err(Refusal::no_method("GET")),
        },
        [id, "apppasswords", app_password] => match *method {
            Method::DELETE => app_passwords::delete_of(exchange, id, app_password).await,
            _ => Err(Refusal::no_method("DELETE")),
        },
        [id, "groups"] => match *method {
            Method::GET => user_groups::list(exchange, id).await,
            Method::POST => user_groups::join(exchange, id).await,
            Method::DELETE => user_groups::leave(exchange, id).await,
            _ => Err(Refusal::no_method("GET, POST, DELETE")),
        },
        _ => Err(Refusal::no_route()),
    }
}
