//! The steps that transactions are made of: seating people, taking them out, and what must still hold.

use super::error::Error;
use super::item::{GroupItem, LEFT_AT, MyRoomItem, NameItem, ParticipantItem, UserPresenceItem};
use super::key::Key;
use super::partition::{Partition, UserRow};
use super::presence::{CONNECTED_UNTIL, SOCKET};
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::{Account, GroupId, UserId};
use crate::domain::chat::Marker;
use crate::domain::denial::Denial;
use crate::domain::permission::Moderator;
use crate::domain::room::{Pair, ParticipantType, Presence, Room, SessionId, Token};

/// The most rooms that one person has made and is in.
pub(super) const MAX_ROOMS: u64 = 500;

/// A user's presence in a room, as it was read.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// There is none.
    Nothing,
    /// There is one without a session: the last ping, by which lists are sorted.
    Idle,
    /// There is one with this session.
    In(&'a SessionId),
}

impl<'a> Seen<'a> {
    fn of_session(session: Option<&'a SessionId>) -> Self {
        session.map_or(Self::Idle, Self::In)
    }

    pub(super) fn of_item(item: Option<&'a UserPresenceItem>) -> Self {
        item.map_or(Self::Nothing, |item| Self::of_session(item.session_id.as_ref()))
    }

    pub(super) fn of_presence(presence: Option<&'a Presence>) -> Self {
        presence.map_or(Self::Nothing, |presence| Self::of_session(presence.session.as_ref()))
    }
}

/// The room is there for readers.
pub(super) fn visible() -> Condition {
    Condition::exists().without("hidden_since")
}

/// The room is there and still of the type that was seen.
pub(super) fn same_type(room: &Room) -> Result<Condition, Error> {
    visible().with("room_type", &room.room_type)
}

/// Nobody came or left for good since the partition was read, and the type is the same.
pub(super) fn unvisited(partition: &Partition) -> Result<Condition, Error> {
    let room = partition.room.as_ref().ok_or(Denial::NotFound)?;
    visible().with("revision", &room.revision)?.with("room_type", &room.room_type)
}

/// The account is there and not being removed.
pub(super) fn is_present() -> Condition {
    Condition::exists().without("removed_since")
}

/// The account is there and has the name that was seen.
pub(super) fn unchanged(account: &Account) -> Result<Condition, Error> {
    is_present().with("display_name", &account.display_name)
}

/// Nobody has this row: there is none, or the one who had it left.
pub(super) fn vacant() -> Condition {
    Condition::default().missing_or_has(LEFT_AT)
}

/// The caller still has the right that was seen. To be called last: a transaction that changes the
/// caller's row demands it there.
pub(super) fn demand_moderator(transaction: &mut Transaction, moderator: &Moderator) -> Result<(), Error> {
    let member = moderator.member();
    keep_row(transaction, &member.room().token, member.user(), member.participant_type())
}

/// The row is still as it was seen.
pub(super) fn keep_row(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: ParticipantType,
) -> Result<(), Error> {
    let unchanged = Condition::exists().with("participant_type", &row)?.without(LEFT_AT);
    transaction.check(Key::participant(token, user), unchanged);
    Ok(())
}

/// Brings one of two back who left their room to the other; [`returned`] is the change of the room itself.
pub(super) fn bring_back(transaction: &mut Transaction, token: &Token, pair: Option<&Pair>, absent: &UserId) {
    let back = Change::default().remove(LEFT_AT);
    transaction.update(Key::participant(token, absent), back.clone(), Condition::exists().has(LEFT_AT));
    transaction.update(Key::my_room(absent, token), back, Condition::exists());
    if let Some(pair) = pair {
        transaction.update(Key::pair(pair), Change::default().remove("left"), Condition::exists());
    }
}

/// Both of two are in their room again.
pub(super) fn returned() -> Change {
    Change::default().increment("revision").remove("absent")
}

/// The two people of a one-to-one room may have another one.
pub(super) fn release_pair(transaction: &mut Transaction, room: &Room) -> Result<(), Error> {
    if let Some(pair) = &room.pair {
        transaction.delete(Key::pair(pair), Condition::exists().with("token", &room.token)?);
    }
    Ok(())
}

/// Seats the one who makes the room, whose rooms are counted; `other` is the other one of a one-to-one room.
pub(super) fn seat_maker(
    transaction: &mut Transaction,
    token: &Token,
    creator: &Account,
    other: Option<&UserId>,
) -> Result<(), Error> {
    let row = ParticipantItem::new(ParticipantType::Owner, &creator.display_name);
    transaction.put(Key::participant(token, &creator.id), &row, Condition::missing())?;
    let mirror = MyRoomItem { is_own: true, other: other.cloned(), left_at: None };
    transaction.put(Key::my_room(&creator.id, token), &mirror, Condition::default())?;
    let may_make = unchanged(creator)?.missing_or_at_most("rooms", MAX_ROOMS - 1);
    transaction.update(Key::account(&creator.id), Change::default().add("rooms", 1), may_make);
    Ok(())
}

