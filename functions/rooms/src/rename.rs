//! `PUT /room/{token}`: gives a room a name; the empty name brings the list of people back.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::{MAX_ROOM_NAME_CHARACTERS, Token};
use shared::signaling::Notice;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let standing = exchange.table.standing(token, user.id()).await?;
    let moderator = standing.found()?.member(&user)?.moderator()?;
    let name = exchange.parameters()?.text_or_empty("roomName")?;
    // The length comes before the type: an over-long name for a one-to-one room is 400.
    if name.chars().count() > MAX_ROOM_NAME_CHARACTERS {
        return Err(Refusal::bad_request(format!(
            "roomName must have at most {MAX_ROOM_NAME_CHARACTERS} characters."
        )));
    }
    moderator.may_rename()?;
    exchange.table.rename_room(&moderator, &name).await?;
    exchange.announce(token, Notice::Updated).await;
    Ok(Reply::empty())
}
