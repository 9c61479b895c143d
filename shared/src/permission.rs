//! Who may do what in a room.
//!
//! Every right is a type that only this file makes: a change of the table takes a [`Moderator`] or
//! what was made from one, so that asking in the wrong order does not compile. The order is that of
//! reference "The standard order of checks": found (404), member (404), moderator (403), target.

use crate::account::UserId;
use crate::auth::{Caller, GuestCookie, User};
pub use crate::occupancy::Peer;
use crate::occupancy::{Guest, Occupancy, Occupant};
use crate::refusal::Refusal;
use crate::room::{GuestId, NO_SESSION, Participant, ParticipantType, Presence, Room, RoomType, SessionId};
use crate::secret::PasswordHash;

/// A room that exists for the caller: it is public, or the caller has a row in it
/// (reference "Finding a room").
pub struct Found {
    room: Room,
    row: Option<ParticipantType>,
}

impl Found {
    /// Finds `room` for somebody with `row` in it.
    ///
    /// # Errors
    /// 404 when there is no such room, or not for this caller.
    pub fn new(room: Option<Room>, row: Option<ParticipantType>) -> Result<Self, Refusal> {
        let room = room.ok_or_else(Refusal::not_found)?;
        let row = row.filter(|&row| is_allowed(row, &room));
        if room.is_public() || row.is_some() { Ok(Self { room, row }) } else { Err(Refusal::not_found()) }
    }

    /// The room.
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// What the caller is in the room, if anything.
    #[must_use]
    pub const fn row(&self) -> Option<ParticipantType> {
        self.row
    }

    /// The way in which the caller enters the call, once a password that is asked for is given
    /// (reference "POST /call/{token} - join"; section 9, no. 15).
    ///
    /// # Errors
    /// 403 when guests and followers need a password and `is_password` says that theirs is another.
    pub fn admit(
        self,
        caller: &Caller,
        is_password: impl FnOnce(&PasswordHash) -> bool,
    ) -> Result<Admission, Refusal> {
        let way = match (caller, self.row) {
            (Caller::Guest, _) => Way::Guest,
            (Caller::User(_), None) => Way::NewFollower,
            (Caller::User(_), Some(ParticipantType::SelfJoined)) => Way::KnownFollower,
            (Caller::User(_), Some(row)) => Way::Member(row),
        };
        let is_asked = !matches!(way, Way::Member(_));
        match &self.room.password {
            Some(hash) if is_asked && !is_password(hash) => Err(Refusal::forbidden("The password is wrong.")),
            _ => Ok(Admission { room: self.room, way }),
        }
    }

    /// The caller as a member of the room.
    ///
    /// # Errors
    /// 404 when the caller has no row in it.
    pub fn member(self, user: &User) -> Result<Member, Refusal> {
        let participant_type = self.row.ok_or_else(Refusal::not_found)?;
        Ok(Member { room: self.room, user: user.id().clone(), participant_type })
    }
}

/// Whether somebody of this type can be in a room of this type; followers that a crash left in a
/// room that is no longer public are not.
pub(crate) fn is_allowed(participant_type: ParticipantType, room: &Room) -> bool {
    room.is_public() || !participant_type.needs_public_room()
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
    /// The room.
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
}

impl Member {
    /// The room.
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

    /// Refuses those who aim at themselves, which demoting checks before the right to demote
    /// (reference "DELETE /room/{token}/moderators - demote").
    ///
    /// # Errors
    /// 403 when `participant` is the caller.
    pub fn not_oneself(self, participant: &str) -> Result<Self, Refusal> {
        if self.user.as_str() == participant {
            return Err(Refusal::forbidden("Moderators cannot demote themselves."));
        }
        Ok(self)
    }

    /// The caller as somebody who manages the room.
    ///
    /// # Errors
    /// 403 without moderator rights.
    pub fn moderator(self) -> Result<Moderator, Refusal> {
        if self.participant_type.has_moderator_rights() {
            Ok(Moderator(self))
        } else {
            Err(Refusal::forbidden("Only owners and moderators may do this."))
        }
    }
}

/// A caller with moderator rights in the room.
pub struct Moderator(Member);

impl Moderator {
    /// The room.
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
    /// 405 in a one-to-one room.
    pub fn may_rename(&self) -> Result<(), Refusal> {
        match self.room().room_type {
            RoomType::OneToOne => Err(Refusal::wrong_room_type("A one-to-one room cannot be renamed.")),
            RoomType::Group | RoomType::Public => Ok(()),
        }
    }

