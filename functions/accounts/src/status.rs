//! `/apps/user_status/...`: what people say of themselves.

use std::collections::BTreeMap;
use std::future::ready;

use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::domain::identity::User;
use shared::domain::status::{Availability, Status, StatusIcon, StatusMessage};
use shared::domain::time::Timestamp;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn show(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let read = exchange.table.statuses(std::slice::from_ref(user.id()));
    answer(exchange, &user, exchange.beside_login(&user, read).await?)
}

pub(crate) async fn set_availability(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    demand_login(exchange, &user).await?;
    let availability: Availability = exchange.parameters()?.read_as("statusType")?;
    exchange.table.set_availability(user.id(), availability).await?;
    shown(exchange, &user).await
}

pub(crate) async fn set_message(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    demand_login(exchange, &user).await?;
    let parameters = exchange.parameters()?;
    let message: StatusMessage = parameters.read_as("message")?;
    let icon: StatusIcon = parameters.read_as("statusIcon")?;
    let clear_at = Some(Timestamp(parameters.integer("clearAt")?)).filter(|moment| moment.0 > 0);
    let (message, icon) = (message.into_text(), icon.into_text());
    exchange.table.set_status_message(user.id(), message.as_ref(), icon.as_ref(), clear_at).await?;
    shown(exchange, &user).await
}

pub(crate) async fn clear_message(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    demand_login(exchange, &user).await?;
    exchange.table.set_status_message(user.id(), None, None, None).await?;
    Ok(Reply::empty())
}

/// A login that has ended changes nothing any more.
async fn demand_login(exchange: &Exchange<'_>, user: &User) -> Result<(), Refusal> {
    exchange.beside_login(user, ready(Ok::<_, Refusal>(()))).await
}

async fn shown(exchange: &Exchange<'_>, user: &User) -> Result<Reply, Refusal> {
    let statuses = exchange.table.statuses(std::slice::from_ref(user.id())).await?;
    answer(exchange, user, statuses)
}

fn answer(
    exchange: &Exchange<'_>,
    user: &User,
    statuses: BTreeMap<UserId, Status>,
) -> Result<Reply, Refusal> {
    let status = statuses.into_values().next().unwrap_or_default();
    Reply::ok(details(user, status.at(exchange.now)))
}

fn details(user: &User, status: Status) -> Value {
    json!({
        "userId": user.id(),
        "status": status.availability,
        "statusIsUserDefined": true,
        "message": status.message,
        "messageId": Value::Null,
        "messageIsPredefined": false,
        "icon": status.icon,
        "clearAt": status.clear_at,
    })
}
