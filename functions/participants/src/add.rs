//! `POST /room/{token}/participants`: adds a person; two people's own room becomes a group room.

use serde::Serialize;
use shared::account::UserId;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::{RoomType, Token};

/// The type that the room has from now on, where it changed (section 9, no. 11: a number).
#[derive(Serialize)]
struct Changed {
    r#type: u8,
}

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let named = exchange.parameters().and_then(|parameters| parameters.text_or_empty("newParticipant"));
    let target = named.as_ref().ok().and_then(|name| UserId::parse(name));
    let reading = exchange.table.standing_and_target(token, user.id(), target.as_ref()).await?;
    let moderator = reading.standing.found()?.member(&user)?.moderator()?;
    named?;
    if moderator.knows(&reading.target) {
        return Ok(Reply::empty());
    }
    let account = reading.account.ok_or_else(Refusal::not_found)?;
    if reading.target.participant.is_some() {
        // A follower whom a crash left from the room's public time; readers do not see the row.
        let partition = exchange.table.partition(token).await?;
        exchange.table.close_to_public(&moderator, &partition, false).await?;
    }
    exchange.table.add_participant(&moderator, &account).await?;
    if moderator.room().is_one_to_one() {
        return Reply::ok(Changed { r#type: RoomType::Group as u8 });
    }
    Ok(Reply::empty())
}
