//! Finding a room, being a member of it, managing it, entering its call.

use super::target::{Demotable, Promotable, Removable, Target};
use crate::domain::account::UserId;
use crate::domain::attendance::Attendance;
use crate::domain::denial::Denial;
use crate::domain::identity::{Caller, User};
use crate::domain::room::{Participant, ParticipantType, Room, RoomType};
use crate::domain::secret::PasswordHash;

/// A room that exists for the caller: it is public, or the caller has a row in it (`docs/api.md#the-order-of-checks`).
pub struct Found {
    room: Room,
    row: Option<ParticipantType>,
}

impl Found {
    /// Finds `room` for somebody with `row` in it.
    ///
    /// # Errors
    /// Not found when there is no such room, or not for this caller.
    pub fn new(room: Option<Room>, row: Option<ParticipantType>) -> Result<Self, Denial> {
        let room = room.ok_or(Denial::NoRoom)?;
        let row = row.filter(|&row| room.admits(row));
        if room.is_public() || row.is_some() { Ok(Self { room, row }) } else { Err(Denial::NoRoom) }
    }

    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// What the caller is in the room, if anything.
    #[must_use]
    pub const fn row(&self) -> Option<ParticipantType> {
        self.row
    }

    /// The password that the caller has to know to enter the call: guests and followers do, where there is one
    /// (`docs/api.md#calls`).
    #[must_use]
    pub fn password_for(&self, caller: &Caller) -> Option<&PasswordHash> {
        let is_asked = !matches!(self.way(caller), Way::Member(_));
        self.room.password.as_ref().filter(|_| is_asked)
    }

    /// The way in which the caller enters the call, once a password that is asked for is given.
    ///
    /// # Errors
    /// Forbidden when the room is read-only, or the caller has to know a password and `knows_password` says that it is
    /// another.
    pub fn admit(self, caller: &Caller, knows_password: bool) -> Result<Admission, Denial> {
        if self.room.is_read_only {
            return Err(Denial::Forbidden("The room is read-only."));
        }
        if self.password_for(caller).is_some() && !knows_password {
            return Err(Denial::Forbidden("The password is wrong."));
        }
        Ok(Admission { way: self.way(caller), room: self.room })
    }

    const fn way(&self, caller: &Caller) -> Way {
        match (caller, self.row) {
            (Caller::Guest(_), _) => Way::Guest,
            (Caller::User(_), None) => Way::NewFollower,
            (Caller::User(_), Some(ParticipantType::SelfJoined)) => Way::KnownFollower,
            (Caller::User(_), Some(row)) => Way::Member(row),
        }
    }

    /// The caller as a member of the room.
    ///
    /// # Errors
    /// Not found when the caller has no row in it.
    pub fn member(self, user: &User) -> Result<Member, Denial> {
        let participant_type = self.row.ok_or(Denial::NotFound)?;
        Ok(Member {
            room: self.room,
            user: user.id().clone(),
            participant_type,
            display_name: String::new(),
            attendance: Attendance::default(),
        })
    }
}

/// The right to enter a call.
pub struct Admission {
    room: Room,
    way: Way,
}

/// As what somebody enters a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With a row that stays after leaving.
    Member(ParticipantType),
    /// With a row that an earlier join made.
    KnownFollower,
    /// Logged in, without a row so far.
    NewFollower,
    /// Not logged in.
    Guest,
}

impl Admission {
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// As what the caller enters.
    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }
}

/// A caller with a row in the room.
pub struct Member {
    room: Room,
    user: UserId,
    participant_type: ParticipantType,
    display_name: String,
    attendance: Attendance,
}

impl Member {
    /// The same with what else is in the row.
    #[must_use]
    pub(crate) fn with(self, row: Participant) -> Self {
        Self { display_name: row.display_name, attendance: row.attendance, ..self }
    }

    /// What others call the caller.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// What the room keeps of the caller.
    #[must_use]
    pub const fn attendance(&self) -> &Attendance {
        &self.attendance
    }

    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// The caller.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// What the caller is in the room.
    #[must_use]
    pub const fn participant_type(&self) -> ParticipantType {
        self.participant_type
    }

    /// Refuses those who aim at themselves, which demoting checks before the right to demote (`docs/api.md#participants`).
    ///
    /// # Errors
    /// Forbidden when `participant` is the caller.
    pub fn not_oneself(self, participant: &str) -> Result<Self, Denial> {
        if self.user.as_str() == participant {
            return Err(Denial::Forbidden("Moderators cannot demote themselves."));
        }
        Ok(self)
    }

    /// The caller as somebody who manages the room.
    ///
    /// # Errors
    /// Forbidden without moderator rights.
    pub fn moderator(self) -> Result<Moderator, Denial> {
        if self.participant_type.has_moderator_rights() {
            Ok(Moderator(self))
        } else {
            Err(Denial::Forbidden("Only owners and moderators may do this."))
        }
    }
}

/// A caller with moderator rights in the room.
pub struct Moderator(Member);

impl Moderator {
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.0.room
    }

    /// The caller as a plain member.
    #[must_use]
    pub const fn member(&self) -> &Member {
        &self.0
    }

    /// Whether the room can have a name.
    ///
    /// # Errors
    /// The wrong type, in a one-to-one room.
    pub fn may_rename(&self) -> Result<(), Denial> {
        match self.room().room_type {
            RoomType::OneToOne => Err(Denial::WrongRoomType("A one-to-one room cannot be renamed.")),
            RoomType::Group | RoomType::Public => Ok(()),
        }
    }

    /// Whether the room can have a description.
    ///
    /// # Errors
    /// Unsuitable in a one-to-one room, which is about two people and nothing else.
    pub fn may_describe(&self) -> Result<(), Denial> {
        if self.room().is_one_to_one() {
            Err(Denial::Unsuitable("A one-to-one room has no description."))
        } else {
            Ok(())
        }
    }

    /// Whether the room can have a password.
    ///
    /// # Errors
    /// Forbidden unless the room is public.
    pub fn may_set_password(&self) -> Result<(), Denial> {
        if self.room().is_public() {
            Ok(())
        } else {
            Err(Denial::Forbidden("Only a public room can have a password."))
        }
    }

    /// Whether `target` is in the room already.
    #[must_use]
    pub fn knows(&self, target: &Target) -> bool {
        let row = target.participant.as_ref();
        row.is_some_and(|participant| self.room().admits(participant.participant_type))
    }

    /// Whether `target` may be removed; asked in rooms that outlive it.
    ///
    /// # Errors
    /// Not found when the person has no row, 403 when the person owns the room.
    pub fn may_remove(&self, target: Target) -> Result<Removable, Denial> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::Owner => Err(Denial::Forbidden("An owner cannot be removed.")),
            _ => Ok(Removable(target)),
        }
    }

    /// Whether `target` may become a moderator.
    ///
    /// # Errors
    /// Not found when the person has no row, 412 unless the person is a user (type 3).
    pub fn may_promote(&self, target: Target) -> Result<Promotable, Denial> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::User => Ok(Promotable(target.participant)),
            _ => Err(Denial::WrongState("Only a user (type 3) can be promoted.")),
        }
    }

    /// Whether `target` may become a plain user.
    ///
    /// # Errors
    /// Not found when the person has no row, 412 unless the person is a moderator (type 2).
    pub fn may_demote(&self, target: Target) -> Result<Demotable, Denial> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::Moderator => Ok(Demotable(target.participant)),
            _ => Err(Denial::WrongState("Only a moderator (type 2) can be demoted.")),
        }
    }
}
