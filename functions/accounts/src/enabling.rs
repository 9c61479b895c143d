//! `PUT /cloud/users/{id}/enable` and `/disable`: lets a person log in, or not.

use shared::domain::identity::Admin;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::user;

pub(crate) async fn enable(exchange: &Exchange<'_>, admin: Admin, id: &str) -> Result<Reply, Refusal> {
    set_enabled(exchange, &admin, id, true).await
}

pub(crate) async fn disable(exchange: &Exchange<'_>, admin: Admin, id: &str) -> Result<Reply, Refusal> {
    set_enabled(exchange, &admin, id, false).await
}

async fn set_enabled(
    exchange: &Exchange<'_>,
    admin: &Admin,
    id: &str,
    is_enabled: bool,
) -> Result<Reply, Refusal> {
    let target = user::known(exchange, id).await?;
    if target.id == *admin.id() {
        return Err(Refusal::provisioning(101, "Administrators cannot enable or disable themselves."));
    }
    if is_enabled {
        exchange.table.enable(&target.id).await?;
    } else {
        exchange.table.disable(&target).await?;
        exchange.verified_passwords().forget(&target.id);
        exchange.tell(exchange.table.leave_any_call(&target.id).await?).await;
    }
    Ok(Reply::empty())
}
