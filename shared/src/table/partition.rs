//! Everything that lies under one room's key, readable or not.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::client::{MAX_SIDE_BY_SIDE, Table};
use super::error::Error;
use super::item::{
    Attributes, GuestPresenceItem, ParticipantItem, RoomItem, UserPresenceItem, from_attributes,
};
use super::key::{GROUP_PREFIX, GUEST_PRESENCE_PREFIX, Key, ROOM, USER_PREFIX, USER_PRESENCE_PREFIX};
use super::standing::Standing;
use crate::domain::account::{GroupId, UserId};
use crate::domain::attendee::{Actor, AttendeeId};
use crate::domain::chat::MarkerId;
use crate::domain::occupancy::{Guest, Occupancy, Occupant};
use crate::domain::permission::{Attendee, Target};
use crate::domain::room::{ParticipantType, SessionId, Token};
use crate::domain::time::Timestamp;

/// A room that was made, or hidden, this many seconds ago is not half made or half removed any more.
const SETTLING_SECONDS: i64 = 120;

/// The rooms that one request reads. DynamoDB takes 50; fewer keep a request short whose rooms have thousands of
/// people, and which is read page by page.
const PARTITIONS_AT_ONCE: usize = 25;

/// Everything that lies under one room's key, with what readers do not see: the dead, the left over
/// and a room that is being filled or emptied.
pub struct Partition {
    pub(super) token: Token,
    pub(super) room: Option<RoomItem>,
    pub(super) users: BTreeMap<UserId, UserRow>,
    pub(super) guests: Vec<(Key, GuestPresenceItem)>,
    pub(super) groups: Vec<GroupId>,
}

/// What lies under a room's key for one user.
#[derive(Default)]
pub(super) struct UserRow {
    pub(super) participant: Option<ParticipantItem>,
    pub(super) presence: Option<UserPresenceItem>,
}

impl UserRow {
    /// The row, unless the person left.
    pub(super) fn present(&self) -> Option<&ParticipantItem> {
        self.participant.as_ref().filter(|item| item.is_present())
    }
}

impl Table {
    /// Reads a room with everybody in it, and leaves it as it is.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn stored_partition(&self, token: &Token) -> Result<Partition, Error> {
        let items = self.query(&Key::room_partition(token), "").await?;
        Partition::new(token, items)
    }

    /// Reads rooms with everybody in them, in the order of their tokens, and leaves them as they are: 25
    /// with each request, and the requests side by side.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn stored_partitions(&self, tokens: &[Token]) -> Result<Vec<Partition>, Error> {
        let batches: Vec<Vec<Token>> = tokens.chunks(PARTITIONS_AT_ONCE).map(<[Token]>::to_vec).collect();
        let partitions: Vec<Vec<Partition>> = stream::iter(batches)
            .map(|tokens| self.partition_batch(tokens))
            .buffered(MAX_SIDE_BY_SIDE)
            .try_collect()
            .await?;
        Ok(partitions.into_iter().flatten().collect())
    }

    async fn partition_batch(&self, tokens: Vec<Token>) -> Result<Vec<Partition>, Error> {
        let keys: Vec<String> = tokens.iter().map(Key::room_partition).collect();
        let mut items: HashMap<String, Vec<(Key, Attributes)>> = HashMap::new();
        for (key, attributes) in self.query_all(&keys).await? {
            match items.get_mut(&key.pk) {
                Some(known) => known.push((key, attributes)),
                None => _ = items.insert(key.pk.clone(), vec![(key, attributes)]),
            }
        }
        let partition = |(token, key)| Partition::new(token, items.remove(key).unwrap_or_default());
        tokens.iter().zip(&keys).map(partition).collect()
    }
}

impl Partition {
    pub(super) fn new(token: &Token, items: Vec<(Key, Attributes)>) -> Result<Self, Error> {
        let mut partition = Self {
            token: token.clone(),
            room: None,
            users: BTreeMap::new(),
            guests: Vec::new(),
            groups: Vec::new(),
        };
        for (key, attributes) in items {
            let user = |prefix| key.sk.strip_prefix(prefix).and_then(UserId::parse);
            if key.sk == ROOM {
                partition.room = Some(from_attributes(attributes)?);
            } else if key.sk.starts_with(GUEST_PRESENCE_PREFIX) {
                partition.guests.push((key, from_attributes(attributes)?));
            } else if let Some(user) = user(USER_PRESENCE_PREFIX) {
                partition.users.entry(user).or_default().presence = Some(from_attributes(attributes)?);
            } else if let Some(user) = user(USER_PREFIX) {
                partition.users.entry(user).or_default().participant =
                    Some(ParticipantItem::read(attributes)?);
            } else if let Some(group) = key.sk.strip_prefix(GROUP_PREFIX).and_then(GroupId::parse) {
                partition.groups.push(group);
            }
        }
        Ok(partition)
    }

    /// How far somebody in the room has read.
    pub(super) fn marker_of(&self, user: &UserId) -> Option<MarkerId> {
        Some(self.users.get(user)?.present()?.marker.id)
    }

