//! `POST /room/{token}/participants`: adds a person; two people's own room becomes a group room.

use serde::Serialize;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::{RoomType, Token};
use shared::signaling::Notice;

use crate::named::Named;

/// The type that the room has from now on, where it changed (section 9, no. 11: a number).
#[derive(Serialize)]
struct Changed {
    r#type: u8,
}

pub(crate) async fn add(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let named = Named::read(exchange, token, "newParticipant").await?;
    let (moderator, target, account) = named.moderated()?;
    if moderator.knows(&target) {
        return Ok(Reply::empty());
    }
    let account = account.ok_or_else(Refusal::not_found)?;
    if target.participant.is_some() {
        // A follower whom a crash left from the room's public time; readers do not see the row.
        let partition = exchange.look(token).await?;
        exchange.table.close_to_public(&moderator, &partition, false).await?;
    }
    exchange.table.add_participant(&moderator, &account).await?;
    exchange.announce(token, Notice::Invited(vec![account.id])).await;
    if moderator.room().is_one_to_one() {
        exchange.announce(token, Notice::Updated).await;
        return Reply::ok(Changed { r#type: RoomType::Group as u8 });
    }
    Ok(Reply::empty())
}
