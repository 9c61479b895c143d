//! Those whom a moderator names, and what may be done with them.

use crate::domain::account::GroupId;
use crate::domain::denial::Denial;
use crate::domain::permissions::Permissions;
use crate::domain::room::{Participant, Presence, Room, SessionId};

/// Somebody or something in a room that a moderator names by its number.
pub enum Attendee {
    User(Target),
    Guest(SessionId),
    Group(GroupId),
}

/// Somebody whom a moderator names, as the table knows the person.
#[derive(Default)]
pub struct Target {
    /// The row in the room, if any.
    pub participant: Option<Participant>,
    /// The presence in the room, if any.
    pub presence: Option<Presence>,
}

pub(super) struct KnownTarget {
    pub(super) participant: Participant,
    presence: Option<Presence>,
}

impl Target {
    pub(super) fn in_room(self, room: &Room) -> Result<KnownTarget, Denial> {
        let participant = self.participant.filter(|participant| room.admits(participant.participant_type));
        let participant = participant.ok_or(Denial::NotFound)?;
        Ok(KnownTarget { participant, presence: self.presence })
    }
}

/// Somebody who may be removed from a room that goes on.
pub struct Removable(pub(super) KnownTarget);

impl Removable {
    /// The row as it was seen.
    #[must_use]
    pub const fn participant(&self) -> &Participant {
        &self.0.participant
    }

    /// The presence as it was seen.
    #[must_use]
    pub const fn presence(&self) -> Option<&Presence> {
        self.0.presence.as_ref()
    }
}

/// Somebody whom a moderator may allow this or that in particular.
pub struct Restrictable {
    pub(super) participant: Participant,
    pub(super) permissions: Permissions,
}

impl Restrictable {
    pub(crate) const fn participant(&self) -> &Participant {
        &self.participant
    }

    /// What the person may do in the end, so far.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }
}

/// A follower of a link who is invited, and so stays.
pub struct Settled(pub(super) Participant);

impl Settled {
    pub(crate) const fn participant(&self) -> &Participant {
        &self.0
    }
}

/// Somebody who may become a moderator.
pub struct Promotable(pub(crate) Participant);

/// A moderator who may become a plain user.
pub struct Demotable(pub(crate) Participant);
