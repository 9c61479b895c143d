//! `GET /cloud/user`: the caller's own account.

use shared::domain::identity::User;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::user::details;

pub(crate) async fn show(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let read = futures_util::future::try_join(
        exchange.table.account(user.id()),
        exchange.table.my_groups(user.id()),
    );
    let (account, groups) = exchange.beside_login(&user, read).await?;
    Reply::ok(details(&user.still(account)?, &groups))
}
