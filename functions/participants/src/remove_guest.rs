//! `DELETE /room/{token}/participants/guests`: removes a guest, who may come back.

use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::signaling::Notice;

pub(crate) async fn remove_guest(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let partition = exchange.look(token).await?;
    let moderator = partition.standing(user.id()).found()?.member(&user)?.moderator()?;
    let session = exchange.parameters()?.text_or_empty("participant")?;
    let occupancy = partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?;
    let is_session = |known: &shared::room::SessionId| known.as_str() == session;
    if occupancy.users.iter().any(|occupant| occupant.session.as_ref().is_some_and(is_session)) {
        return Err(Refusal::forbidden("This session belongs to a user, not to a guest."));
    }
    let guest = occupancy.guests.into_iter().find(|guest| is_session(&guest.session));
    let session = guest.ok_or_else(Refusal::not_found)?.session;
    exchange.table.remove_guest(&moderator, &session.guest_id()).await?;
    exchange.announce(token, Notice::Disinvited(Vec::new(), vec![session])).await;
    Ok(Reply::empty())
}
