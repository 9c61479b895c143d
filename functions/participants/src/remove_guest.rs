//! `DELETE /room/{token}/participants/guests`: removes a guest, who may come back.

use shared::domain::permission::Moderator;
use shared::domain::room::SessionId;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

pub(crate) async fn remove_guest(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let session = exchange.parameters()?.text_or_empty("participant")?;
    let occupancy = partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?;
    let is_session = |known: &SessionId| known.as_str() == session;
    if occupancy.users.iter().any(|occupant| occupant.session.as_ref().is_some_and(is_session)) {
        return Err(Refusal::forbidden("This session belongs to a user, not to a guest."));
    }
    let guest = occupancy.guests.into_iter().find(|guest| is_session(&guest.session));
    let session = guest.ok_or_else(Refusal::not_found)?.session;
    exchange.tell(exchange.table.remove_guest(&moderator, &session).await?).await;
    Ok(Reply::empty())
}
