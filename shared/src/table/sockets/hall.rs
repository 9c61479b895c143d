//! Who is in a room by a socket: coming in, going, and what the others are told.

use super::items::{HallItem, Place, SignalingSession};
use super::sessions::{forget, held, same_epoch};
use super::{CONNECTED_SECONDS, SOCKET_SECONDS};
use crate::domain::account::UserId;
use crate::domain::news::News;
use crate::domain::room::{ParticipantType, Room, SessionId, Token};
use crate::domain::socket::{ConnectionId, PublicId};
use crate::domain::time::Timestamp;
use crate::table::calls::hang_up;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{GuestPresenceItem, ParticipantItem, RoomItem, from_attributes};
use crate::table::key::{Key, SESSION_PREFIX};
use crate::table::partition::Partition;
use crate::table::presence::{self, SOCKET};
use crate::table::transaction::{Change, Condition, Transaction};
use crate::table::visits::Visitor;

/// Somebody in a room by a socket.
#[derive(Clone)]
pub struct Member {
    pub public: PublicId,
    pub connection: ConnectionId,
    /// How often the session was resumed.
    pub epoch: u64,
    /// `None` for a guest.
    pub user: Option<UserId>,
    /// What others see of a user.
    pub display_name: String,
    /// The session of the call that the socket carries.
    pub session: Option<SessionId>,
}

/// The way into a room for a session of signaling.
pub struct Entrance {
    pub visitor: Visitor,
    /// What carries the visitor's session of the call so far.
    carrier: Option<PublicId>,
    /// The same, where it is another session of signaling, which has to go.
    pub ousted: Option<SignalingSession>,
}

impl Partition {
    /// The session of signaling that carries that of a visitor.
    #[must_use]
    pub fn carrier(&self, visitor: &Visitor) -> Option<PublicId> {
        let session = visitor.session()?;
        match visitor.user() {
            Some(user) => self.users.get(user)?.presence.as_ref()?.socket.clone(),
            None => self.guests.iter().find(|(_, guest)| guest.session_id == *session)?.1.socket.clone(),
        }
    }

    /// Ends the session of the call that a session of signaling carries, unless another one does by now.
    pub(super) fn hang_up(
        &self,
        transaction: &mut Transaction,
        session: &SignalingSession,
        place: &Place,
    ) -> Result<(), Error> {
        let Some(call) = &place.session else { return Ok(()) };
        let is_carrier = |socket: &Option<PublicId>| socket.as_ref() == Some(&session.public);
        if let Some(user) = &session.user {
            let Some(row) = self.users.get(user) else { return Ok(()) };
            let carried = row.presence.as_ref().filter(|presence| is_carrier(&presence.socket));
            if carried.is_some_and(|presence| presence.session_id.as_ref() == Some(call)) {
                let row = row.participant.as_ref().map(|row| row.participant_type);
                hang_up(transaction, &self.token, user, row.unwrap_or(ParticipantType::User), call)?;
            }
        } else if let Some((key, _)) =
            self.guests.iter().find(|(_, guest)| guest.session_id == *call && is_carrier(&guest.socket))
        {
            transaction.delete(key.clone(), Condition::default());
            transaction.moves(&self.token);
        }
        Ok(())
    }
}