    /// Whether the room can have a password.
    ///
    /// # Errors
    /// 403 unless the room is public.
    pub fn may_set_password(&self) -> Result<(), Refusal> {
        if self.room().is_public() {
            Ok(())
        } else {
            Err(Refusal::forbidden("Only a public room can have a password."))
        }
    }

    /// Whether `target` is in the room already.
    #[must_use]
    pub fn knows(&self, target: &Target) -> bool {
        let row = target.participant.as_ref();
        row.is_some_and(|participant| is_allowed(participant.participant_type, self.room()))
    }

    /// Whether `target` may be removed; asked in rooms that outlive it.
    ///
    /// # Errors
    /// 404 when the person has no row, 403 when the person owns the room.
    pub fn may_remove(&self, target: Target) -> Result<Removable, Refusal> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::Owner => Err(Refusal::forbidden("An owner cannot be removed.")),
            _ => Ok(Removable(target)),
        }
    }

    /// Whether `target` may become a moderator.
    ///
    /// # Errors
    /// 404 when the person has no row, 412 unless the person is a user (type 3).
    pub fn may_promote(&self, target: Target) -> Result<Promotable, Refusal> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::User => Ok(Promotable(target.participant)),
            _ => Err(Refusal::precondition_failed("Only a user (type 3) can be promoted.")),
        }
    }

    /// Whether `target` may become a plain user.
    ///
    /// # Errors
    /// 404 when the person has no row, 412 unless the person is a moderator (type 2).
    pub fn may_demote(&self, target: Target) -> Result<Demotable, Refusal> {
        let target = target.in_room(self.room())?;
        match target.participant.participant_type {
            ParticipantType::Moderator => Ok(Demotable(target.participant)),
            _ => Err(Refusal::precondition_failed("Only a moderator (type 2) can be demoted.")),
        }
    }
}

/// Somebody whom a moderator names, as the table knows the person.
#[derive(Default)]
pub struct Target {
    /// The row in the room, if any.
    pub participant: Option<Participant>,
    /// The presence in the room, if any.
    pub presence: Option<Presence>,
}

struct KnownTarget {
    participant: Participant,
    presence: Option<Presence>,
}

impl Target {
    fn in_room(self, room: &Room) -> Result<KnownTarget, Refusal> {
        let participant =
            self.participant.filter(|participant| is_allowed(participant.participant_type, room));
        let participant = participant.ok_or_else(Refusal::not_found)?;
        Ok(KnownTarget { participant, presence: self.presence })
    }
}

/// Somebody who may be removed from a room that goes on.
pub struct Removable(KnownTarget);

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

/// Somebody who may become a moderator.
pub struct Promotable(pub(crate) Participant);

impl Promotable {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.0.user
    }
}

/// A moderator who may become a plain user.
pub struct Demotable(pub(crate) Participant);

impl Demotable {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.0.user
    }
}

/// A room with everybody in it, seen by somebody who may see it.
pub struct Sight {
    occupancy: Occupancy,
    viewer: Viewer,
}

/// As whom the caller looks at a room.
enum Viewer {
    Participant(UserId),
    Guest(GuestId),
    Outsider,
}

impl Sight {
    /// Lets the caller look at a room.
    ///
    /// # Errors
    /// 404 when there is no such room, or not for this caller.
    pub fn new(
        occupancy: Option<Occupancy>,
        caller: &Caller,
        cookie: Option<&GuestCookie>,
    ) -> Result<Self, Refusal> {
        let occupancy = occupancy.ok_or_else(Refusal::not_found)?;
        let viewer = match (caller, cookie) {
            (Caller::User(user), _) if occupancy.occupant(user.id()).is_some() => {
                Viewer::Participant(user.id().clone())
            }
            (Caller::Guest, Some(cookie)) if occupancy.guest(cookie.id(), &cookie.digest()).is_some() => {
                Viewer::Guest(cookie.id().clone())
            }
            _ if occupancy.room.is_public() => Viewer::Outsider,
            _ => return Err(Refusal::not_found()),
        };
        Ok(Self { occupancy, viewer })
    }

