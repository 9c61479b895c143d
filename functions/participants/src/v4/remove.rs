//! `DELETE /room/{token}/attendees`: removes a person, a guest who may come back, or a group with those who are there by it
//! alone.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use shared::domain::account::{GroupId, UserId};
use shared::domain::occupancy::Occupancy;
use shared::domain::permission::{Attendee, Moderator, Target};
use shared::domain::room::ParticipantType;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

use super::named::attendee;

pub(crate) async fn remove(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let removed = match attendee(exchange, &moderator, &partition)? {
        Attendee::User(target) => return person(exchange, &moderator, &partition, target).await,
        Attendee::Guest(session) => exchange.table.remove_guest(&moderator, &session).await?,
        Attendee::Group(group) => {
            let room = partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?;
            let leaving = there_by_it_alone(exchange, &room, &group).await?;
            exchange.table.remove_group(&moderator, &partition, &group, &leaving, exchange.occasion()).await?
        }
    };
    exchange.tell(removed).await;
    Ok(Reply::empty())
}

async fn person(
    exchange: &Exchange<'_>,
    moderator: &Moderator,
    partition: &Partition,
    target: Target,
) -> Result<Reply, Refusal> {
    let member = moderator.member();
    let removed = if target.participant.as_ref().is_some_and(|row| row.user == *member.user()) {
        // To remove oneself is to leave.
        member.may_leave(&partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?)?;
        exchange.table.leave_room(member, partition, exchange.occasion()).await?
    } else {
        exchange
            .table
            .remove_participant(moderator, &moderator.may_remove(target)?, exchange.occasion())
            .await?
    };
    exchange.tell(removed).await;
    Ok(Reply::empty())
}

/// The users in the room who are members of this group and of no other one that was invited. Moderators stay.
async fn there_by_it_alone(
    exchange: &Exchange<'_>,
    room: &Occupancy,
    group: &GroupId,
) -> Result<Vec<UserId>, Refusal> {
    let others = room.groups.iter().filter(|other| *other != group);
    let groups: Vec<&GroupId> = std::iter::once(group).chain(others).collect();
    let members = try_join_all(groups.into_iter().map(|group| exchange.table.group_members(group))).await?;
    let mut members = members.into_iter().map(|members| {
        let names = members.unwrap_or_default().into_iter().map(|(user, _)| user);
        names.collect::<BTreeSet<UserId>>()
    });
    let own = members.next().unwrap_or_default();
    let elsewhere: BTreeSet<UserId> = members.flatten().collect();
    let users = room.users.iter().filter(|occupant| occupant.participant_type == ParticipantType::User);
    let alone =
        users.map(|occupant| &occupant.user).filter(|user| own.contains(user) && !elsewhere.contains(user));
    Ok(alone.cloned().collect())
}
