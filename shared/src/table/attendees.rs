//! What API v4 changes of the people in a room: what each keeps for itself, what each may do, and whole groups.

use super::chat::{Saying, say};
use super::client::Table;
use super::error::Error;
use super::item::{GroupItem, LEFT_AT, PERMISSIONS, ParticipantItem};
use super::key::Key;
use super::partition::{Partition, UserRow};
use super::steps::{
    bring_back, demand_moderator, end_presence, returned, same_type, seat_member, take_out_row, unvisited,
    visible,
};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::account::{GroupId, UserId};
use crate::domain::attendance::NotificationLevel;
use crate::domain::chat::{Occasion, Verb};
use crate::domain::news::{Event, News};
use crate::domain::permission::{Member, Moderator, Restrictable, Settled};
use crate::domain::permissions::Permissions;
use crate::domain::room::{Participant, ParticipantType};
use crate::domain::time::Timestamp;

/// Taking a member of a group out takes up to four actions, putting one in three; the group, the room and the caller's right
/// take three more.
const MEMBERS_AT_ONCE: usize = (MAX_ACTIONS - 3) / 4;

impl Table {
    /// Marks a room for its member, or takes the mark away.
    ///
    /// # Errors
    /// Contested when the member is gone by now.
    pub async fn set_favorite(&self, member: &Member, is_favorite: bool) -> Result<(), Error> {
        self.change_own_row(member, Change::default().set("favorite", &is_favorite)?).await
    }

    /// Sets of what a member is notified.
    ///
    /// # Errors
    /// Contested when the member is gone by now.
    pub async fn set_notification_level(
        &self,
        member: &Member,
        level: NotificationLevel,
    ) -> Result<(), Error> {
        self.change_own_row(member, Change::default().set("notify", &level)?).await
    }

    /// Sets whether a member is notified of calls.
    ///
    /// # Errors
    /// Contested when the member is gone by now.
    pub async fn set_ignores_calls(&self, member: &Member, ignores_calls: bool) -> Result<(), Error> {
        self.change_own_row(member, Change::default().set("no_calls", &ignores_calls)?).await
    }

    async fn change_own_row(&self, member: &Member, change: Change) -> Result<(), Error> {
        let key = Key::participant(&member.room().token, member.user());
        match self.update(&key, change, Condition::exists().without(LEFT_AT)).await? {
            true => Ok(()),
            false => Err(Error::Contested),
        }
    }

