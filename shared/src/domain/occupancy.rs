//! A room with everybody in it, as it is at one moment.

use super::account::{GroupId, UserId};
use super::address::Address;
use super::attendance::Attendance;
use super::attendee::guest_name;
use super::room::{GuestId, Participant, ParticipantType, Presence, Queue, Room, SessionId, is_active};
use super::secret::Digest;
use super::socket::PublicId;
use super::time::Timestamp;

/// A room and its people at one moment, without the dead, the left over and those who are not allowed in a room of
/// this type, even if the table still holds them.
pub struct Occupancy {
    pub room: Room,
    /// People with an account, the most recent ping first.
    pub users: Vec<Occupant>,
    /// People without one, the most recent ping first.
    pub guests: Vec<Guest>,
    /// The groups that were invited as such.
    pub groups: Vec<GroupId>,
    /// Who left a one-to-one room, and is still the other one of it.
    pub absent: Vec<Participant>,
    /// The moment.
    pub now: Timestamp,
}

/// Somebody with an account who belongs to the room.
pub struct Occupant {
    /// Who.
    pub user: UserId,
    /// What others see.
    pub display_name: String,
    /// What the person is in the room.
    pub participant_type: ParticipantType,
    /// What else the room keeps of the person.
    pub attendance: Attendance,
    /// The live session, if any.
    pub session: Option<SessionId>,
    /// The last ping, 0 if there was none.
    pub last_ping: Timestamp,
    /// What carries the session, if that is a socket.
    pub socket: Option<PublicId>,
    /// Whether the session was ever polled for.
    pub has_polled: bool,
    /// The messages for the session.
    pub queue: Queue,
}

/// Somebody without an account who joined the call.
pub struct Guest {
    /// The live session.
    pub session: SessionId,
    pub last_ping: Timestamp,
    /// What carries the session, if that is a socket.
    pub socket: Option<PublicId>,
    /// Whether the session was ever polled for.
    pub has_polled: bool,
    /// The SHA-256 of the secret in the guest's cookie.
    pub cookie_digest: Digest,
    /// What the guest wrote lately.
    pub written: Option<Written>,
    /// The messages for the session.
    pub queue: Queue,
}

/// What a guest wrote in one minute.
#[derive(Clone, Copy)]
pub struct Written {
    /// The minute, counted since 1970.
    pub minute: i64,
    /// The length of the messages in KiB, each of them rounded up.
    pub kibibytes: u64,
}

impl Guest {
    /// What others call the guest.
    #[must_use]
    pub fn name(&self) -> String {
        guest_name(&self.session.guest_id())
    }
}

impl Occupant {
    pub(crate) fn new(participant: Participant, presence: Option<&Presence>, now: Timestamp) -> Self {
        Self {
            user: participant.user,
            display_name: participant.display_name,
            participant_type: participant.participant_type,
            attendance: participant.attendance,
            session: presence.and_then(|presence| presence.live_session(now)).cloned(),
            last_ping: presence.map_or_else(Timestamp::default, |presence| presence.last_ping),
            socket: presence.and_then(|presence| presence.socket.clone()),
            has_polled: presence.is_some_and(|presence| presence.has_polled),
            queue: presence.map_or_else(Queue::default, |presence| presence.queue),
        }
    }
}

/// One entry of the list of those who are in the call.
#[derive(Clone)]
pub struct Peer<'a> {
    /// Who; `None` for a guest.
    pub user: Option<&'a UserId>,
    pub last_ping: Timestamp,
    pub session: &'a SessionId,
    /// By what others reach the person.
    pub address: Address<'a>,
    /// Whether messages reach the person: by a socket, or by polls, which begin a moment after the join.
    pub is_reachable: bool,
    /// What the person is in the room.
    pub participant_type: ParticipantType,
    /// The messages for the session.
    pub queue: Queue,
}

impl<'a> Peer<'a> {
    /// The user id, empty for a guest: how all lists of the API say it.
    #[must_use]
    pub fn user_id(&self) -> &'a str {
        self.user.map_or("", UserId::as_str)
    }
}

impl Occupancy {
    /// The row of a user.
    #[must_use]
    pub fn occupant(&self, user: &UserId) -> Option<&Occupant> {
        self.users.iter().find(|occupant| occupant.user == *user)
    }

    /// The row of the guest with this id, if the secret belongs to it.
    #[must_use]
    pub fn guest(&self, id: &GuestId, cookie_digest: &Digest) -> Option<&Guest> {
        self.guests
            .iter()
            .find(|guest| guest.session.guest_id() == *id && guest.cookie_digest == *cookie_digest)
    }

    /// How many rows pinged within 30 seconds. Includes people who left in that time, because
    /// leaving keeps the last ping (`docs/api.md#the-room-object`).
    #[must_use]
    pub fn active_rows(&self) -> usize {
        self.users.iter().filter(|occupant| is_active(occupant.last_ping, self.now)).count()
            + self.active_guests().count()
    }

    /// The guests who pinged within 30 seconds.
    pub fn active_guests(&self) -> impl Iterator<Item = &Guest> {
        self.guests.iter().filter(|guest| is_active(guest.last_ping, self.now))
    }

    /// Everybody who is in the call: active and with a session, users first.
    pub fn peers(&self) -> impl Iterator<Item = Peer<'_>> {
        self.sessions().filter(|peer| is_active(peer.last_ping, self.now))
    }

    /// Those of them whom messages reach.
    pub fn reachable_peers(&self) -> impl Iterator<Item = Peer<'_>> {
        self.peers().filter(|peer| peer.is_reachable)
    }

    /// Everybody whose session lives, also those who have not been heard of for half a minute, users first.
    pub fn sessions(&self) -> impl Iterator<Item = Peer<'_>> {
        let users = self.users.iter().filter_map(|occupant| {
            let session = occupant.session.as_ref()?;
            Some(Peer {
                user: Some(&occupant.user),
                last_ping: occupant.last_ping,
                session,
                address: Address::of(session, occupant.socket.as_ref()),
                is_reachable: occupant.socket.is_some() || occupant.has_polled,
                participant_type: occupant.participant_type,
                queue: occupant.queue,
            })
        });
        let guests = self.guests.iter().map(|guest| Peer {
            user: None,
            last_ping: guest.last_ping,
            session: &guest.session,
            address: Address::of(&guest.session, guest.socket.as_ref()),
            is_reachable: guest.socket.is_some() || guest.has_polled,
            participant_type: ParticipantType::Guest,
            queue: guest.queue,
        });
        users.chain(guests)
    }
}
