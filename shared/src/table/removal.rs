//! Taking people out of rooms, and rooms out of the table.
//!
//! A room that does not fit one transaction is hidden first. From then on nobody sees it, comes in
//! or gets its token; what a crash leaves is finished when a member next lists rooms.

use super::Table;
use super::item::GuestPresenceItem;
use super::key::Key;
use super::partition::{Partition, UserRow};
use super::rooms::{demand_moderator, release_pair, same_type};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::account::UserId;
use crate::occupancy::Occupant;
use crate::permission::{Member, Moderator};
use crate::refusal::Refusal;
use crate::room::{ParticipantType, Room, RoomType, SessionId, Token};
use crate::time::Timestamp;

/// So many times the items of a hidden room are gone through.
const CLEANING_ATTEMPTS: usize = 3;
/// Whoever hid a room had at most so many seconds to finish: the gateway waits 30.
const HIDING_SECONDS: i64 = 120;

/// What becomes of a room that somebody left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// Others are in it.
    RoomStays,
    /// It went with the last one, or with one of two.
    RoomGone,
}

impl Table {
    /// Deletes a room with everything in it.
    ///
    /// With `is_visited`, after somebody came in between once, the room goes before its people are
    /// counted, so that nobody who keeps coming can hold it up.
    ///
    /// # Errors
    /// Contested when somebody came or the right changed meanwhile; then nothing happened.
    pub async fn delete_room(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        is_visited: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if is_visited {
            return self.hide_and_empty(partition, room_visible(), Some(moderator), now).await;
        }
        self.remove_room(partition, Some(moderator), now).await
    }

    /// Takes the caller out of a room; the last user, and one of two, takes the room along with the guests
    /// in it (reference "DELETE /room/{token}/participants/self").
    ///
    /// # Errors
    /// Contested when somebody came or left meanwhile; then nothing happened.
    pub async fn leave_room(
        &self,
        member: &Member,
        partition: &Partition,
        now: Timestamp,
    ) -> Result<Departure, Refusal> {
        self.depart(member.user(), partition, now).await
    }

    /// Takes a user out of a room, by the user's own wish or because the account goes.
    pub(super) async fn depart(
        &self,
        user: &UserId,
        partition: &Partition,
        now: Timestamp,
    ) -> Result<Departure, Refusal> {
        let Some(occupancy) = partition.occupancy(now) else { return Err(Refusal::not_found()) };
        // Followers are in a room only while it is public, and may have closed their browser long ago.
        let stays = |other: &Occupant| other.user != *user && !other.participant_type.needs_public_room();
        let is_last = !occupancy.users.iter().any(stays);
        if occupancy.occupant(user).is_some() && (occupancy.room.is_one_to_one() || is_last) {
            return self.remove_room(partition, None, now).await.map(|()| Departure::RoomGone);
        }
        let mut transaction = Transaction::default();
        if let Some(row) = partition.users.get(user) {
            take_out_row(&mut transaction, &partition.token, user, row)?;
        }
        // Two who leave at once must not both believe that the other one stays.
        let change = Change::default().increment("revision");
        transaction.update(Key::room(&partition.token), change, unvisited(partition)?);
        self.write(transaction).await.map(|()| Departure::RoomStays)
    }

    /// Turns a public room into a group room; guests and followers go at once.
    ///
    /// The type decides what readers see, so it goes first. With `is_visited`, after somebody came in
    /// between once, nobody is counted before that. In a room that is a group room already, only what
    /// an earlier attempt left is removed.
    ///
    /// # Errors
    /// Contested when somebody came or the room or the right changed meanwhile.
    pub async fn close_to_public(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        is_visited: bool,
    ) -> Result<(), Refusal> {
        let room = moderator.room();
        if partition.room.as_ref().is_none_or(|item| item.room_type != room.room_type) {
            return Err(Refusal::contested());
        }
        if !room.is_public() {
            return self.write_in_order(outsiders(partition, room)?).await;
        }
        let closed = Room { room_type: RoomType::Group, ..room.clone() };
        let change = Change::default().set("room_type", &RoomType::Group)?;
        let mut first = Transaction::default();
        let condition = if is_visited { same_type(room)? } else { unvisited(partition)? };
        first.update(Key::room(&room.token), change, condition);
        demand_moderator(&mut first, moderator)?;
        if is_visited {
            self.write(first).await?;
            let partition = self.stored_partition(&room.token).await?;
            return self.write_in_order(outsiders(&partition, &closed)?).await;
        }
        let mut batches = Batches::default();
        batches.add(first);
        for removal in outsiders(partition, &closed)?.0 {
            batches.add(removal);
        }
        self.write_in_order(batches).await
    }

