//! The rooms of a person as API v4 lists them: without a query for each, because phones ask every half minute.

use super::client::{Items, Table};
use super::error::Error;
use super::item::{CALLED_SINCE, LISTED, MyRoomItem, ParticipantItem, RoomItem, from_attributes};
use super::key::Key;
use super::partition::Partition;
use super::steps::unvisited;
use super::transaction::Change;
use crate::domain::account::UserId;
use crate::domain::occupancy::Occupancy;
use crate::domain::room::{Participant, Room, Token};
use crate::domain::status::Status;
use crate::domain::time::Timestamp;

/// A room of somebody, with as much of it and of its people as a list shows.
pub struct Listed {
    pub room: Room,
    /// The row of the person whose list it is.
    pub own: Participant,
    /// The other one of a one-to-one room.
    pub other: Option<Participant>,
    /// What that one says of itself, where it was asked for.
    pub status: Option<Status>,
}

/// The rooms of somebody.
#[derive(Default)]
pub struct Listing {
    /// Those that are shown by this alone.
    pub listed: Vec<Listed>,
    /// Those of which everybody has to be read: they have no name, somebody may be in the call, or nothing but leftovers
    /// of them is there.
    pub to_read: Vec<Token>,
}

impl Table {
    /// The rooms of a person in which something happened since a moment, in two round trips.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn my_conversations(
        &self,
        user: &UserId,
        since: Timestamp,
        wants_statuses: bool,
    ) -> Result<Listing, Error> {
        let mirrors = self.my_mirrors(user).await?;
        let mirrors: Vec<_> = mirrors.into_iter().filter(|(_, mirror)| mirror.left_at.is_none()).collect();
        let mut keys = Vec::with_capacity(mirrors.len().saturating_mul(3));
        for (token, mirror) in &mirrors {
            keys.extend([Key::room(token), Key::participant(token, user)]);
            keys.extend(mirror.other.as_ref().map(|other| Key::participant(token, other)));
            keys.extend(mirror.other.as_ref().filter(|_| wants_statuses).map(Key::status));
        }
        let mut items = self.get_parts(&keys, &LISTED).await?;
        let mut listing = Listing::default();
        for (token, MyRoomItem { other, .. }) in mirrors {
            let room = items
                .take(&Key::room(&token))
                .map(from_attributes::<RoomItem>)
                .transpose()?
                .and_then(|item| item.visible(&token));
            let own = take_row(&mut items, &token, user)?
                .and_then(ParticipantItem::present)
                .filter(|_| room.is_some());
            let (Some(room), Some(own)) = (room, own.map(|item| item.participant(user))) else {
                listing.to_read.push(token);
                continue;
            };
            if room.last_activity() < since {
                continue;
            }
            let other = match other.filter(|_| room.is_one_to_one()) {
                // Whoever left is the other one all the same.
                Some(other) => take_row(&mut items, &token, &other)?.map(|item| item.participant(&other)),
                None => None,
            };
            let has_name = if room.is_one_to_one() { other.is_some() } else { !room.name.is_empty() };
            let status = match other.as_ref().filter(|_| wants_statuses) {
                Some(other) => Some(items.read::<Status>(&Key::status(&other.user))?.unwrap_or_default()),
                None => None,
            };
            if has_name && room.called_since.is_none() && room.admits(own.participant_type) {
                listing.listed.push(Listed { room, own, other, status });
            } else {
                listing.to_read.push(token);
            }
        }
        Ok(listing)
    }

    /// Notes that nobody is in the call of a room, so that lists need not look; what was allowed during the call ends with
    /// it. If somebody joined since the room was read, it stays as it is.
    pub async fn note_quiet(&self, partition: &Partition, now: Timestamp) {
        let is_quiet =
            |room: &Occupancy| room.room.called_since.is_some() && room.sessions().next().is_none();
        if !partition.occupancy(now).as_ref().is_some_and(is_quiet) {
            return;
        }
        let change = Change::default().remove(CALLED_SINCE).remove("call_permissions");
        if let Ok(condition) = unvisited(partition) {
            // Where it fails, the next list looks again.
            let _ = self.update(&Key::room(&partition.token), change, condition).await;
        }
    }
}

/// Somebody's row, also of one who left.
fn take_row(items: &mut Items, token: &Token, user: &UserId) -> Result<Option<ParticipantItem>, Error> {
    items.take(&Key::participant(token, user)).map(ParticipantItem::read).transpose()
}
