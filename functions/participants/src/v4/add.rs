//! `POST /room/{token}/participants`: invites a person, or a group with everybody in it.

use shared::domain::account::GroupId;
use shared::domain::identity::User;
use shared::domain::permission::Member;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::named::Named;

/// The parameter that says who is invited.
const WHO: &str = "newParticipant";

pub(crate) async fn add(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let source = exchange.parameters().and_then(|parameters| parameters.text_or_empty("source"));
    match source.as_deref() {
        Ok("groups") => group(exchange, &user, token).await,
        _ => person(exchange, &user, token, source).await,
    }
}

/// Somebody who only followed the link so far stays from now on; whoever is invited already is left as is.
async fn person(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
    source: Result<String, Refusal>,
) -> Result<Reply, Refusal> {
    let Named { moderator, target, account } = Named::read(exchange, user, token, WHO).await?;
    if !matches!(source?.as_str(), "" | "users") {
        return Err(Refusal::bad_request("source must be users or groups."));
    }
    moderator.demand_many()?;
    if moderator.knows(&target) {
        if let Some(settled) = moderator.may_settle(target) {
            exchange.tell(exchange.table.settle(&moderator, &settled, exchange.occasion()).await?).await;
        }
        return Ok(Reply::empty());
    }
    let account = account.ok_or_else(Refusal::not_found)?;
    if target.participant.is_some() {
        // A follower whom a crash left from the room's public time; readers do not see the row.
        let partition = exchange.look(token).await?;
        exchange.tell(exchange.table.remove_leftovers(&moderator, &partition).await?).await;
    }
    exchange.tell(exchange.table.add_participant(&moderator, &account, exchange.occasion()).await?).await;
    Ok(Reply::empty())
}

async fn group(exchange: &Exchange<'_>, user: &User, token: &Token) -> Result<Reply, Refusal> {
    let name = exchange.parameters()?.text_or_empty(WHO);
    let group = name.as_ref().ok().and_then(|name| GroupId::parse(name));
    let members = async {
        match &group {
            Some(group) => Ok(exchange.table.group_members(group).await?),
            None => Ok::<_, Refusal>(None),
        }
    };
    let read = futures_util::future::try_join(exchange.look(token), members);
    let (partition, members) = exchange.beside_login(user, read).await?;
    let moderator = partition.standing(user.id()).member(user).and_then(Member::moderator)?;
    name?;
    moderator.demand_many()?;
    let (Some(group), Some(members)) = (group, members) else { return Err(Refusal::not_found()) };
    exchange
        .tell(exchange.table.add_group(&moderator, &partition, &group, &members, exchange.occasion()).await?)
        .await;
    Ok(Reply::empty())
}
