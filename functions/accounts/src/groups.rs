//! `GET` and `POST /cloud/groups`: lists groups, makes one.

use serde_json::json;
use shared::account::{GroupId, MAX_ID_CHARACTERS};
use shared::exchange::Exchange;
use shared::name::is_hidden;
use shared::ocs::Reply;
use shared::refusal::Refusal;

use crate::users::page;

pub(crate) async fn list(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.admin().await?;
    let (search, limit, offset) = page(exchange.parameters()?)?;
    let groups = exchange.table.list_groups(&search).await?;
    let groups: Vec<_> = groups.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
    Reply::ok(json!({ "groups": groups }))
}

pub(crate) async fn create(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.admin().await?;
    let id = exchange.parameters()?.text_or_empty("groupid")?;
    // A group lends its id to rooms as their name.
    let group = GroupId::parse(&id).filter(|_| !id.contains(is_hidden)).ok_or_else(|| {
        Refusal::provisioning(
            101,
            format!("groupid must have 1 to {MAX_ID_CHARACTERS} characters, without / % ? and #, no space at either end."),
        )
    })?;
    if !exchange.table.create_group(&group).await? {
        return Err(Refusal::provisioning(102, "group exists"));
    }
    Ok(Reply::empty())
}
