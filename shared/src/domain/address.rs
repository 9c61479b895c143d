//! By what members of a call reach one another.

use super::room::SessionId;
use super::socket::PublicId;

/// By what others reach somebody in a call: the session of signaling of those who have a socket, the session of the
/// call of those who poll.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address<'a> {
    /// Over a socket.
    Socket(&'a PublicId),
    /// By polls.
    Poll(&'a SessionId),
}

impl<'a> Address<'a> {
    /// The address of somebody who joined the call under `session` and whose socket, if any, carries `socket`.
    #[must_use]
    pub fn of(session: &'a SessionId, socket: Option<&'a PublicId>) -> Self {
        socket.map_or(Self::Poll(session), Self::Socket)
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Socket(public) => public.as_str(),
            Self::Poll(session) => session.as_str(),
        }
    }
}
