//! `PUT /room/{token}/password`: what guests and followers have to know; empty removes it.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::secret::PasswordHash;

pub(crate) async fn set_password(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let standing = exchange.table.standing(token, user.id()).await?;
    let moderator = standing.found()?.member(&user)?.moderator()?;
    let password = exchange.parameters()?.secret("password")?;
    moderator.may_set_password()?;
    let hash = if password.is_empty() { None } else { Some(PasswordHash::of(&password)?) };
    exchange.table.set_room_password(&moderator, hash.as_ref()).await?;
    Ok(Reply::empty())
}
