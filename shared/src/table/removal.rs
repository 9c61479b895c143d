//! Taking people out of rooms, and rooms out of the table.
//!
//! A room that does not fit one transaction is hidden first. From then on nobody sees it, comes in
//! or gets its token; what a crash leaves is finished when a member next lists rooms.

use super::chat::{Saying, say};
use super::client::Table;
use super::error::Error;
use super::item::GuestPresenceItem;
use super::key::Key;
use super::partition::{Partition, UserRow};
use super::steps::{demand_moderator, release_pair, same_type, take_out_row, unvisited, visible};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::account::UserId;
use crate::domain::chat::{Occasion, Verb};
use crate::domain::denial::Denial;
use crate::domain::news::{Event, News, Signal};
use crate::domain::occupancy::Occupant;
use crate::domain::permission::{Member, Moderator};
use crate::domain::room::{Room, RoomType, Token};
use crate::domain::time::Timestamp;

/// How often the items of a hidden room are gone through.
const CLEANING_ATTEMPTS: usize = 3;
/// How long somebody who hid a room may still be at it, in seconds: the gateway waits 30.
const HIDING_SECONDS: i64 = 120;

impl Table {
    /// Deletes a room with everything in it.
    ///
    /// With `after_a_race`, after somebody came in between once, the room goes before its people are
    /// counted, so that nobody who keeps coming can hold it up.
    ///
    /// # Errors
    /// Contested when somebody came or the right changed meanwhile; then nothing happened.
    pub async fn delete_room(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        after_a_race: bool,
        now: Timestamp,
    ) -> Result<News, Error> {
        if after_a_race {
            return self.hide_and_empty(partition, visible(), Some(moderator), now).await;
        }
        self.remove_room(partition, Some(moderator), now).await
    }

    /// Takes the caller out of a room; the last user, and one of two, takes the room along with the guests
    /// in it (`docs/api.md#participants`).
    ///
    /// # Errors
    /// Contested when somebody came or left meanwhile; then nothing happened.
    pub async fn leave_room(
        &self,
        member: &Member,
        partition: &Partition,
        occasion: Occasion,
    ) -> Result<News, Error> {
        // Who only followed a link goes without a word.
        let is_told = !member.participant_type().needs_public_room();
        let saying = Saying::by(member, Verb::UserRemoved, occasion);
        let saying = is_told.then(|| saying.about(member.user(), member.display_name()));
        self.depart(member.user(), partition, saying, occasion.now).await
    }

    /// Takes a user out of a room, by the user's own wish or because the account goes.
    pub(super) async fn depart(
        &self,
        user: &UserId,
        partition: &Partition,
        saying: Option<Saying>,
        now: Timestamp,
    ) -> Result<News, Error> {
        let occupancy = partition.occupancy(now).ok_or(Denial::NotFound)?;
        // Followers are in a room only while it is public, and may have closed their browser long ago.
        let stays = |other: &Occupant| other.user != *user && !other.participant_type.needs_public_room();
        let is_last = !occupancy.users.iter().any(stays);
        // Also somebody who left it to the other one takes a one-to-one room along.
        let belongs = partition.users.get(user).is_some_and(|row| row.participant.is_some());
        if belongs && (occupancy.room.is_one_to_one() || is_last) {
            return self.remove_room(partition, None, now).await;
        }
        let mut transaction = Transaction::default();
        if let Some(row) = partition.users.get(user) {
            take_out_row(&mut transaction, &partition.token, user, row)?;
        }
        // Two who leave at once must not both believe that the other one stays.
        let change = Change::default().increment("revision");
        say(&mut transaction, &occupancy.room, saying, change, unvisited(partition)?)?;
        let event = Event::Disinvited { users: vec![user.clone()], sessions: Vec::new() };
        let news = self.write(transaction).await?.and(&partition.token, event);
        self.note_departure(&occupancy.room, partition.marker_of(user), now).await;
        Ok(news)
    }

