//! `GET` and `POST /cloud/groups`: lists groups, makes one.

use serde_json::json;
use shared::domain::account::GroupId;
use shared::domain::identity::Admin;
use shared::domain::input::Input as _;
use shared::domain::name::is_hidden;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::users::page;

pub(crate) async fn list(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let (search, limit, offset) = page(exchange.parameters()?)?;
    let groups = exchange.table.list_groups(&search).await?;
    let groups: Vec<_> = groups.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
    Reply::ok(json!({ "groups": groups }))
}

pub(crate) async fn create(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let id = exchange.parameters()?.text_or_empty("groupid")?;
    // A group lends its id to rooms as their name.
    let group = GroupId::parse(&id)
        .filter(|_| !id.contains(is_hidden))
        .ok_or_else(|| Refusal::provisioning(101, format!("groupid {}", GroupId::rule())))?;
    if !exchange.table.create_group(&group).await? {
        return Err(Refusal::provisioning(102, "group exists"));
    }
    Ok(Reply::empty())
}
