//! Making and changing rooms.

use super::chat::{Saying, say};
use super::client::Table;
use super::error::Error;
use super::item::{GroupItem, MyRoomItem, PairItem, RoomItem, from_attributes};
use super::key::{Key, ROOM_PREFIX};
use super::standing::account;
use super::steps::{
    MAX_ROOMS, Place, demand_moderator, is_present, release_pair, same_type, seat, seat_maker, seat_member,
};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::account::{Account, GroupId, UserId};
use crate::domain::chat::{ChatHead, Marker, MarkerId, Occasion, Verb};
use crate::domain::denial::Denial;
use crate::domain::identity::User;
use crate::domain::name::visible;
use crate::domain::news::{Event, News};
use crate::domain::permission::Moderator;
use crate::domain::permissions::Permissions;
use crate::domain::room::{Object, Pair, ParticipantType, RoomType, Token};
use crate::domain::secret::PasswordHash;
use crate::domain::time::Timestamp;

/// Putting somebody in takes three actions: the row, its mirror, and a check of the group.
const ACTIONS_PER_MEMBER: usize = 3;
/// The room, and its first message.
const ACTIONS_FOR_THE_ROOM: usize = 2;

/// What has to be known to give two people a room.
pub struct PairReading {
    /// The room that they have already, and whether the one who asks left it.
    pub existing: Option<(Token, bool)>,
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
    /// The name; may be empty.
    pub name: String,
    /// What the room is made for, if its maker says so.
    pub object: Object,
    /// The present moment.
    pub occasion: Occasion,
}

impl NewRoom {
    fn item(&self, room_type: RoomType, pair: Option<Pair>) -> RoomItem {
        RoomItem {
            id: self.id,
            room_type,
            name: self.name.clone(),
            description: String::new(),
            password_hash: None,
            pair,
            created_at: self.occasion.now,
            revision: 0,
            guests: 0,
            guessed_until: Timestamp::default(),
            hidden_since: None,
            object_type: self.object.kind.clone(),
            object_id: self.object.id.clone(),
            read_only: false,
            default_permissions: Permissions::UNSET,
            call_permissions: Permissions::UNSET,
            called_since: None,
            said: None,
            chat: ChatHead::default(),
            common_read: MarkerId::default(),
            common_read_at: self.occasion.now,
            reads: 0,
            absent: None,
        }
    }
}

impl NewRoom {
    /// Makes the room, which says who made it.
    fn make(
        &self,
        transaction: &mut Transaction,
        mut item: RoomItem,
        creator: &Account,
    ) -> Result<(), Error> {
        let saying = Saying::of(&creator.id, &creator.display_name, Verb::ConversationCreated, self.occasion);
        let (head, message) = item.chat.after(saying.message, saying.names);
        transaction.put(Key::said(&self.token, message.id), &message, Condition::missing())?;
        item.said = Some(head.said);
        item.chat = head;
        transaction.put(Key::room(&self.token), &item, Condition::missing())
    }
}