    /// Refuses those who look from outside.
    ///
    /// # Errors
    /// 404 for a caller without a row, also in a public room (section 9, no. 9).
    pub fn insider(self) -> Result<Self, Refusal> {
        match self.viewer {
            Viewer::Outsider => Err(Refusal::not_found()),
            Viewer::Participant(_) | Viewer::Guest(_) => Ok(self),
        }
    }

    /// The room and everybody in it.
    #[must_use]
    pub const fn occupancy(&self) -> &Occupancy {
        &self.occupancy
    }

    /// Whether the caller has nothing to do with the room but its link.
    #[must_use]
    pub const fn is_from_outside(&self) -> bool {
        matches!(self.viewer, Viewer::Outsider)
    }

    /// A session as the caller may read it: with the session of a guest, others act in the guest's name
    /// before the external server, so nobody learns it from outside.
    #[must_use]
    pub fn session<'a>(&self, session: Option<&'a SessionId>) -> &'a str {
        session.filter(|_| !self.is_from_outside()).map_or(NO_SESSION, SessionId::as_str)
    }

    /// Whether the caller may read who is in the room: a link alone must not tell, where the room asks for a
    /// password beside it.
    #[must_use]
    pub const fn shows_names(&self) -> bool {
        !self.is_from_outside() || self.occupancy.room.password.is_none()
    }

    /// The caller's row, of a logged-in caller who has one.
    #[must_use]
    pub fn own_row(&self) -> Option<&Occupant> {
        match &self.viewer {
            Viewer::Participant(user) => self.occupancy.occupant(user),
            Viewer::Guest(_) | Viewer::Outsider => None,
        }
    }

    /// The caller's row, of a guest who joined.
    #[must_use]
    pub fn own_guest(&self) -> Option<&Guest> {
        match &self.viewer {
            Viewer::Guest(id) => self.occupancy.guests.iter().find(|guest| guest.session.guest_id() == *id),
            Viewer::Participant(_) | Viewer::Outsider => None,
        }
    }
}

/// A caller with a live session in the call, who may write to the others (reference "Send").
pub struct Speaker {
    occupancy: Occupancy,
    session: SessionId,
}

impl Speaker {
    /// Lets the caller speak; `None` for whoever has no session in this room.
    #[must_use]
    pub fn new(occupancy: Option<Occupancy>, caller: &Caller, cookie: Option<&GuestCookie>) -> Option<Self> {
        let occupancy = occupancy?;
        let session = match (caller, cookie) {
            (Caller::User(user), _) => occupancy.occupant(user.id())?.session.clone()?,
            (Caller::Guest, Some(cookie)) => occupancy.guest(cookie.id(), &cookie.digest())?.session.clone(),
            (Caller::Guest, None) => return None,
        };
        Some(Self { occupancy, session })
    }

    /// The room and everybody in it.
    #[must_use]
    pub const fn occupancy(&self) -> &Occupancy {
        &self.occupancy
    }

    /// The caller's session.
    #[must_use]
    pub const fn session(&self) -> &SessionId {
        &self.session
    }

    /// The caller as a guest; `None` for a user.
    #[must_use]
    pub fn own_guest(&self) -> Option<&Guest> {
        self.occupancy.guests.iter().find(|guest| guest.session == self.session)
    }

    /// Somebody else in the same call, by the session; `None` for the caller and everybody outside.
    #[must_use]
    pub fn listener(&self, session: &str) -> Option<Peer<'_>> {
        let others = self.occupancy.sessions().filter(|peer| *peer.session != self.session);
        others.into_iter().find(|peer| peer.session.as_str() == session)
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::StatusCode;

    use super::*;
    use crate::refusal::Kind;
    use crate::room::Token;

    const ROOM_TYPES: [RoomType; 3] = [RoomType::OneToOne, RoomType::Group, RoomType::Public];
    const ROWS: [Option<ParticipantType>; 5] = [
        Some(ParticipantType::Owner),
        Some(ParticipantType::Moderator),
        Some(ParticipantType::User),
        Some(ParticipantType::SelfJoined),
        None,
    ];

    fn room(room_type: RoomType) -> Room {
        let token = Token::parse("abcdefgh").unwrap_or_else(|| unreachable!());
        Room { token, id: 1, room_type, name: String::new(), password: None, pair: None }
    }

    fn user(id: &str) -> User {
        User::for_tests(id)
    }

