//! `GET /core/getapppassword` and `DELETE /core/apppassword`: passwords for apps, which are found by
//! their hash and so cost no argon2.

use serde_json::json;
use shared::auth::Credential;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::secret::Digest;

pub(crate) async fn create(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    exchange.parameters()?;
    let login = exchange.table.login(user.id(), Some(&used(exchange)?)).await?;
    login.account.ok_or_else(Refusal::not_logged_in)?;
    if login.has_app_password {
        return Err(Refusal::forbidden("An app password cannot ask for another one."));
    }
    let password = exchange.random().app_password();
    exchange.table.add_app_password(user.id(), &password.digest(), exchange.now).await?;
    Reply::ok(json!({ "apppassword": password.expose() }))
}

/// Forgets the app password that this very request logs in with.
pub(crate) async fn delete(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    exchange.parameters()?;
    let digest = used(exchange)?;
    if !exchange.table.login(user.id(), Some(&digest)).await?.has_app_password {
        return Err(Refusal::forbidden("This is the password of the account, not of an app."));
    }
    exchange.table.remove_app_password(user.id(), &digest).await?;
    exchange.memory().forget(user.id());
    Ok(Reply::empty())
}

/// The digest of the password in the request.
fn used(exchange: &Exchange<'_>) -> Result<Digest, Refusal> {
    let header = exchange.request.header("authorization").unwrap_or_default();
    let credential = Credential::parse(header).ok_or_else(Refusal::not_logged_in)?;
    Ok(credential.password().digest())
}