/// What somebody finds in a room on coming in.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// The other one of a one-to-one room.
    pub(super) other: Option<&'a UserId>,
    /// How far the person counts as having read: what was said before concerns the others.
    pub(super) marker: Marker,
}

/// Seats somebody who has an account.
pub(super) fn seat(
    transaction: &mut Transaction,
    token: &Token,
    account: &Account,
    participant_type: ParticipantType,
    place: Place<'_>,
) -> Result<(), Error> {
    give_row(transaction, token, account, participant_type, place)?;
    transaction.check(Key::account(&account.id), unchanged(account)?);
    Ok(())
}

/// Gives somebody a row whose account is looked at by another step.
pub(super) fn give_row(
    transaction: &mut Transaction,
    token: &Token,
    account: &Account,
    participant_type: ParticipantType,
    place: Place<'_>,
) -> Result<(), Error> {
    let row = ParticipantItem::new(participant_type, &account.display_name).with_marker(place.marker);
    transaction.put(Key::participant(token, &account.id), &row, vacant())?;
    let mirror = MyRoomItem { other: place.other.cloned(), ..MyRoomItem::default() };
    transaction.put(Key::my_room(&account.id, token), &mirror, Condition::default())
}

/// The account is as it was seen, and nothing ended its logins since.
pub(super) fn still_logged_in(account: &Account) -> Result<Condition, Error> {
    let is_enabled = unchanged(account)?.with("is_enabled", &true)?;
    // It only grows.
    Ok(is_enabled.missing_or_at_most("logins_ended", account.logins_ended))
}

/// Seats somebody who is in a group, as long as that holds.
pub(super) fn seat_member(
    transaction: &mut Transaction,
    token: &Token,
    group: &GroupId,
    user: &UserId,
    display_name: &str,
    marker: Marker,
) -> Result<(), Error> {
    let row = ParticipantItem::new(ParticipantType::User, display_name).with_marker(marker);
    transaction.put(Key::participant(token, user), &row, vacant())?;
    transaction.put(Key::my_room(user, token), &MyRoomItem::default(), Condition::default())?;
    // Somebody whose account is being removed leaves the groups first.
    let is_member = Condition::exists().with("display_name", &display_name)?;
    transaction.check(Key::group_member(group, user), is_member);
    Ok(())
}

/// Takes somebody out of a room, as the partition has it.
pub(super) fn take_out_row(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: &UserRow,
) -> Result<(), Error> {
    let participant_type = row.participant.as_ref().map(|item| item.participant_type);
    take_out(transaction, token, user, participant_type, Seen::of_item(row.presence.as_ref()))
}

/// Removes all that there is of a user in a room, as it was seen: the row, its mirror, the presence, and the call
/// that goes with a session.
pub(super) fn take_out(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    participant_type: Option<ParticipantType>,
    seen: Seen<'_>,
) -> Result<(), Error> {
    let row = match participant_type {
        Some(participant_type) => Condition::exists().with("participant_type", &participant_type)?,
        None => Condition::missing(),
    };
    transaction.delete(Key::participant(token, user), row);
    transaction.delete(Key::my_room(user, token), Condition::default());
    end_seen(transaction, token, user, seen)
}

/// Removes the presence of a user in a room, as the partition has it, and the call that goes with its session.
pub(super) fn end_presence(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: &UserRow,
) -> Result<(), Error> {
    end_seen(transaction, token, user, Seen::of_item(row.presence.as_ref()))
}

fn end_seen(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    seen: Seen<'_>,
) -> Result<(), Error> {
    let presence = match seen {
        // A stored presence may expire and be deleted by DynamoDB at any moment, so it need not exist.
        Seen::In(session) => Condition::default().same_or_gone("session_id", Some(session))?,
        Seen::Idle | Seen::Nothing => Condition::default().without("session_id"),
    };
    transaction.delete(Key::user_presence(token, user), presence);
    if let Seen::In(session) = seen {
        transaction.moves(token);
        transaction.delete(Key::my_call(user), Condition::default().with("session_id", session)?);
    }
    Ok(())
}

/// Takes the session away and leaves the last ping, by which lists are sorted.
pub(super) fn end_session(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    session: &SessionId,
) -> Result<(), Error> {
    let same = Condition::exists().with("session_id", session)?;
    let gone = Change::default().remove("session_id").remove(SOCKET).remove(CONNECTED_UNTIL);
    transaction.update(Key::user_presence(token, user), gone, same);
    transaction.moves(token);
    Ok(())
}

/// Puts somebody into a group that is there.
pub(super) fn enter_group(
    transaction: &mut Transaction,
    group: &GroupId,
    user: &UserId,
    display_name: &str,
) -> Result<(), Error> {
    let item = NameItem { display_name: display_name.to_owned() };
    transaction.put(Key::group_member(group, user), &item, Condition::default())?;
    transaction.put(Key::my_group(user, group), &GroupItem {}, Condition::default())?;
    transaction.check(Key::group(group), Condition::exists());
    Ok(())
}
