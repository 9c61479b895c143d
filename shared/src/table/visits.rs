//! Who is in which call: as clients without a token and the external signaling server ask.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnValue;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;

use super::client::{MAX_SIDE_BY_SIDE, Table};
use super::error::Error;
use super::item::{CallItem, GuestPresenceItem, RoomItem, from_attributes};
use super::key::Key;
use super::partition::Partition;
use super::presence;
use super::transaction::Change;
use crate::domain::account::UserId;
use crate::domain::guest::GuestCookie;
use crate::domain::news::{Event, News};
use crate::domain::room::{ParticipantType, Room, SessionId, Token};
use crate::domain::time::Timestamp;

/// A person whom the signaling server named and who is in the room.
pub struct Visitor {
    room: Room,
    /// A user with the row; nobody for a guest.
    member: Option<(UserId, ParticipantType)>,
    session: Option<SessionId>,
}

impl Visitor {
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// The user; `None` for a guest.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        self.member.as_ref().map(|(user, _)| user)
    }

    /// The session that was named, if it lives.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        self.session.as_ref()
    }
}

#[derive(Deserialize)]
struct EnteredItem {
    session_id: Option<SessionId>,
    #[serde(default)]
    has_entered: bool,
}

impl Partition {
    /// A user with a row in the room, or, where no user is named, a guest with this session (reference
    /// "Backend for an external signaling server").
    #[must_use]
    pub fn visitor(&self, user: &str, session: &str, now: Timestamp) -> Option<Visitor> {
        let occupancy = self.occupancy(now)?;
        if !user.is_empty() {
            let occupant = UserId::parse(user).and_then(|user| occupancy.occupant(&user))?;
            let session = occupant.session.clone().filter(|known| known.as_str() == session);
            let member = Some((occupant.user.clone(), occupant.participant_type));
            return Some(Visitor { room: occupancy.room, member, session });
        }
        let guest = occupancy.guests.iter().find(|guest| guest.session.as_str() == session)?;
        let session = Some(guest.session.clone());
        Some(Visitor { room: occupancy.room, member: None, session })
    }
}

impl Table {
    /// The room, if readers see it.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn room(&self, token: &Token) -> Result<Option<Room>, Error> {
        Ok(self.get::<RoomItem>(&Key::room(token)).await?.and_then(|room| room.visible(token)))
    }

    /// The room in whose call a user is.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn my_call(&self, user: &UserId) -> Result<Option<Token>, Error> {
        Ok(self.get::<CallItem>(&Key::my_call(user)).await?.map(|call| call.token))
    }

    /// The room in which one of these cookies was last heard of.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn latest_visit(
        &self,
        visits: &[(Token, GuestCookie)],
        now: Timestamp,
    ) -> Result<Option<Token>, Error> {
        let key = |(token, cookie): &(Token, GuestCookie)| Key::guest_presence(token, cookie.id());
        let keys: Vec<Key> = visits.iter().map(key).collect();
        let items = self.get_all(&keys).await?;
        let mut latest = None;
        for visit in visits {
            let guest = items.read::<GuestPresenceItem>(&key(visit))?;
            let is_own =
                |guest: &GuestPresenceItem| guest.is_alive(now) && guest.cookie_digest == visit.1.digest();
            if let Some(guest) = guest.filter(is_own) {
                latest = latest.max(Some((guest.guest(now).last_ping, visit.0.clone())));
            }
        }
        Ok(latest.map(|(_, token)| token))
    }

    /// Keeps a session in the call that enters the signaling server's room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn enter(
        &self,
        token: &Token,
        user: Option<&UserId>,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let change = Change::default().set("has_entered", &true)?;
        self.ping_session(token, user, session.as_str(), change, now).await.map(|_| ())
    }

    /// Keeps sessions in the call, several at a time; those that are not in it any more stay out. The news
    /// are of those who are pinged for the first time since they entered: the server learned of their joining
    /// before it knew the session, and skipped it.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ping_sessions(
        &self,
        token: &Token,
        sessions: BTreeMap<String, Option<UserId>>,
        now: Timestamp,
    ) -> Result<News, Error> {
        let pings = stream::iter(sessions).map(|(session, user)| async move {
            let change = Change::default().remove("has_entered");
            self.ping_session(token, user.as_ref(), &session, change, now).await
        });
        let before: Vec<Option<EnteredItem>> = pings.buffer_unordered(MAX_SIDE_BY_SIDE).try_collect().await?;
        let entered = before.into_iter().flatten().filter(|item| item.has_entered);
        let joined = entered.filter_map(|item| item.session_id).map(Event::Joined);
        Ok(joined.fold(News::none(), |news, event| news.and(token, event)))
    }

    /// One write; what was there before it, of a session that lives.
    async fn ping_session(
        &self,
        token: &Token,
        user: Option<&UserId>,
        session: &str,
        change: Change,
        now: Timestamp,
    ) -> Result<Option<EnteredItem>, Error> {
        let key = presence::key(token, user, session);
        let is_live = presence::has_live_session(session, now)?;
        let change = presence::pinged(change, now, presence::kept_seconds(user.is_some()))?;
        match self.update_and_read(&key, change, is_live, ReturnValue::AllOld).await {
            Ok(attributes) => attributes.map(from_attributes).transpose(),
            // Somebody joins or leaves at this very moment, which says more than a ping.
            Err(error) if error.is_contested() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends the session of a visitor; a follower's row goes with it.
    ///
    /// # Errors
    /// Contested when the person joined again meanwhile.
    pub async fn leave_call_as_visitor(&self, token: &Token, visitor: &Visitor) -> Result<News, Error> {
        let Some(session) = &visitor.session else { return Ok(News::none()) };
        match &visitor.member {
            Some((user, row)) => self.leave_call_under(token, user, *row, session).await,
            None => self.leave_call_as_guest(token, session).await,
        }
    }
}