    /// Removes what stays of a room that somebody else left half filled or half emptied, or of a row
    /// whose room is gone. Does nothing while the other one may still be at it.
    ///
    /// # Errors
    /// Only of the table, or contested.
    pub async fn clean(&self, user: &UserId, partition: &Partition, now: Timestamp) -> Result<(), Refusal> {
        match partition.room.as_ref().map(|room| room.hidden_since) {
            Some(Some(since)) if since <= now.minus(HIDING_SECONDS) => self.empty(partition).await,
            Some(_) => Ok(()),
            None => self.forget_row(user, partition).await,
        }
    }

    /// Takes a user out of a room that readers do not see, whoever may be at it.
    pub(super) async fn forget_row(&self, user: &UserId, partition: &Partition) -> Result<(), Refusal> {
        let nothing = UserRow::default();
        let row = partition.users.get(user).unwrap_or(&nothing);
        let mut transaction = Transaction::default();
        take_out_row(&mut transaction, &partition.token, user, row)?;
        self.write(transaction).await
    }

    /// Removes what is in a hidden room, and the room. A room that readers see is left alone.
    pub(super) async fn finish_removal(&self, token: &Token) -> Result<(), Refusal> {
        let partition = self.stored_partition(token).await?;
        match &partition.room {
            Some(room) if room.hidden_since.is_some() => self.empty(&partition).await,
            _ => Ok(()),
        }
    }

    /// Removes a room to which nobody belongs any more, unless somebody came meanwhile.
    pub(super) async fn remove_abandoned(
        &self,
        partition: &Partition,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if partition.room.as_ref().is_some_and(|room| room.hidden_since.is_some()) {
            return self.empty(partition).await;
        }
        self.remove_room(partition, None, now).await
    }

    /// Removes guests who fell silent, some at a time: DynamoDB may take days, and until then each look at
    /// the room would pay for them. What stays is removed at the next look.
    pub async fn sweep(&self, partition: &Partition, now: Timestamp) {
        let mut removal = Transaction::default();
        for key in partition.dead_guests(now).take(MAX_ACTIONS) {
            let is_dead = Condition::default().missing_or_at_most("expires_at", now.0.unsigned_abs());
            removal.delete(key.clone(), is_dead);
        }
        self.meter.note(removal.actions());
        let Ok(items) = removal.into_items(&self.name) else { return };
        if !items.is_empty() {
            self.deadline
                .moment(Box::pin(async {
                    let _ = self.write_once(items).await;
                }))
                .await;
        }
    }

    async fn remove_room(
        &self,
        partition: &Partition,
        moderator: Option<&Moderator>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let token = &partition.token;
        let room = partition.room.clone().ok_or_else(Refusal::not_found)?.room(token);
        let mut whole = Transaction::default();
        whole.delete(Key::room(token), unvisited(partition)?);
        release_pair(&mut whole, &room)?;
        for removal in removals(partition)? {
            whole.append(removal);
        }
        if let Some(moderator) = moderator {
            demand_moderator(&mut whole, moderator)?;
        }
        if whole.len() <= MAX_ACTIONS {
            return self.write(whole).await;
        }
        self.hide_and_empty(partition, unvisited(partition)?, moderator, now).await
    }

    /// Makes the room vanish for everybody, and then its items.
    async fn hide_and_empty(
        &self,
        partition: &Partition,
        condition: Condition,
        moderator: Option<&Moderator>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let token = &partition.token;
        let room = partition.room.clone().ok_or_else(Refusal::not_found)?.room(token);
        let mut hide = Transaction::default();
        hide.update(Key::room(token), Change::default().set("hidden_since", &now)?, condition);
        release_pair(&mut hide, &room)?;
        if let Some(moderator) = moderator {
            demand_moderator(&mut hide, moderator)?;
        }
        self.write(hide).await?;
        // The room is gone, and that is what was asked for. What resists is removed when one of its
        // members next lists rooms.
        for _ in 0..CLEANING_ATTEMPTS {
            if self.finish_removal(token).await.is_ok() {
                break;
            }
        }
        Ok(())
    }

