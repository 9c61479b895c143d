//! The rules of API v4 where they are not those of v1 (`docs/api-v4.md#attendees`): two people's own room stays what it is,
//! and what does not fit is 400 where v1 says 405 or 412.

use super::found::{Member, Moderator};
use super::target::{Demotable, Promotable, Restrictable, Settled, Target};
use crate::domain::denial::Denial;
use crate::domain::occupancy::Occupancy;
use crate::domain::room::ParticipantType;

impl Member {
    /// Whether the caller may leave: a room with people in it keeps a moderator.
    ///
    /// # Errors
    /// Unsuitable for the last moderator, unless nobody else is left.
    pub fn may_leave(&self, room: &Occupancy) -> Result<(), Denial> {
        let mut others = room.users.iter().filter(|other| other.user != *self.user()).peekable();
        let is_moderator = self.participant_type().has_moderator_rights();
        if self.room().is_one_to_one() || !is_moderator || others.peek().is_none() {
            return Ok(());
        }
        if others.any(|other| other.participant_type.has_moderator_rights()) {
            return Ok(());
        }
        Err(Denial::Unsuitable("The last moderator cannot leave while others are in the room."))
    }
}

impl Moderator {
    /// Whether the room is one of many people, which alone can be changed.
    ///
    /// # Errors
    /// Unsuitable in a one-to-one room.
    pub fn demand_many(&self) -> Result<(), Denial> {
        if self.room().is_one_to_one() {
            Err(Denial::Unsuitable("A one-to-one room stays as it is."))
        } else {
            Ok(())
        }
    }

    /// Whether `target` may become a moderator.
    ///
    /// # Errors
    /// Not found without a row, unsuitable for everybody but users (type 3).
    pub fn may_make_moderator(&self, target: Target) -> Result<Promotable, Denial> {
        self.may_promote(target).map_err(unsuitable)
    }

    /// Whether `target` may become a plain user.
    ///
    /// # Errors
    /// Not found without a row, forbidden for oneself, unsuitable for everybody but moderators (type 2).
    pub fn may_unmake_moderator(&self, target: Target) -> Result<Demotable, Denial> {
        if target.participant.as_ref().is_some_and(|participant| participant.user == *self.member().user()) {
            return Err(Denial::Forbidden("Moderators cannot demote themselves."));
        }
        self.may_demote(target).map_err(unsuitable)
    }

    /// Whether somebody may be allowed this or that in particular.
    ///
    /// # Errors
    /// Not found without a row, forbidden for those who manage the room.
    pub fn may_restrict(&self, target: Target) -> Result<Restrictable, Denial> {
        let participant = target.in_room(self.room())?.participant;
        if participant.participant_type.has_moderator_rights() {
            return Err(Denial::Forbidden("Owners and moderators may do everything."));
        }
        let permissions = self.room().permissions.effective(false, participant.attendance.permissions);
        Ok(Restrictable { participant, permissions })
    }

    /// `target` as somebody who stays, if the person only followed the link so far.
    #[must_use]
    pub fn may_settle(&self, target: Target) -> Option<Settled> {
        let participant = target.in_room(self.room()).ok()?.participant;
        (participant.participant_type == ParticipantType::SelfJoined).then_some(Settled(participant))
    }
}

/// What v1 calls the wrong state does not fit, here.
fn unsuitable(denial: Denial) -> Denial {
    match denial {
        Denial::WrongState(why) => Denial::Unsuitable(why),
        other => other,
    }
}
