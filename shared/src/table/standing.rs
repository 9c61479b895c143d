//! What decides a right: where somebody stands in a room, read in one round trip.

use super::client::{Items, Table};
use super::error::Error;
use super::item::{AccountItem, ParticipantItem, RoomItem, UserPresenceItem};
use super::key::Key;
use crate::domain::account::{Account, UserId};
use crate::domain::denial::Denial;
use crate::domain::identity::User;
use crate::domain::permission::{Found, Member, Target};
use crate::domain::room::{Participant, Room, Token};

/// A caller's place in a room, as it was read to decide a permission.
pub struct Standing {
    /// The room, unless there is none.
    pub room: Option<Room>,
    /// The caller's row in it.
    pub row: Option<Participant>,
}

impl Standing {
    /// The room, if it exists for the caller.
    ///
    /// # Errors
    /// Not found otherwise.
    pub fn found(self) -> Result<Found, Denial> {
        Found::new(self.room, self.row.map(|row| row.participant_type))
    }

    /// The caller as a member of the room.
    ///
    /// # Errors
    /// Not found when the room does not exist for the caller, or the caller has no row in it.
    pub fn member(self, user: &User) -> Result<Member, Denial> {
        let row = self.row.clone();
        let member = self.found()?.member(user)?;
        Ok(match row {
            Some(row) => member.with(row),
            None => member,
        })
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

impl Table {
    /// Where the caller stands in a room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn standing(&self, token: &Token, user: &UserId) -> Result<Standing, Error> {
        let items = self.get_all(&[Key::room(token), Key::participant(token, user)]).await?;
        standing(&items, token, user)
    }

    /// Where the caller and another person stand in a room. A `target` of `None` is somebody who
    /// cannot exist.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn standing_and_target(
        &self,
        token: &Token,
        user: &UserId,
        target: Option<&UserId>,
    ) -> Result<TargetReading, Error> {
        let mut keys = vec![Key::room(token), Key::participant(token, user)];
        if let Some(target) = target {
            keys.extend([
                Key::participant(token, target),
                Key::user_presence(token, target),
                Key::account(target),
            ]);
        }
        let items = self.get_all(&keys).await?;
        let standing = standing(&items, token, user)?;
        let Some(user) = target else {
            return Ok(TargetReading { standing, target: Target::default(), account: None });
        };
        let participant = row(&items, token, user)?;
        let presence = items.read::<UserPresenceItem>(&Key::user_presence(token, user))?;
        let target = Target {
            participant: participant.map(|item| item.participant(user)),
            presence: presence.map(UserPresenceItem::stored),
        };
        Ok(TargetReading { standing, target, account: account(&items, user)? })
    }
}

/// Where somebody stands, by a batch that has both keys.
pub(super) fn standing(items: &Items, token: &Token, user: &UserId) -> Result<Standing, Error> {
    let room = items.read::<RoomItem>(&Key::room(token))?;
    let row = row(items, token, user)?;
    Ok(Standing {
        room: room.and_then(|room| room.visible(token)),
        row: row.map(|row| row.participant(user)),
    })
}

/// Somebody's row, by a batch that has its key; `None` for somebody who left.
pub(super) fn row(items: &Items, token: &Token, user: &UserId) -> Result<Option<ParticipantItem>, Error> {
    let item = items.read::<ParticipantItem>(&Key::participant(token, user))?;
    Ok(item.and_then(ParticipantItem::present))
}

/// An account, by a batch that has its key; `None` while it is being removed.
pub(super) fn account(items: &Items, user: &UserId) -> Result<Option<Account>, Error> {
    let item = items.read::<AccountItem>(&Key::account(user))?;
    Ok(item.and_then(|item| item.present(user)))
}