    /// Sets what those may do who do not manage the room, in general or during the present call. What somebody was
    /// allowed in particular ends with that.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn set_room_permissions(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        is_for_call: bool,
        permissions: Permissions,
    ) -> Result<News, Error> {
        let token = &moderator.room().token;
        let name = if is_for_call { "call_permissions" } else { "default_permissions" };
        let mut last = Transaction::default();
        let change = Change::default().set(name, &permissions)?;
        last.update(Key::room(token), change, same_type(moderator.room())?);
        demand_moderator(&mut last, moderator)?;
        let is_restricted =
            |row: &UserRow| row.participant.as_ref().is_some_and(|item| !item.permissions.is_unset());
        let restricted = partition.users.iter().filter(|(_, row)| is_restricted(row));
        let rows = restricted.map(|(user, _)| {
            (Key::participant(token, user), Change::default().remove(PERMISSIONS), Condition::exists())
        });
        self.write_rows(moderator, rows.collect(), last).await
    }

    /// Sets what some people may do in particular. Somebody who only followed the link so far stays from now on.
    ///
    /// # Errors
    /// Contested when one of them changed meanwhile, or the room or the caller's right.
    pub async fn restrict(
        &self,
        moderator: &Moderator,
        targets: &[(Restrictable, Permissions)],
    ) -> Result<News, Error> {
        let token = &moderator.room().token;
        let mut last = Transaction::default();
        last.check(Key::room(token), same_type(moderator.room())?);
        demand_moderator(&mut last, moderator)?;
        let mut rows = Vec::with_capacity(targets.len());
        for (target, permissions) in targets {
            let Participant { user, participant_type, attendance, .. } = target.participant();
            let known = Some(attendance.permissions).filter(|known| !known.is_unset());
            let unchanged = Condition::exists().with("participant_type", participant_type)?;
            let unchanged = unchanged.same(PERMISSIONS, known.as_ref())?;
            let wanted = Some(*permissions).filter(|wanted| !wanted.is_unset());
            let mut change = Change::default().assign(PERMISSIONS, wanted.as_ref())?;
            if *participant_type == ParticipantType::SelfJoined {
                change = change.set("participant_type", &ParticipantType::User)?;
                last.moves(token);
            }
            rows.push((Key::participant(token, user), change, unchanged));
        }
        self.write_rows(moderator, rows, last).await
    }

    /// Changes rows, as many as fit together with what else is to be done at the end.
    async fn write_rows(
        &self,
        moderator: &Moderator,
        rows: Vec<(Key, Change, Condition)>,
        mut last: Transaction,
    ) -> Result<News, Error> {
        let mut news = News::none();
        let mut rows = rows.into_iter().peekable();
        let mut chunk = Transaction::default();
        while let Some((key, change, condition)) = rows.next() {
            chunk.update(key, change, condition);
            if rows.peek().is_some() && chunk.len() == MAX_ACTIONS - 2 {
                demand_moderator(&mut chunk, moderator)?;
                news = news.then(self.write(std::mem::take(&mut chunk)).await?);
            }
        }
        last.append(chunk);
        Ok(news.then(self.write(last).await?))
    }

    /// Makes somebody who follows the link of a public room a user of it.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn settle(
        &self,
        moderator: &Moderator,
        target: &Settled,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let saying = Saying::by(moderator.member(), Verb::UserAdded, occasion);
        self.change_type(moderator, target.participant(), ParticipantType::User, saying).await
    }

    /// Invites a group: those of its members who are not in the room yet come in, and those who only followed the link stay.
    ///
    /// # Errors
    /// Contested when one of them came or left meanwhile, or the room or the right changed.
    pub async fn add_group(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        group: &GroupId,
        members: &[(UserId, String)],
        occasion: Occasion,
    ) -> Result<News, Error> {
        let token = &moderator.room().token;
        let is_new = |user: &UserId| partition.users.get(user).is_none_or(|row| row.present().is_none());
        let newcomers: Vec<_> = members.iter().filter(|(user, _)| is_new(user)).collect();
        let followers: Vec<_> = members.iter().filter(|(user, _)| partition.is_follower(user)).collect();
        let mut first = Transaction::default();
        first.put(Key::invited_group(token, group), &GroupItem {}, Condition::default())?;
        let arrival = Change::default().increment("revision");
        let is_known = partition.groups.contains(group);
        let saying =
            Saying::by(moderator.member(), Verb::GroupAdded, occasion).naming("group", group.as_str());
        let saying = Some(saying).filter(|_| !is_known);
        say(&mut first, moderator.room(), saying, arrival, same_type(moderator.room())?)?;
        demand_moderator(&mut first, moderator)?;
        let mut news = self.write(first).await?;
        for chunk in newcomers.chunks(MEMBERS_AT_ONCE) {
            let mut transaction = Transaction::default();
            for (user, name) in chunk {
                seat_member(&mut transaction, token, group, user, name, moderator.room().chat.end())?;
            }
            with_group(&mut transaction, moderator, group)?;
            news = news.then(self.write(transaction).await?);
        }
        for chunk in followers.chunks(MEMBERS_AT_ONCE) {
            let mut transaction = Transaction::default();
            for (user, _) in chunk {
                let change = Change::default().set("participant_type", &ParticipantType::User)?;
                let follows = Condition::exists().with("participant_type", &ParticipantType::SelfJoined)?;
                transaction.update(Key::participant(token, user), change, follows);
            }
            transaction.moves(token);
            with_group(&mut transaction, moderator, group)?;
            news = news.then(self.write(transaction).await?);
        }
        let invited: Vec<UserId> = newcomers.iter().map(|(user, _)| user.clone()).collect();
        Ok(if invited.is_empty() { news } else { news.and(token, Event::Invited(invited)) })
    }

    /// Takes a group out of a room, and the people who are there by it alone.
    ///
    /// # Errors
    /// Contested when one of them came or left meanwhile, or the room or the right changed.
    pub async fn remove_group(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        group: &GroupId,
        leaving: &[UserId],
        occasion: Occasion,
    ) -> Result<News, Error> {
        let token = &moderator.room().token;
        let mut news = News::none();
        for chunk in leaving.chunks(MEMBERS_AT_ONCE) {
            let mut transaction = Transaction::default();
            for user in chunk {
                if let Some(row) = partition.users.get(user) {
                    take_out_row(&mut transaction, token, user, row)?;
                }
            }
            raise_revision(&mut transaction, moderator)?;
            news = news.then(self.write(transaction).await?);
        }
        // The group last: as long as it is there, the request can be made again.
        let mut last = Transaction::default();
        last.delete(Key::invited_group(token, group), Condition::exists());
        let saying =
            Saying::by(moderator.member(), Verb::GroupRemoved, occasion).naming("group", group.as_str());
        say(&mut last, moderator.room(), [saying], Change::default(), visible())?;
        demand_moderator(&mut last, moderator)?;
        news = news.then(self.write(last).await?);
        let markers = leaving.iter().filter_map(|user| partition.marker_of(user));
        self.note_departure(moderator.room(), markers, occasion.now).await;
        let left = Event::Disinvited { users: leaving.to_vec(), sessions: Vec::new() };
        Ok(if leaving.is_empty() { news } else { news.and(token, left) })
    }

    /// Takes one of two out of their room, which the other one keeps; the last one takes it along.
    ///
    /// # Errors
    /// Contested when somebody came or left meanwhile.
    pub async fn leave_pair(
        &self,
        member: &Member,
        partition: &Partition,
        now: Timestamp,
    ) -> Result<News, Error> {
        let (token, user) = (&member.room().token, member.user());
        let row = partition.users.get(user).ok_or(Error::Contested)?;
        let is_last = partition.users.iter().all(|(other, row)| other == user || row.present().is_none());
        if is_last {
            return self.remove_room(partition, None, now).await;
        }
        let mut transaction = Transaction::default();
        let left = Change::default().set(LEFT_AT, &now)?;
        let unchanged = Condition::exists().with("participant_type", &member.participant_type())?;
        transaction.update(Key::participant(token, user), left.clone(), unchanged.without(LEFT_AT));
        transaction.update(Key::my_room(user, token), left, Condition::exists());
        end_presence(&mut transaction, token, user, row)?;
        if let Some(pair) = &member.room().pair {
            let change = Change::default().set("left", user)?;
            transaction.update(Key::pair(pair), change, Condition::exists());
        }
        let change = Change::default().increment("revision").set("absent", user)?;
        transaction.update(Key::room(token), change, unvisited(partition)?);
        let event = Event::Disinvited { users: vec![user.clone()], sessions: Vec::new() };
        let news = self.write(transaction).await?.and(token, event);
        self.note_departure(member.room(), partition.marker_of(user), now).await;
        Ok(news)
    }

    /// Brings somebody back into a one-to-one room who left it.
    ///
    /// # Errors
    /// Contested when somebody came or left meanwhile.
    pub async fn return_to_pair(&self, partition: &Partition, user: &UserId) -> Result<News, Error> {
        let token = &partition.token;
        let row = partition.users.get(user).and_then(|row| row.participant.as_ref());
        if row.is_none_or(ParticipantItem::is_present) {
            return Ok(News::none());
        }
        let mut transaction = Transaction::default();
        let pair = partition.room.as_ref().and_then(|room| room.pair.as_ref());
        bring_back(&mut transaction, token, pair, user);
        transaction.update(Key::room(token), returned(), unvisited(partition)?);
        Ok(self.write(transaction).await?.and(token, Event::Invited(vec![user.clone()])))
    }
}

/// Whoever decides by the people in the room notices that they are others; the caller still has the right.
fn raise_revision(transaction: &mut Transaction, moderator: &Moderator) -> Result<(), Error> {
    let room = moderator.room();
    transaction.update(Key::room(&room.token), Change::default().increment("revision"), same_type(room)?);
    demand_moderator(transaction, moderator)
}

/// The same as long as the group is invited.
fn with_group(transaction: &mut Transaction, moderator: &Moderator, group: &GroupId) -> Result<(), Error> {
    transaction.check(Key::invited_group(&moderator.room().token, group), Condition::exists());
    raise_revision(transaction, moderator)
}