    fn target(row: Option<ParticipantType>) -> Target {
        let participant = row.map(|participant_type| Participant {
            user: user("target").id().clone(),
            display_name: String::new(),
            participant_type,
        });
        Target { participant, presence: None }
    }

    fn status<T>(outcome: Result<T, Refusal>) -> u16 {
        match outcome.map_err(|refusal| refusal.kind) {
            Ok(_) => 200,
            Err(Kind::Status(status)) => status.as_u16(),
            Err(_) => StatusCode::IM_A_TEAPOT.as_u16(),
        }
    }

    fn moderator(room_type: RoomType) -> Moderator {
        Found::new(Some(room(room_type)), Some(ParticipantType::Owner))
            .and_then(|found| found.member(&user("owner")))
            .and_then(Member::moderator)
            .unwrap_or_else(|_| unreachable!())
    }

    #[test]
    fn finding_membership_and_rights_by_room_type_and_row() {
        // One line for each room type; in it owner, moderator, user, follower, stranger.
        let found = [[200, 200, 200, 404, 404], [200, 200, 200, 404, 404], [200, 200, 200, 200, 200]];
        let member = [[200, 200, 200, 404, 404], [200, 200, 200, 404, 404], [200, 200, 200, 200, 404]];
        let manages = [[200, 200, 403, 404, 404], [200, 200, 403, 404, 404], [200, 200, 403, 403, 404]];
        for (index, room_type) in ROOM_TYPES.into_iter().enumerate() {
            let find = |row| Found::new(Some(room(room_type)), row);
            let be_member = |row| find(row).and_then(|found| found.member(&user("caller")));
            let manage = |row| be_member(row).and_then(Member::moderator);
            assert_eq!(ROWS.map(|row| status(find(row))).as_slice(), found.get(index).unwrap_or(&[0; 5]));
            assert_eq!(
                ROWS.map(|row| status(be_member(row))).as_slice(),
                member.get(index).unwrap_or(&[0; 5])
            );
            assert_eq!(ROWS.map(|row| status(manage(row))).as_slice(), manages.get(index).unwrap_or(&[0; 5]));
        }
        assert_eq!(status(Found::new(None, Some(ParticipantType::Owner))), 404);
    }

    #[test]
    fn changes_of_people_by_their_row() {
        let moderator = moderator(RoomType::Public);
        assert_eq!(ROWS.map(|row| status(moderator.may_remove(target(row)))), [403, 200, 200, 200, 404]);
        assert_eq!(ROWS.map(|row| status(moderator.may_promote(target(row)))), [412, 412, 200, 412, 404]);
        assert_eq!(ROWS.map(|row| status(moderator.may_demote(target(row)))), [412, 200, 412, 412, 404]);
    }

    #[test]
    fn changes_of_the_room_by_its_type() {
        assert_eq!(ROOM_TYPES.map(|room_type| status(moderator(room_type).may_rename())), [405, 200, 200]);
        assert_eq!(
            ROOM_TYPES.map(|room_type| status(moderator(room_type).may_set_password())),
            [403, 403, 200]
        );
    }

    #[test]
    fn only_those_without_a_lasting_row_are_asked_for_the_password() {
        let hash = PasswordHash::of(&crate::secret::Secret::new("x")).unwrap_or_else(|_| unreachable!());
        let admit = |caller: &Caller, row, is_right: bool| {
            let locked = Room { password: Some(hash.clone()), ..room(RoomType::Public) };
            Found::new(Some(locked), row).and_then(|found| found.admit(caller, |_| is_right))
        };
        let logged_in = Caller::User(user("caller"));
        assert_eq!(ROWS.map(|row| status(admit(&logged_in, row, false))), [200, 200, 200, 403, 403]);
        assert_eq!(ROWS.map(|row| status(admit(&logged_in, row, true))), [200; 5]);
        assert_eq!(status(admit(&Caller::Guest, None, false)), 403);
        assert_eq!(status(admit(&Caller::Guest, None, true)), 200);
    }

    #[test]
    fn nobody_demotes_themselves_and_that_comes_before_the_right() {
        let plain = Found::new(Some(room(RoomType::Group)), Some(ParticipantType::User))
            .and_then(|found| found.member(&user("caller")))
            .and_then(|member| member.not_oneself("caller"));
        assert_eq!(status(plain), 403);
    }
}