    /// Removes what is in a hidden room; the last transaction takes the room itself along, so that as
    /// long as there is anything, somebody's mirror leads to it.
    async fn empty(&self, partition: &Partition) -> Result<(), Refusal> {
        let mut batches = Batches::default();
        for removal in removals(partition)? {
            batches.add(removal);
        }
        let mut last = batches.0.pop().unwrap_or_default();
        last.delete(Key::room(&partition.token), Condition::default().has("hidden_since"));
        self.write_all(batches.0).await?;
        self.write(last).await
    }

    /// The first batch decides; the others follow side by side.
    async fn write_in_order(&self, batches: Batches) -> Result<(), Refusal> {
        let mut batches = batches.0.into_iter();
        if let Some(first) = batches.next() {
            self.write(first).await?;
        }
        self.write_all(batches.collect()).await
    }
}

/// Transactions that fill up, with room for one action more; what is added together stays together.
#[derive(Default)]
struct Batches(Vec<Transaction>);

impl Batches {
    fn add(&mut self, transaction: Transaction) {
        match self.0.last_mut() {
            Some(last) if last.len() + transaction.len() < MAX_ACTIONS => last.append(transaction),
            _ if transaction.len() == 0 => {}
            _ => self.0.push(transaction),
        }
    }
}

/// The room is there for readers.
pub(super) fn room_visible() -> Condition {
    Condition::exists().without("hidden_since")
}

/// Nobody came or left for good since the partition was read, and the type is the same.
pub(super) fn unvisited(partition: &Partition) -> Result<Condition, Refusal> {
    let room = partition.room.as_ref().ok_or_else(Refusal::not_found)?;
    room_visible().with("revision", &room.revision)?.with("room_type", &room.room_type)
}

/// Everybody who cannot be in `room` as it is.
fn outsiders(partition: &Partition, room: &Room) -> Result<Batches, Refusal> {
    let mut batches = Batches::default();
    for (user, row) in &partition.users {
        let participant = row.participant.as_ref();
        if participant.is_some_and(|participant| !room.admits(participant.participant_type)) {
            let mut transaction = Transaction::default();
            take_out_row(&mut transaction, &room.token, user, row)?;
            batches.add(transaction);
        }
    }
    for guest in &partition.guests {
        batches.add(guest_removal(&room.token, guest));
    }
    Ok(batches)
}

/// One transaction for everybody in the room, guests first: they have no mirror that leads here.
fn removals(partition: &Partition) -> Result<Vec<Transaction>, Refusal> {
    let mut removals: Vec<Transaction> =
        partition.guests.iter().map(|guest| guest_removal(&partition.token, guest)).collect();
    for (user, row) in &partition.users {
        let mut transaction = Transaction::default();
        take_out_row(&mut transaction, &partition.token, user, row)?;
        removals.push(transaction);
    }
    Ok(removals)
}

fn guest_removal(token: &Token, (key, _): &(Key, GuestPresenceItem)) -> Transaction {
    let mut transaction = Transaction::default();
    transaction.delete(key.clone(), Condition::default());
    transaction.moves(token);
    transaction
}

fn take_out_row(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: &UserRow,
) -> Result<(), Refusal> {
    let participant_type = row.participant.as_ref().map(|item| item.participant_type);
    let session = row.presence.as_ref().map(|item| item.session_id.as_ref());
    take_out(transaction, token, user, participant_type, session)
}

/// Removes all that there is of a user in a room, as it was seen: the row, its mirror, the presence
/// (`session` of the presence, if there is one), and the call that goes with a session.
pub(super) fn take_out(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    participant_type: Option<ParticipantType>,
    session: Option<Option<&SessionId>>,
) -> Result<(), Refusal> {
    let row = match participant_type {
        Some(participant_type) => Condition::exists().with("participant_type", &participant_type)?,
        None => Condition::missing(),
    };
    transaction.delete(Key::participant(token, user), row);
    transaction.delete(Key::my_room(user, token), Condition::default());
    let presence = match session {
        // A stored presence may expire and be deleted by DynamoDB at any moment, so it need not exist.
        Some(session) => Condition::default().same_or_gone("session_id", session)?,
        None => Condition::default().without("session_id"),
    };
    transaction.delete(Key::user_presence(token, user), presence);
    if let Some(session) = session.flatten() {
        transaction.moves(token);
        transaction.delete(Key::my_call(user), Condition::default().with("session_id", session)?);
    }
    Ok(())
}
