//! `GET`, `POST` and `DELETE /cloud/users/{id}/groups`: the groups that a person is in.

use serde_json::json;
use shared::domain::account::{Account, GroupId, UserId};
use shared::domain::identity::Admin;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn list(exchange: &Exchange<'_>, _: Admin, id: &str) -> Result<Reply, Refusal> {
    let unknown = || Refusal::unknown("User does not exist");
    let user = UserId::parse(id).ok_or_else(unknown)?;
    exchange.table.account(&user).await?.ok_or_else(unknown)?;
    Reply::ok(json!({ "groups": exchange.table.my_groups(&user).await? }))
}

pub(crate) async fn join(exchange: &Exchange<'_>, _: Admin, id: &str) -> Result<Reply, Refusal> {
    let (group, account) = group_and_account(exchange, id).await?;
    exchange.table.join_group(&group, &account).await?;
    Ok(Reply::empty())
}

pub(crate) async fn leave(exchange: &Exchange<'_>, admin: Admin, id: &str) -> Result<Reply, Refusal> {
    let (group, account) = group_and_account(exchange, id).await?;
    if group.is_admin() && account.id == *admin.id() {
        return Err(Refusal::provisioning(105, "Cannot remove yourself from the admin group"));
    }
    exchange.table.leave_group(&group, &account.id, true).await?;
    Ok(Reply::empty())
}

async fn group_and_account(exchange: &Exchange<'_>, id: &str) -> Result<(GroupId, Account), Refusal> {
    let name = exchange.parameters()?.text_or_empty("groupid")?;
    if name.is_empty() {
        return Err(Refusal::provisioning(101, "groupid must name a group."));
    }
    let no_group = || Refusal::provisioning(102, "The group does not exist");
    let group = GroupId::parse(&name).ok_or_else(no_group)?;
    if exchange.table.existing_groups(std::slice::from_ref(&group)).await?.is_empty() {
        return Err(no_group());
    }
    let no_user = || Refusal::provisioning(103, "The user does not exist");
    let user = UserId::parse(id).ok_or_else(no_user)?;
    let account = exchange.table.account(&user).await?.ok_or_else(no_user)?;
    Ok((group, account))
}