    /// Whether somebody only followed the link of the room.
    pub(super) fn is_follower(&self, user: &UserId) -> bool {
        let row = self.users.get(user).and_then(UserRow::present);
        row.is_some_and(|row| row.participant_type == ParticipantType::SelfJoined)
    }

    /// Whether the room is there and belongs to nobody: those who are in it only while it is public do not
    /// keep it. A new room and its people are written together, but may be read apart, so what is new and
    /// unchanged is not abandoned, nor is what somebody may just be filling or emptying.
    pub(super) fn is_abandoned(&self, now: Timestamp) -> bool {
        let Some(item) = &self.room else { return false };
        let long_ago = now.minus(SETTLING_SECONDS);
        let is_settled = match item.hidden_since {
            Some(since) => since <= long_ago,
            None => item.revision > 0 || item.created_at <= long_ago,
        };
        let mut rows = self.users.values().filter_map(UserRow::present);
        is_settled && rows.all(|row| row.participant_type.needs_public_room())
    }

    /// The same after its room is gone.
    pub(super) fn without_room(self) -> Self {
        Self { room: None, ..self }
    }

    /// The guests who are gone for every reader, and whom DynamoDB has not deleted yet.
    pub(super) fn dead_guests(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.guests.iter().filter(move |(_, guest)| !guest.is_alive(now)).map(|(key, _)| key)
    }

    /// Everybody with a row, seen by readers or not.
    #[must_use]
    pub fn users(&self) -> Vec<UserId> {
        self.users.iter().filter(|(_, row)| row.present().is_some()).map(|(user, _)| user.clone()).collect()
    }

    /// Those who are in the room only while it is public, or are left over from that time: followers, and the
    /// sessions of guests.
    #[must_use]
    pub(super) fn outsiders(&self, now: Timestamp) -> (Vec<UserId>, Vec<SessionId>) {
        let is_follower = |row: &UserRow| {
            row.participant.as_ref().is_some_and(|item| item.participant_type.needs_public_room())
        };
        let followers = self.users.iter().filter(|(_, row)| is_follower(row)).map(|(user, _)| user.clone());
        let guests = self.guests.iter().filter(|(_, guest)| guest.is_alive(now));
        (followers.collect(), guests.map(|(_, guest)| guest.session_id.clone()).collect())
    }

    /// Somebody in the room, as a moderator names the person.
    #[must_use]
    pub fn target(&self, user: &UserId) -> Target {
        let row = self.users.get(user);
        Target {
            participant: row.and_then(UserRow::present).map(|item| item.clone().participant(user)),
            presence: row.and_then(|row| row.presence.clone()).map(UserPresenceItem::stored),
        }
    }

    /// Who or what in the room has this number.
    #[must_use]
    pub fn attendee(&self, number: i64, now: Timestamp) -> Option<Attendee> {
        let is = |actor: Actor<'_>| AttendeeId::of(&self.token, actor).is(number);
        let occupancy = self.occupancy(now)?;
        let user = occupancy.users.iter().find(|occupant| is(Actor::User(&occupant.user)));
        let guest = || occupancy.guests.iter().find(|guest| is(Actor::Guest(&guest.name())));
        let group = || occupancy.groups.iter().find(|group| is(Actor::Group(group)));
        user.map(|occupant| Attendee::User(self.target(&occupant.user)))
            .or_else(|| guest().map(|guest| Attendee::Guest(guest.session.clone())))
            .or_else(|| group().map(|group| Attendee::Group(group.clone())))
    }

    /// Where a user stands in the room.
    #[must_use]
    pub fn standing(&self, user: &UserId) -> Standing {
        let participant = self.users.get(user).and_then(UserRow::present);
        Standing {
            room: self.room.clone().and_then(|room| room.visible(&self.token)),
            row: participant.map(|participant| participant.clone().participant(user)),
        }
    }

    /// The room as readers see it at this moment; `None` when there is none for them.
    #[must_use]
    pub fn occupancy(&self, now: Timestamp) -> Option<Occupancy> {
        let room = self.room.clone()?.visible(&self.token)?;
        let rows = self.users.iter().filter_map(|(user, row)| {
            let participant = row.participant.clone().filter(|item| room.admits(item.participant_type))?;
            Some((user, participant, row.presence.clone().and_then(|presence| presence.alive(now))))
        });
        let (mut users, mut absent) = (Vec::new(), Vec::new());
        for (user, item, presence) in rows {
            if item.is_present() {
                users.push(Occupant::new(item.participant(user), presence.as_ref(), now));
            } else {
                absent.push(item.participant(user));
            }
        }
        let mut guests: Vec<Guest> = self
            .guests
            .iter()
            .filter(|(_, guest)| room.is_public() && guest.is_alive(now))
            .map(|(_, guest)| guest.guest(now))
            .collect();
        // Stable: those who pinged in the same second stay in the order of their keys.
        users.sort_by_key(|occupant| std::cmp::Reverse(occupant.last_ping));
        guests.sort_by_key(|guest| std::cmp::Reverse(guest.last_ping));
        Some(Occupancy { room, users, guests, groups: self.groups.clone(), absent, now })
    }
}
