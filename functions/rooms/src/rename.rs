//! `PUT /room/{token}`: gives a room a name; the empty name brings the list of people back.

use shared::exchange::Exchange;
use shared::name::{MAX_ROOM_NAME_CHARACTERS, RoomName};
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

pub(crate) async fn rename(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let standing = exchange.table.standing(token, user.id()).await?;
    let moderator = standing.found()?.member(&user)?.moderator()?;
    // The length comes before the type: an over-long name for a one-to-one room is 400.
    let name = RoomName::parse(&exchange.parameters()?.text_or_empty("roomName")?).ok_or_else(|| {
        Refusal::bad_request(format!("roomName must have at most {MAX_ROOM_NAME_CHARACTERS} characters."))
    })?;
    moderator.may_rename()?;
    exchange.table.rename_room(&moderator, &name).await?;
    exchange.announce(token, Notice::Updated).await;
    Ok(Reply::empty())
}
