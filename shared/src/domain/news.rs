//! What others must learn of a change.

use std::collections::BTreeSet;

use super::account::UserId;
use super::room::{SessionId, Token};

/// What happened to a room.
#[derive(Clone)]
pub enum Event {
    /// These people belong to the room now.
    Invited(Vec<UserId>),
    /// These people and sessions do not belong to the room any more.
    Disinvited {
        /// People with an account.
        users: Vec<UserId>,
        /// Sessions that were in the call.
        sessions: Vec<SessionId>,
    },
    /// Somebody, or the room itself, said something.
    Said,
    /// The room has another name or type.
    Updated,
    /// The room is gone; these people were in it.
    Deleted(Vec<UserId>),
    /// The person has other rights.
    Changed(UserId),
    /// The session entered the call.
    Joined(SessionId),
    /// The session of this person, or of a guest, left the call.
    Left(Option<UserId>, SessionId),
}

/// What those who wait for a call are woken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Somebody came, went, or has other rights.
    People,
    /// Somebody has a message.
    Messages,
}

/// What others must learn of a change that was made.
///
/// Every change of the table hands one back, and one call tells it to all of them: those who poll, and the
/// external signaling server.
#[must_use = "others have to learn of the change: hand this to Exchange::tell"]
#[derive(Clone, Default)]
pub struct News {
    signals: BTreeSet<(Token, Signal)>,
    events: Vec<(Token, Event)>,
}

impl News {
    /// Nobody has to learn of anything.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether nobody has to learn of anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty() && self.events.is_empty()
    }

    /// The same, and this happened to a room.
    pub fn and(mut self, token: &Token, event: Event) -> Self {
        self.events.push((token.clone(), event));
        self
    }

    /// The same, and those who wait for a room's call have to look.
    pub fn waking(mut self, token: &Token, signal: Signal) -> Self {
        self.signals.insert((token.clone(), signal));
        self
    }

    /// The news of two changes, one after the other.
    pub fn then(mut self, later: Self) -> Self {
        self.signals.extend(later.signals);
        self.events.extend(later.events);
        self
    }

    /// Whose call has to be looked at, and why.
    pub fn signals(&self) -> impl Iterator<Item = (&Token, Signal)> {
        self.signals.iter().map(|(token, signal)| (token, *signal))
    }

    /// What happened, in order.
    pub fn events(&self) -> impl Iterator<Item = (&Token, &Event)> {
        self.events.iter().map(|(token, event)| (token, event))
    }
}
