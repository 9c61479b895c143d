//! `DELETE /room/{token}/moderators`: makes a moderator a plain user.

use shared::domain::identity::User;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::named::Named;

pub(crate) async fn demote(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let named = Named::read_other(exchange, &user, token, "participant").await?;
    let demotable = named.moderator.may_demote(named.target)?;
    exchange.tell(exchange.table.demote(&named.moderator, &demotable, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}