impl Table {
    /// Everybody in a room by a socket.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn hall(&self, token: &Token) -> Result<Vec<Member>, Error> {
        let items = self.query(&Key::hall_partition(token), SESSION_PREFIX).await?;
        let mut members = Vec::with_capacity(items.len());
        for (key, attributes) in items {
            let Some(public) = key.sk.strip_prefix(SESSION_PREFIX).and_then(PublicId::parse) else {
                continue;
            };
            let item: HallItem = from_attributes(attributes)?;
            members.push(Member {
                public,
                connection: item.connection,
                epoch: item.epoch,
                user: item.user,
                display_name: item.display_name,
                session: item.session,
            });
        }
        Ok(members)
    }

    /// What people are in a room at this moment, each `None` who may not be there (any more): users by their row,
    /// guests by their session. All are read in one round trip.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn admitted(
        &self,
        token: &Token,
        people: &[(Option<&UserId>, Option<&SessionId>)],
        now: Timestamp,
    ) -> Result<Vec<Option<ParticipantType>>, Error> {
        let key = |(user, session): &(Option<&UserId>, Option<&SessionId>)| match (user, session) {
            (Some(user), _) => Some(Key::participant(token, user)),
            (None, Some(session)) => Some(Key::guest_presence(token, &session.guest_id())),
            (None, None) => None,
        };
        let mut keys = vec![Key::room(token)];
        keys.extend(people.iter().filter_map(key));
        let items = self.get_all(&keys).await?;
        let room = items.read::<RoomItem>(&Key::room(token))?.and_then(|room| room.visible(token));
        let Some(room) = room else { return Ok(vec![None; people.len()]) };
        let mut types = Vec::with_capacity(people.len());
        for person in people {
            let found = match (key(person), person.0) {
                (Some(key), Some(_)) => items
                    .read::<ParticipantItem>(&key)?
                    .and_then(|row| row.present())
                    .map(|row| row.participant_type),
                (Some(key), None) => items
                    .read::<GuestPresenceItem>(&key)?
                    .filter(|guest| guest.is_alive(now) && Some(&guest.session_id) == person.1)
                    .map(|_| ParticipantType::Guest),
                (None, _) => None,
            };
            types.push(found.filter(|found| room.admits(*found)));
        }
        Ok(types)
    }

    /// Lets a session into a room, and binds the session of the call to it that it shows. Another session of
    /// signaling that carried it so far ends: the newcomer is the same person.
    ///
    /// # Errors
    /// Contested when any of that changed meanwhile.
    pub async fn enter_hall(
        &self,
        session: &SignalingSession,
        entrance: &Entrance,
        now: Timestamp,
    ) -> Result<(SignalingSession, News), Error> {
        let room: &Room = entrance.visitor.room();
        let token = &room.token;
        let place = Place { token: token.clone(), session: entrance.visitor.session().cloned() };
        let expires_at = now.plus(SOCKET_SECONDS);
        let mut transaction = Transaction::default();
        let moved = Change::default().set("place", &place)?.set("expires_at", &expires_at)?;
        let unmoved = same_epoch(session)?.same("place", session.place.as_ref())?;
        transaction.update(Key::signaling_session(&session.public), moved, unmoved);
        let socket = Change::default().set("place", &place)?;
        transaction.update(Key::socket(&session.connection), socket, Condition::exists());
        let member = HallItem {
            connection: session.connection.clone(),
            epoch: session.epoch,
            user: session.user.clone(),
            display_name: session.display_name.clone(),
            session: place.session.clone(),
            expires_at,
        };
        transaction.put(Key::in_hall(token, &session.public), &member, Condition::default())?;
        if let Some(call) = &place.session {
            let user = session.user.as_ref();
            let bound = held(Change::default(), user.is_some(), CONNECTED_SECONDS, now)?;
            let carrier = entrance.carrier.as_ref();
            let same = presence::has_live_session(call.as_str(), now)?.same(SOCKET, carrier)?;
            let bound = bound.set(SOCKET, &session.public)?.set("last_ping", &now)?;
            transaction.update(presence::key(token, user, call.as_str()), bound, same);
            transaction.moves(token);
        }
        if let (None, Some(former)) = (&session.user, former(session, &place)) {
            // A guest who joined anew left the former session behind.
            transaction.delete(Key::guest_presence(token, &former.guest_id()), Condition::default());
        }
        match session.user.as_ref() {
            Some(user) => transaction.check(Key::participant(token, user), Condition::exists()),
            None => transaction.check(Key::room(token), Condition::exists().without("hidden_since")),
        }
        if let Some(ousted) = &entrance.ousted {
            forget(&mut transaction, ousted)?;
        }
        let news = self.write(transaction).await?;
        Ok((SignalingSession { place: Some(place), ..session.clone() }, news))
    }

    /// Takes a session out of its room, and out of the call that it carries.
    ///
    /// # Errors
    /// Contested when it was resumed or moved meanwhile.
    pub async fn leave_hall(&self, session: &SignalingSession) -> Result<(SignalingSession, News), Error> {
        let Some(place) = &session.place else { return Ok((session.clone(), News::none())) };
        let mut transaction = Transaction::default();
        let unmoved = same_epoch(session)?.with("place", place)?;
        transaction.update(
            Key::signaling_session(&session.public),
            Change::default().remove("place"),
            unmoved,
        );
        transaction.update(
            Key::socket(&session.connection),
            Change::default().remove("place"),
            Condition::exists(),
        );
        transaction.delete(Key::in_hall(&place.token, &session.public), Condition::default());
        self.stored_partition(&place.token).await?.hang_up(&mut transaction, session, place)?;
        let news = self.write(transaction).await?;
        Ok((SignalingSession { place: None, ..session.clone() }, news))
    }

    /// Reads the session of signaling that has to go when a visitor comes in.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn entrance(
        &self,
        session: &SignalingSession,
        partition: &Partition,
        visitor: Visitor,
    ) -> Result<Entrance, Error> {
        let carrier = partition.carrier(&visitor);
        let ousted = match carrier.as_ref().filter(|carrier| **carrier != session.public) {
            Some(carrier) => self.signaling_session(carrier).await?,
            None => None,
        };
        Ok(Entrance { visitor, carrier, ousted })
    }
}

/// The session of the call that a session carried in the same room until now, if that was another one.
fn former<'a>(session: &'a SignalingSession, place: &Place) -> Option<&'a SessionId> {
    let before = session.place.as_ref().filter(|before| before.token == place.token)?;
    before.session.as_ref().filter(|former| place.session.as_ref() != Some(*former))
}
