//! Looking at a room, and speaking in its call.

use crate::domain::account::UserId;
use crate::domain::denial::Denial;
use crate::domain::identity::Caller;
use crate::domain::occupancy::{Guest, Occupancy, Occupant, Peer};
use crate::domain::room::{GuestId, NO_SESSION, SessionId};

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
    /// Not found when there is no such room, or not for this caller.
    pub fn new(occupancy: Option<Occupancy>, caller: &Caller) -> Result<Self, Denial> {
        let occupancy = occupancy.ok_or(Denial::NoRoom)?;
        let viewer = match caller {
            Caller::User(user) if occupancy.occupant(user.id()).is_some() => {
                Viewer::Participant(user.id().clone())
            }
            Caller::Guest(Some(cookie)) if occupancy.guest(cookie.id(), &cookie.digest()).is_some() => {
                Viewer::Guest(cookie.id().clone())
            }
            _ if occupancy.room.is_public() => Viewer::Outsider,
            _ => return Err(Denial::NoRoom),
        };
        Ok(Self { occupancy, viewer })
    }

    /// Refuses those who look from outside.
    ///
    /// # Errors
    /// Not found for a caller without a row, also in a public room (`docs/api.md#calls`).
    pub fn insider(self) -> Result<Self, Denial> {
        match self.viewer {
            Viewer::Outsider => Err(Denial::NotFound),
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

/// A caller with a live session in the call, who may write to the others (`docs/api.md#sending`).
pub struct Speaker {
    occupancy: Occupancy,
    session: SessionId,
}

impl Speaker {
    /// Lets the caller speak; `None` for somebody without a session in this room.
    #[must_use]
    pub fn new(occupancy: Option<Occupancy>, caller: &Caller) -> Option<Self> {
        let occupancy = occupancy?;
        let session = match caller {
            Caller::User(user) => occupancy.occupant(user.id())?.session.clone()?,
            Caller::Guest(cookie) => {
                let cookie = cookie.as_ref()?;
                occupancy.guest(cookie.id(), &cookie.digest())?.session.clone()
            }
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

    /// By what the others know the caller.
    #[must_use]
    pub fn address(&self) -> &str {
        let own = self.occupancy.sessions().find(|peer| *peer.session == self.session);
        own.map_or(self.session.as_str(), |own| own.address.as_str())
    }

    /// Who the caller is; `None` for a guest.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        self.occupancy.sessions().find(|peer| *peer.session == self.session).and_then(|own| own.user)
    }

    /// Somebody else in the same call, by the address; `None` for the caller and everybody outside.
    #[must_use]
    pub fn listener(&self, address: &str) -> Option<Peer<'_>> {
        let others = self.occupancy.sessions().filter(|peer| *peer.session != self.session);
        others.into_iter().find(|peer| peer.address.as_str() == address)
    }
}
