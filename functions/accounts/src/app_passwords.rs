//! `/core/apppasswords` and `/cloud/users/{id}/apppasswords`: which apps may log in, and taking that back.
//!
//! An app password is called by a part of its hash, since nobody knows it but the app.

use serde_json::json;
use shared::domain::account::UserId;
use shared::domain::identity::{Admin, User};
use shared::gateway::{Exchange, Refusal, Reply};

use crate::user::known;

pub(crate) async fn list_own(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let account = exchange.account_by_password(&user).await?;
    list(exchange, &account.id).await
}

pub(crate) async fn delete_own(exchange: &Exchange<'_>, user: User, id: &str) -> Result<Reply, Refusal> {
    let account = exchange.account_by_password(&user).await?;
    delete(exchange, &account.id, id).await
}

pub(crate) async fn list_of(exchange: &Exchange<'_>, _: Admin, user: &str) -> Result<Reply, Refusal> {
    list(exchange, &known(exchange, user).await?.id).await
}

pub(crate) async fn delete_of(
    exchange: &Exchange<'_>,
    _: Admin,
    user: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    delete(exchange, &known(exchange, user).await?.id, id).await
}

async fn list(exchange: &Exchange<'_>, user: &UserId) -> Result<Reply, Refusal> {
    let app_passwords = exchange.table.app_passwords(user).await?;
    let entries = app_passwords.iter().map(|app_password| {
        json!({"id": app_password.id(), "name": app_password.name, "created": app_password.created_at.0})
    });
    Reply::ok(json!({ "apppasswords": entries.collect::<Vec<_>>() }))
}

async fn delete(exchange: &Exchange<'_>, user: &UserId, id: &str) -> Result<Reply, Refusal> {
    let app_passwords = exchange.table.app_passwords(user).await?;
    let app_password = app_passwords.iter().find(|app_password| app_password.id() == id);
    let digest = app_password.ok_or_else(Refusal::not_found)?.digest();
    exchange.table.remove_app_password(user, digest).await?;
    exchange.verified_passwords().forget(user);
    Ok(Reply::empty())
}
