//! `GET` and `DELETE /cloud/groups/{id}`: one group.

use serde_json::json;
use shared::domain::account::GroupId;
use shared::domain::identity::Admin;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn members(exchange: &Exchange<'_>, _: Admin, id: &str) -> Result<Reply, Refusal> {
    let unknown = || Refusal::unknown("The requested group could not be found");
    let group = GroupId::parse(id).ok_or_else(unknown)?;
    let members = exchange.table.group_members(&group).await?.ok_or_else(unknown)?;
    let users: Vec<_> = members.into_iter().map(|(user, _)| user).collect();
    Reply::ok(json!({ "users": users }))
}

/// Rooms that the group was invited to keep their people.
pub(crate) async fn delete(exchange: &Exchange<'_>, _: Admin, id: &str) -> Result<Reply, Refusal> {
    let unknown = || Refusal::provisioning(101, "The group does not exist");
    let group = GroupId::parse(id).ok_or_else(unknown)?;
    if group.is_admin() {
        return Err(Refusal::provisioning(102, "The admin group cannot be deleted."));
    }
    if !exchange.table.delete_group(&group).await? {
        return Err(unknown());
    }
    Ok(Reply::empty())
}
