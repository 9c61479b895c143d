//! `GET /cloud/user`: the caller's own account.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;

use crate::user::details;

pub(crate) async fn show(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    exchange.parameters()?;
    let (account, groups) = futures_util::future::try_join(
        exchange.table.account(user.id()),
        exchange.table.my_groups(user.id()),
    )
    .await?;
    Reply::ok(details(&account.ok_or_else(Refusal::not_logged_in)?, &groups))
}