    /// Turns a public room into a group room; guests and followers go at once.
    ///
    /// The type decides what readers see, so it goes first. With `after_a_race`, after somebody came in
    /// between once, nobody is counted before that.
    ///
    /// # Errors
    /// Contested when somebody came or the room or the right changed meanwhile.
    pub async fn close_to_public(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        after_a_race: bool,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let room = moderator.room();
        let (users, sessions) = partition.outsiders(occasion.now);
        let disinvited = !users.is_empty() || !sessions.is_empty();
        let saying = Saying::by(moderator.member(), Verb::GuestsDisallowed, occasion);
        let mut news = self.close(moderator, partition, after_a_race, Some(saying)).await?;
        if disinvited {
            news = news.and(&room.token, Event::Disinvited { users, sessions });
        }
        Ok(if room.is_public() { news.and(&room.token, Event::Updated) } else { news })
    }

    /// Removes guests and followers whom a crash left from the public time of a room that is no longer public; in
    /// a public room, nobody.
    ///
    /// # Errors
    /// Contested when somebody came or the room changed meanwhile.
    pub async fn remove_leftovers(
        &self,
        moderator: &Moderator,
        partition: &Partition,
    ) -> Result<News, Error> {
        if moderator.room().is_public() {
            return Ok(News::none());
        }
        self.close(moderator, partition, false, None).await
    }

    async fn close(
        &self,
        moderator: &Moderator,
        partition: &Partition,
        after_a_race: bool,
        saying: Option<Saying>,
    ) -> Result<News, Error> {
        let room = moderator.room();
        if partition.room.as_ref().is_none_or(|item| item.room_type != room.room_type) {
            return Err(Error::Contested);
        }
        if !room.is_public() {
            return self.write_in_order(outsiders(partition, room)?).await;
        }
        let closed = Room { room_type: RoomType::Group, ..room.clone() };
        let change = Change::default().set("room_type", &RoomType::Group)?;
        let removals = outsiders(partition, &closed)?.0;
        let mut first = Transaction::default();
        let condition = if after_a_race { same_type(room)? } else { unvisited(partition)? };
        say(&mut first, room, saying, change, condition)?;
        demand_moderator(&mut first, moderator)?;
        if after_a_race || !removals.is_empty() {
            // Readers see them no more, even before their rows go.
            first.moves(&room.token);
        }
        if after_a_race {
            let closing = self.write(first).await?;
            let partition = self.stored_partition(&room.token).await?;
            return Ok(closing.then(self.write_in_order(outsiders(&partition, &closed)?).await?));
        }
        let mut batches = Batches::default();
        batches.add(first);
        for removal in removals {
            batches.add(removal);
        }
        self.write_in_order(batches).await
    }

    /// Removes what stays of a room that somebody else left half filled or half emptied, or of a row
    /// whose room is gone. Does nothing while the other one may still be at it.
    ///
    /// # Errors
    /// When the table fails, or contested.
    pub async fn clean(&self, user: &UserId, partition: &Partition, now: Timestamp) -> Result<News, Error> {
        match partition.room.as_ref().map(|room| room.hidden_since) {
            Some(Some(since)) if since <= now.minus(HIDING_SECONDS) => self.empty(partition).await,
            Some(_) => Ok(News::none()),
            None => self.forget_row(user, partition).await,
        }
    }

    /// Takes a user out of a room that readers do not see, even if somebody is filling or emptying it.
    pub(super) async fn forget_row(&self, user: &UserId, partition: &Partition) -> Result<News, Error> {
        let nothing = UserRow::default();
        let row = partition.users.get(user).unwrap_or(&nothing);
        let mut transaction = Transaction::default();
        take_out_row(&mut transaction, &partition.token, user, row)?;
        self.write(transaction).await
    }

    /// Removes what is in a hidden room, and the room. A room that readers see is left alone.
    pub(super) async fn finish_removal(&self, token: &Token) -> Result<News, Error> {
        let partition = self.stored_partition(token).await?;
        match &partition.room {
            Some(room) if room.hidden_since.is_some() => self.empty(&partition).await,
            _ => Ok(News::none()),
        }
    }

