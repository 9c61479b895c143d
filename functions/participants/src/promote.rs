//! `POST /room/{token}/moderators`: makes a user a moderator.

use shared::domain::identity::User;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::named::Named;

pub(crate) async fn promote(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let named = Named::read(exchange, &user, token, "participant").await?;
    let promotable = named.moderator.may_promote(named.target)?;
    exchange.tell(exchange.table.promote(&named.moderator, &promotable, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
