//! Making and changing rooms.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::item::{MyRoomItem, PairItem, ParticipantItem, RoomItem, from_attributes};
use super::key::{Key, ROOM_PREFIX};
use super::removal::room_visible;
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use super::{MAX_SIDE_BY_SIDE, Table};
use crate::account::{Account, GroupId, UserId};
use crate::name::{RoomName, visible};
use crate::permission::{Found, Moderator, Target};
use crate::refusal::Refusal;
use crate::room::{Pair, ParticipantType, Room, RoomType, Token};
use crate::secret::PasswordHash;
use crate::time::Timestamp;

/// The most rooms that one person has made and is in.
const MAX_ROOMS: u64 = 500;
/// Putting somebody in takes three actions: the row, its mirror, and a check of the group.
const ACTIONS_PER_MEMBER: usize = 3;

/// A caller's place in a room, as it was read to decide a permission.
pub struct Standing {
    /// The room, unless there is none.
    pub room: Option<Room>,
    /// What the caller is in it.
    pub row: Option<ParticipantType>,
}

impl Standing {
    /// The room, if it exists for the caller.
    ///
    /// # Errors
    /// 404 otherwise.
    pub fn found(self) -> Result<Found, Refusal> {
        Found::new(self.room, self.row)
    }
}

/// A caller's place in a room, and that of somebody whom the caller names.
pub struct TargetReading {
    /// The caller's place.
    pub standing: Standing,
    /// The person's place.
    pub target: Target,
    /// The person's account.
    pub account: Option<Account>,
}

/// What has to be known to give two people a room.
pub struct PairReading {
    /// The room that they have already.
    pub existing: Option<Token>,
    /// The one who asks.
    pub creator: Account,
    /// The one who is invited.
    pub invited: Option<Account>,
}

/// What is drawn for a room before it is made.
pub struct NewRoom {
    /// The token; making the room is contested when another room has it.
    pub token: Token,
    /// The number.
    pub id: u64,
    /// The present moment.
    pub now: Timestamp,
}

impl NewRoom {
    fn item(&self, room_type: RoomType, name: &str, pair: Option<Pair>) -> RoomItem {
        RoomItem {
            id: self.id,
            room_type,
            name: name.to_owned(),
            password_hash: None,
            pair,
            created_at: self.now,
            revision: 0,
            guests: 0,
            hidden_since: None,
        }
    }
}

