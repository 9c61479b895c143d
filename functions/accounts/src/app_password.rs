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
    let password = exchange.random().app_password(&account.id);
    exchange.table.add_app_password(&account, &password.digest(), &name, exchange.now).await?;
    Reply::ok(json!({ "apppassword": password.expose() }))
}

/// Forgets the app password that this very request logs in with.
pub(crate) async fn delete(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let login = exchange.table.login(user.id(), user.app_password()).await?;
    let app_password = user.app_password().cloned();
    user.still_with(login)?;
    let of_the_account = || Refusal::forbidden("This is the password of the account, not of an app.");
    exchange.table.remove_app_password(user.id(), &app_password.ok_or_else(of_the_account)?).await?;
    exchange.verified_passwords().forget(user.id());
    Ok(Reply::empty())
}
