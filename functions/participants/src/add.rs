//! `POST /room/{token}/participants`: adds a person; two people's own room becomes a group room.

use serde::Serialize;
use shared::domain::identity::User;
use shared::domain::room::{RoomType, Token};
use shared::gateway::{Exchange, Refusal, Reply};

use crate::named::Named;

/// The type that the room has from now on, where it changed.
#[derive(Serialize)]
struct Changed {
    r#type: u8,
}

pub(crate) async fn add(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let Named { moderator, target, account } = Named::read(exchange, &user, token, "newParticipant").await?;
    if moderator.knows(&target) {
        return Ok(Reply::empty());
    }
    let account = account.ok_or_else(Refusal::not_found)?;
    if target.participant.is_some() {
        // A follower whom a crash left from the room's public time; readers do not see the row.
        let partition = exchange.look(token).await?;
        exchange.tell(exchange.table.remove_leftovers(&moderator, &partition).await?).await;
    }
    exchange.tell(exchange.table.add_participant(&moderator, &account, exchange.occasion()).await?).await;
    if moderator.room().is_one_to_one() {
        return Reply::ok(Changed { r#type: RoomType::Group.number() });
    }
    Ok(Reply::empty())
}