impl Table {
    /// Where the caller stands in a room.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn standing(&self, token: &Token, user: &UserId) -> Result<Standing, Refusal> {
        let items = self.get_all(&[Key::room(token), Key::participant(token, user)]).await?;
        standing(&items, token, user)
    }

    /// Where the caller and another person stand in a room. A `target` of `None` is somebody who
    /// cannot exist.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn standing_and_target(
        &self,
        token: &Token,
        user: &UserId,
        target: Option<&UserId>,
    ) -> Result<TargetReading, Refusal> {
        let mut keys = vec![Key::room(token), Key::participant(token, user)];
        if let Some(target) = target {
            keys.extend([
                Key::participant(token, target),
                Key::user_presence(token, target),
                Key::account(target),
            ]);
        }
        let items = self.get_all(&keys).await?;
        let mut reading = TargetReading {
            standing: standing(&items, token, user)?,
            target: Target::default(),
            account: None,
        };
        if let Some(target) = target {
            reading.target = super::participants::target(&items, token, target)?;
            reading.account = super::accounts::account(&items, target)?;
        }
        Ok(reading)
    }

    /// The tokens of all rooms in which a user has a row.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn my_rooms(&self, user: &UserId) -> Result<Vec<Token>, Refusal> {
        let items = self.query(&Key::user_partition(user), ROOM_PREFIX).await?;
        Ok(items.iter().filter_map(|(key, _)| Token::parse(key.sk.strip_prefix(ROOM_PREFIX)?)).collect())
    }

    /// Makes a public room without a name.
    ///
    /// # Errors
    /// Contested when the token is taken or the creator's account changed.
    pub async fn create_public_room(&self, new: &NewRoom, creator: &Account) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        transaction.put(
            Key::room(&new.token),
            &new.item(RoomType::Public, "", None),
            Condition::missing(),
        )?;
        seat_maker(&mut transaction, &new.token, creator)?;
        self.write(transaction).await
    }

    /// Lets a person make rooms as long as there are not too many of them.
    ///
    /// # Errors
    /// 429 when there are, contested when the person makes one at this moment.
    pub async fn count_rooms(&self, creator: &Account) -> Result<(), Refusal> {
        if creator.rooms < MAX_ROOMS {
            return Ok(());
        }
        let mirrors = self.query(&Key::user_partition(&creator.id), ROOM_PREFIX).await?;
        let mut rooms = 0;
        for (_, attributes) in mirrors {
            rooms += u64::from(from_attributes::<MyRoomItem>(attributes)?.is_own);
        }
        if rooms >= MAX_ROOMS {
            return Err(Refusal::too_many(format!(
                "You have made {MAX_ROOMS} rooms, which is the most that one person may have. Delete one first."
            )));
        }
        let mut transaction = Transaction::default();
        let same = super::accounts::is_present().with("rooms", &creator.rooms)?;
        transaction.update(Key::account(&creator.id), Change::default().set("rooms", &rooms)?, same);
        self.write(transaction).await
    }

    /// Reads what decides whether two people get a new room.
    ///
    /// # Errors
    /// 401 when the creator's account went meanwhile.
    pub async fn pair(&self, creator: &UserId, invited: &UserId) -> Result<PairReading, Refusal> {
        let mut keys = vec![Key::account(creator), Key::account(invited)];
        let pair_key = Pair::new(creator, invited).map(|pair| Key::pair(&pair));
        keys.extend(pair_key.clone());
        let items = self.get_all(&keys).await?;
        let existing = match pair_key {
            Some(key) => items.read::<PairItem>(&key)?.map(|pair| pair.token),
            None => None,
        };
        Ok(PairReading {
            existing,
            creator: super::accounts::account(&items, creator)?.ok_or_else(Refusal::not_logged_in)?,
            invited: super::accounts::account(&items, invited)?,
        })
    }

    /// Makes the one room of two people, both of them owners.
    ///
    /// # Errors
    /// Contested when they have one by now.
    pub async fn create_one_to_one(
        &self,
        new: &NewRoom,
        pair: &Pair,
        creator: &Account,
        invited: &Account,
    ) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        let item = PairItem { token: new.token.clone() };
        transaction.put(Key::pair(pair), &item, Condition::missing())?;
        let room = new.item(RoomType::OneToOne, "", Some(pair.clone()));
        transaction.put(Key::room(&new.token), &room, Condition::missing())?;
        seat_maker(&mut transaction, &new.token, creator)?;
        seat(&mut transaction, &new.token, invited, ParticipantType::Owner)?;
        self.write(transaction).await
    }

    /// Makes a room for all members of a group, named after it.
    ///
    /// A room that does not fit one transaction stays hidden until everybody is in.
    ///
    /// # Errors
    /// Contested when the token is taken, or somebody left the group or was renamed meanwhile.
    pub async fn create_group_room(
        &self,
        new: &NewRoom,
        group: &GroupId,
        creator: &Account,
        members: &[(UserId, String)],
    ) -> Result<(), Refusal> {
        let others: Vec<_> = members.iter().filter(|(user, _)| *user != creator.id).collect();
        let mut first = Transaction::default();
        let mut room = new.item(RoomType::Group, &visible(group.as_str()), None);
        let mut seats = Transaction::default();
        seat_maker(&mut seats, &new.token, creator)?;
        let is_small = 1 + seats.len() + others.len() * ACTIONS_PER_MEMBER <= MAX_ACTIONS;
        if !is_small {
            room.hidden_since = Some(new.now);
        }
        first.put(Key::room(&new.token), &room, Condition::missing())?;
        first.append(seats);
        if is_small {
            for (user, name) in others {
                seat_member(&mut first, &new.token, group, user, name)?;
            }
            return self.write(first).await;
        }
        self.write(first).await?;
        let filled = self.fill(new, group, &others).await;
        if filled.is_err() {
            // Nobody sees the room; what cannot be cleaned now is cleaned when a member lists rooms.
            let _ = self.finish_removal(&new.token).await;
        }
        filled
    }

    async fn fill(
        &self,
        new: &NewRoom,
        group: &GroupId,
        members: &[&(UserId, String)],
    ) -> Result<(), Refusal> {
        let transactions: Vec<Transaction> = members
            .chunks(MAX_ACTIONS / ACTIONS_PER_MEMBER)
            .map(|chunk| {
                let mut transaction = Transaction::default();
                for (user, name) in chunk {
                    seat_member(&mut transaction, &new.token, group, user, name)?;
                }
                Ok(transaction)
            })
            .collect::<Result<_, Refusal>>()?;
        self.write_all(transactions).await?;
        let mut reveal = Transaction::default();
        let hidden = Condition::exists().with("hidden_since", &new.now)?;
        reveal.update(Key::room(&new.token), Change::default().remove("hidden_since"), hidden);
        self.write(reveal).await
    }

    /// Writes several transactions, some side by side; stops at the first that fails.
    pub(super) async fn write_all(&self, transactions: Vec<Transaction>) -> Result<(), Refusal> {
        stream::iter(transactions)
            .map(|transaction| self.write(transaction))
            .buffer_unordered(MAX_SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    /// Gives the room a name.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn rename_room(&self, moderator: &Moderator, name: &RoomName) -> Result<(), Refusal> {
        self.change_room(moderator, Change::default().set("name", name)?).await
    }

    /// Sets or removes the password of the room.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn set_room_password(
        &self,
        moderator: &Moderator,
        password: Option<&PasswordHash>,
    ) -> Result<(), Refusal> {
        self.change_room(moderator, Change::default().assign("password_hash", password)?).await
    }

    async fn change_room(&self, moderator: &Moderator, change: Change) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        transaction.update(Key::room(&moderator.room().token), change, same_type(moderator.room())?);
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }

    /// Lets everybody in who knows the token. Two people's own room becomes one of many.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn open_to_public(&self, moderator: &Moderator) -> Result<(), Refusal> {
        let room = moderator.room();
        let mut transaction = Transaction::default();
        let change = Change::default().set("room_type", &RoomType::Public)?.remove("pair");
        transaction.update(Key::room(&room.token), change, same_type(room)?);
        release_pair(&mut transaction, room)?;
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }
}