    /// Removes a room that was read and belongs to nobody: then it is not there.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn heal(&self, partition: Partition, now: Timestamp) -> Result<(Partition, News), Error> {
        if !partition.is_abandoned(now) {
            return Ok((partition, News::none()));
        }
        match Box::pin(self.remove_abandoned(&partition, now)).await {
            Err(error) if error.is_contested() => {
                Ok((self.stored_partition(&partition.token).await?, News::none()))
            }
            Ok(news) => Ok((partition.without_room(), news)),
            // What could not be removed now is removed at the next look, and seen by nobody meanwhile.
            Err(_) => {
                let deleted = Event::Deleted(partition.users());
                let news = News::none().and(&partition.token, deleted);
                Ok((partition.without_room(), news))
            }
        }
    }

    /// Removes a room to which nobody belongs any more, unless somebody came meanwhile.
    async fn remove_abandoned(&self, partition: &Partition, now: Timestamp) -> Result<News, Error> {
        if partition.room.as_ref().is_some_and(|room| room.hidden_since.is_some()) {
            let news = self.empty(partition).await?;
            return Ok(news.and(&partition.token, Event::Deleted(partition.users())));
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

    pub(super) async fn remove_room(
        &self,
        partition: &Partition,
        moderator: Option<&Moderator>,
        now: Timestamp,
    ) -> Result<News, Error> {
        let token = &partition.token;
        let room = partition.room.clone().ok_or(Denial::NotFound)?.room(token);
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
            return Ok(self.write(whole).await?.and(token, Event::Deleted(partition.users())));
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
    ) -> Result<News, Error> {
        let token = &partition.token;
        let room = partition.room.clone().ok_or(Denial::NotFound)?.room(token);
        let mut hide = Transaction::default();
        hide.update(Key::room(token), Change::default().set("hidden_since", &now)?, condition);
        release_pair(&mut hide, &room)?;
        if let Some(moderator) = moderator {
            demand_moderator(&mut hide, moderator)?;
        }
        let hidden = self.write(hide).await?.waking(token, Signal::People);
        // The room is gone, and that is what was asked for. What resists is removed when one of its
        // members next lists rooms.
        for _ in 0..CLEANING_ATTEMPTS {
            if self.finish_removal(token).await.is_ok() {
                break;
            }
        }
        Ok(hidden.and(token, Event::Deleted(partition.users())))
    }

    /// Removes what is in a hidden room; the last transaction takes the room itself along, so that as
    /// long as there is anything, somebody's mirror leads to it.
    async fn empty(&self, partition: &Partition) -> Result<News, Error> {
        let mut batches = Batches::default();
        for removal in removals(partition)? {
            batches.add(removal);
        }
        let mut last = batches.0.pop().unwrap_or_default();
        last.delete(Key::room(&partition.token), Condition::default().has("hidden_since"));
        let emptied = self.write_all(batches.0).await?;
        Ok(emptied.then(self.write(last).await?))
    }

    /// The first batch decides; the others follow side by side.
    async fn write_in_order(&self, batches: Batches) -> Result<News, Error> {
        let mut batches = batches.0.into_iter();
        let first = match batches.next() {
            Some(first) => self.write(first).await?,
            None => News::none(),
        };
        Ok(first.then(self.write_all(batches.collect()).await?))
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

/// Everybody who cannot be in `room` as it is.
fn outsiders(partition: &Partition, room: &Room) -> Result<Batches, Error> {
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

/// One transaction for everybody in the room, guests and groups first: they have no mirror that leads here.
fn removals(partition: &Partition) -> Result<Vec<Transaction>, Error> {
    let mut removals: Vec<Transaction> =
        partition.guests.iter().map(|guest| guest_removal(&partition.token, guest)).collect();
    for group in &partition.groups {
        let mut transaction = Transaction::default();
        transaction.delete(Key::invited_group(&partition.token, group), Condition::default());
        removals.push(transaction);
    }
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
