//! `/core/getapppassword` and `/core/apppassword`: passwords for apps, which are found by their hash and so
//! cost no argon2.

use lambda_http::http::header;
use serde_json::json;
use shared::domain::identity::User;
use shared::domain::name::app_name;
use shared::gateway::{Exchange, Refusal, Reply};

/// Makes one for the app that asks, which has to ask with the account's own password.
pub(crate) async fn create(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let account = exchange.account_by_password(&user).await?;
    if exchange.request.is_head() {
        return Ok(Reply::empty());
    }
    let name = app_name(exchange.request.header(header::USER_AGENT.as_str()).unwrap_or_default());
    let password = exchange.random().app_password();
    exchange.table.add_app_password(&account, &password.digest(), &name, exchange.now).await?;
    Reply::ok(json!({ "apppassword": password.expose() }))
}

/// Forgets the app password that this very request logs in with.
pub(crate) async fn delete(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let digest = exchange.credential()?.password().digest();
    let login = exchange.table.login(user.id(), Some(&digest)).await?;
    user.still(login.account)?;
    if !login.has_app_password {
        return Err(Refusal::forbidden("This is the password of the account, not of an app."));
    }
    exchange.table.remove_app_password(user.id(), &digest).await?;
    exchange.verified_passwords().forget(user.id());
    Ok(Reply::empty())
}