/// Puts in the one who makes the room, whose rooms are counted.
fn seat_maker(transaction: &mut Transaction, token: &Token, creator: &Account) -> Result<(), Refusal> {
    let row = ParticipantItem {
        participant_type: ParticipantType::Owner,
        display_name: creator.display_name.clone(),
    };
    transaction.put(Key::participant(token, &creator.id), &row, Condition::missing())?;
    transaction.put(Key::my_room(&creator.id, token), &MyRoomItem { is_own: true }, Condition::default())?;
    let may_make = super::accounts::unchanged(creator)?.missing_or_at_most("rooms", MAX_ROOMS - 1);
    transaction.update(Key::account(&creator.id), Change::default().add("rooms", 1), may_make);
    Ok(())
}

/// Puts somebody in who has an account, in a transaction of its own or with others.
pub(super) fn seat(
    transaction: &mut Transaction,
    token: &Token,
    account: &Account,
    participant_type: ParticipantType,
) -> Result<(), Refusal> {
    let row = ParticipantItem { participant_type, display_name: account.display_name.clone() };
    transaction.put(Key::participant(token, &account.id), &row, Condition::missing())?;
    transaction.put(Key::my_room(&account.id, token), &MyRoomItem::default(), Condition::default())?;
    transaction.check(Key::account(&account.id), super::accounts::unchanged(account)?);
    Ok(())
}

fn seat_member(
    transaction: &mut Transaction,
    token: &Token,
    group: &GroupId,
    user: &UserId,
    display_name: &str,
) -> Result<(), Refusal> {
    let row =
        ParticipantItem { participant_type: ParticipantType::User, display_name: display_name.to_owned() };
    transaction.put(Key::participant(token, user), &row, Condition::missing())?;
    transaction.put(Key::my_room(user, token), &MyRoomItem::default(), Condition::default())?;
    // Who is being removed leaves the groups first.
    let is_member = Condition::exists().with("display_name", &display_name)?;
    transaction.check(Key::group_member(group, user), is_member);
    Ok(())
}

/// The room is there and still of the type that was seen.
pub(super) fn same_type(room: &Room) -> Result<Condition, Refusal> {
    room_visible().with("room_type", &room.room_type)
}

/// The caller still has the right that was seen. To be called last: a transaction that changes the
/// caller's row demands it there.
pub(super) fn demand_moderator(transaction: &mut Transaction, moderator: &Moderator) -> Result<(), Refusal> {
    let member = moderator.member();
    let unchanged = Condition::exists().with("participant_type", &member.participant_type())?;
    transaction.check(Key::participant(&member.room().token, member.user()), unchanged);
    Ok(())
}

/// The two people of a one-to-one room may have another one.
pub(super) fn release_pair(transaction: &mut Transaction, room: &Room) -> Result<(), Refusal> {
    if let Some(pair) = &room.pair {
        transaction.delete(Key::pair(pair), Condition::exists().with("token", &room.token)?);
    }
    Ok(())
}

pub(super) fn standing(items: &super::Items, token: &Token, user: &UserId) -> Result<Standing, Refusal> {
    let room = items.read::<RoomItem>(&Key::room(token))?;
    let row = items.read::<ParticipantItem>(&Key::participant(token, user))?;
    Ok(Standing { room: room.and_then(|room| room.visible(token)), row: row.map(|row| row.participant_type) })
}
