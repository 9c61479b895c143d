//! `PUT /cloud/users/{id}/enable` and `/disable`: lets a person log in, or not.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;

use crate::user;

pub(crate) async fn enable(exchange: &Exchange<'_>, id: &str) -> Result<Reply, Refusal> {
    set_enabled(exchange, id, true).await
}

pub(crate) async fn disable(exchange: &Exchange<'_>, id: &str) -> Result<Reply, Refusal> {
    set_enabled(exchange, id, false).await
}

async fn set_enabled(exchange: &Exchange<'_>, id: &str, is_enabled: bool) -> Result<Reply, Refusal> {
    let admin = exchange.admin().await?;
    exchange.parameters()?;
    let target = user::known(exchange, id).await?;
    if target.id == *admin.id() {
        return Err(Refusal::provisioning(101, "Administrators cannot enable or disable themselves."));
    }
    if is_enabled {
        exchange.table.enable(&target.id).await?;
    } else {
        exchange.table.disable(&target).await?;
    }
    exchange.memory().forget(&target.id);
    Ok(Reply::empty())
}