impl Table {
    /// The tokens of all rooms to which a user belongs.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn my_rooms(&self, user: &UserId) -> Result<Vec<Token>, Error> {
        let mirrors = self.my_mirrors(user).await?;
        Ok(mirrors
            .into_iter()
            .filter(|(_, mirror)| mirror.left_at.is_none())
            .map(|(token, _)| token)
            .collect())
    }

    /// The same with the one-to-one rooms that the user left and the other one keeps.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn rooms_with_my_name(&self, user: &UserId) -> Result<Vec<Token>, Error> {
        Ok(self.my_mirrors(user).await?.into_iter().map(|(token, _)| token).collect())
    }

    pub(super) async fn my_mirrors(&self, user: &UserId) -> Result<Vec<(Token, MyRoomItem)>, Error> {
        let items = self.query(&Key::user_partition(user), ROOM_PREFIX).await?;
        let mirrors = items.into_iter().filter_map(|(key, attributes)| {
            let token = Token::parse(key.sk.strip_prefix(ROOM_PREFIX)?)?;
            Some(from_attributes(attributes).map(|mirror| (token, mirror)))
        });
        mirrors.collect()
    }

    /// Makes a room with nobody but its maker in it.
    ///
    /// # Errors
    /// Contested when the token is taken or the creator's account changed.
    pub async fn create_room(
        &self,
        new: &NewRoom,
        room_type: RoomType,
        creator: &Account,
    ) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        new.make(&mut transaction, new.item(room_type, None), creator)?;
        seat_maker(&mut transaction, &new.token, creator, None)?;
        self.write(transaction).await
    }

    /// Lets a person make rooms as long as there are not too many of them.
    ///
    /// # Errors
    /// Too many when there are, contested when the person makes one at this moment.
    pub async fn count_rooms(&self, creator: &Account) -> Result<(), Error> {
        if creator.rooms < MAX_ROOMS {
            return Ok(());
        }
        let mirrors = self.my_mirrors(&creator.id).await?;
        let rooms = mirrors.iter().map(|(_, mirror)| u64::from(mirror.is_own)).sum::<u64>();
        if rooms >= MAX_ROOMS {
            return Err(Denial::TooMany(format!(
                "You have made {MAX_ROOMS} rooms, which is the most that one person may have. Delete one first."
            ))
            .into());
        }
        let mut transaction = Transaction::default();
        let same = is_present().with("rooms", &creator.rooms)?;
        transaction.update(Key::account(&creator.id), Change::default().set("rooms", &rooms)?, same);
        self.write(transaction).await.map(|_| ())
    }

    /// Reads what decides whether two people get a new room.
    ///
    /// # Errors
    /// Not logged in when the creator's login has ended.
    pub async fn pair(&self, user: &User, invited: &UserId) -> Result<PairReading, Error> {
        let creator = user.id();
        let mut keys = vec![Key::account(creator), Key::account(invited)];
        let pair_key = Pair::new(creator, invited).map(|pair| Key::pair(&pair));
        keys.extend(pair_key.clone());
        let items = self.get_all(&keys).await?;
        let existing = match pair_key {
            Some(key) => {
                items.read::<PairItem>(&key)?.map(|pair| (pair.token, pair.left.as_ref() == Some(creator)))
            }
            None => None,
        };
        Ok(PairReading {
            existing,
            creator: user.still(account(&items, creator)?)?,
            invited: account(&items, invited)?,
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
    ) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        let item = PairItem { token: new.token.clone(), left: None };
        transaction.put(Key::pair(pair), &item, Condition::missing())?;
        let room = new.item(RoomType::OneToOne, Some(pair.clone()));
        new.make(&mut transaction, room, creator)?;
        seat_maker(&mut transaction, &new.token, creator, Some(&invited.id))?;
        let place = Place { other: Some(&creator.id), marker: Marker::default() };
        seat(&mut transaction, &new.token, invited, ParticipantType::Owner, place)?;
        Ok(self.write(transaction).await?.and(&new.token, Event::Invited(vec![invited.id.clone()])))
    }

    /// Makes a room for all members of a group, named after it where it has no name of its own.
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
    ) -> Result<News, Error> {
        let others: Vec<_> = members.iter().filter(|(user, _)| *user != creator.id).collect();
        let invited = Event::Invited(others.iter().map(|(user, _)| user.clone()).collect());
        let mut first = Transaction::default();
        let mut room = new.item(RoomType::Group, None);
        if room.name.is_empty() {
            room.name = visible(group.as_str());
        }
        let mut seats = Transaction::default();
        seats.put(Key::invited_group(&new.token, group), &GroupItem {}, Condition::default())?;
        seat_maker(&mut seats, &new.token, creator, None)?;
        let is_small = ACTIONS_FOR_THE_ROOM + seats.len() + others.len() * ACTIONS_PER_MEMBER <= MAX_ACTIONS;
        if !is_small {
            room.hidden_since = Some(new.occasion.now);
        }
        new.make(&mut first, room, creator)?;
        first.append(seats);
        if is_small {
            for (user, name) in others {
                seat_member(&mut first, &new.token, group, user, name, Marker::default())?;
            }
            return Ok(self.write(first).await?.and(&new.token, invited));
        }
        let made = self.write(first).await?;
        match self.fill(new, group, &others).await {
            Ok(filled) => Ok(made.then(filled).and(&new.token, invited)),
            Err(error) => {
                // Nobody sees the room; what cannot be cleaned now is cleaned when a member lists rooms.
                let _ = self.finish_removal(&new.token).await;
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        new: &NewRoom,
        group: &GroupId,
        members: &[&(UserId, String)],
    ) -> Result<News, Error> {
        let transactions: Vec<Transaction> = members
            .chunks(MAX_ACTIONS / ACTIONS_PER_MEMBER)
            .map(|chunk| {
                let mut transaction = Transaction::default();
                for (user, name) in chunk {
                    seat_member(&mut transaction, &new.token, group, user, name, Marker::default())?;
                }
                Ok(transaction)
            })
            .collect::<Result<_, Error>>()?;
        let seated = self.write_all(transactions).await?;
        let mut reveal = Transaction::default();
        let hidden = Condition::exists().with("hidden_since", &new.occasion.now)?;
        reveal.update(Key::room(&new.token), Change::default().remove("hidden_since"), hidden);
        Ok(seated.then(self.write(reveal).await?))
    }

    /// Gives the room a name.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn rename_room(
        &self,
        moderator: &Moderator,
        name: &str,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let old = &moderator.room().name;
        let is_told = !old.is_empty() && !name.is_empty() && old != name;
        let saying = is_told.then(|| {
            let saying = Saying::by(moderator.member(), Verb::ConversationRenamed, occasion);
            saying.naming("old", old).naming("new", name)
        });
        let news = self.change_room(moderator, Change::default().set("name", &name)?, saying).await?;
        Ok(news.and(&moderator.room().token, Event::Updated))
    }

    /// Says what the room is for.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn describe_room(
        &self,
        moderator: &Moderator,
        description: &str,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let verb = if description.is_empty() { Verb::DescriptionRemoved } else { Verb::DescriptionSet };
        let is_told = moderator.room().description != description;
        let saying = is_told.then(|| Saying::by(moderator.member(), verb, occasion));
        self.change_room(moderator, Change::default().set("description", &description)?, saying).await
    }

    /// Lets nobody write, react or call any more, or lets them again.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn set_read_only(
        &self,
        moderator: &Moderator,
        is_read_only: bool,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let verb = if is_read_only { Verb::ReadOnly } else { Verb::ReadOnlyOff };
        let is_told = moderator.room().is_read_only != is_read_only;
        let saying = is_told.then(|| Saying::by(moderator.member(), verb, occasion));
        self.change_room(moderator, Change::default().set("read_only", &is_read_only)?, saying).await
    }

    /// Sets or removes the password of the room.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn set_room_password(
        &self,
        moderator: &Moderator,
        password: Option<&PasswordHash>,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let verb = if password.is_some() { Verb::PasswordSet } else { Verb::PasswordRemoved };
        let is_told = password.is_some() || moderator.room().password.is_some();
        let saying = is_told.then(|| Saying::by(moderator.member(), verb, occasion));
        self.change_room(moderator, Change::default().assign("password_hash", password)?, saying).await
    }

    async fn change_room(
        &self,
        moderator: &Moderator,
        change: Change,
        saying: Option<Saying>,
    ) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        say(&mut transaction, moderator.room(), saying, change, same_type(moderator.room())?)?;
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }

    /// Lets everybody in who knows the token. Two people's own room becomes one of many.
    ///
    /// # Errors
    /// Contested when the room or the caller's right changed meanwhile.
    pub async fn open_to_public(&self, moderator: &Moderator, occasion: Occasion) -> Result<News, Error> {
        let room = moderator.room();
        let mut transaction = Transaction::default();
        let change = Change::default().set("room_type", &RoomType::Public)?.remove("pair").remove("absent");
        let saying = Saying::by(moderator.member(), Verb::GuestsAllowed, occasion);
        say(&mut transaction, room, [saying], change, same_type(room)?)?;
        release_pair(&mut transaction, room)?;
        demand_moderator(&mut transaction, moderator)?;
        Ok(self.write(transaction).await?.and(&room.token, Event::Updated))
    }
}
