//! `PUT /room/{token}/password`: what guests and followers have to know; empty removes it.

use shared::domain::permission::Moderator;
use shared::domain::secret::PasswordHash;
use shared::gateway::{Exchange, Refusal, Reply};

pub(crate) async fn set_password(exchange: &Exchange<'_>, moderator: Moderator) -> Result<Reply, Refusal> {
    let password = exchange.parameters()?.secret("password")?;
    moderator.may_set_password()?;
    let hash = if password.is_empty() { None } else { Some(PasswordHash::of(&password)?) };
    exchange
        .tell(exchange.table.set_room_password(&moderator, hash.as_ref(), exchange.occasion()).await?)
        .await;
    Ok(Reply::empty())
}
