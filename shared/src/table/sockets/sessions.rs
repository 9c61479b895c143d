//! How a session of signaling begins, goes on over another socket, and ends.

use super::items::{Connected, MySocketsItem, Place, SessionItem, SignalingSession, SocketItem};
use super::{CONNECTED_SECONDS, RESUME_SECONDS, SOCKET_SECONDS};
use crate::domain::account::{Account, UserId};
use crate::domain::news::News;
use crate::domain::socket::{ConnectionId, PublicId, ResumeId};
use crate::domain::ticket::Ticket;
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::key::{Key, SOCKETS};
use crate::table::presence::{self, CONNECTED_UNTIL, SOCKET};
use crate::table::standing::account;
use crate::table::steps::is_present;
use crate::table::transaction::{Change, Condition, Transaction};

/// To whom a ticket belongs.
pub enum Holder {
    /// Somebody with an account that may log in.
    User(Account),
    /// Somebody without one.
    Guest,
    /// The account is gone, or disabled.
    Nobody,
}

impl Table {
    /// To whom a ticket belongs; `None` when it was not made here, or not today.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn holder(&self, ticket: &Ticket, now: Timestamp) -> Result<Option<Holder>, Error> {
        let (secret, account) = match ticket.user() {
            Some(user) => self.ticket_standing(user).await?,
            None => (self.ticket_secret(None).await?, None),
        };
        if !secret.is_some_and(|secret| ticket.is_genuine(&secret, now)) {
            return Ok(None);
        }
        Ok(Some(match (ticket.user(), account) {
            (None, _) => Holder::Guest,
            (Some(_), Some(account)) if account.is_enabled => Holder::User(account),
            (Some(_), _) => Holder::Nobody,
        }))
    }

    /// An open socket; `None` before its client said hello, and after the session went on elsewhere.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn connected(&self, connection: &ConnectionId) -> Result<Option<Connected>, Error> {
        let item = self.get::<SocketItem>(&Key::socket(connection)).await?;
        Ok(item.map(|item| Connected::new(connection.clone(), item)))
    }

    /// A socket and a session that it may speak to, in one round trip.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn connected_with(
        &self,
        connection: &ConnectionId,
        other: &PublicId,
    ) -> Result<(Option<Connected>, Option<SignalingSession>), Error> {
        let keys = [Key::socket(connection), Key::signaling_session(other)];
        let items = self.get_all(&keys).await?;
        let [socket, session] = keys;
        Ok((
            items.read::<SocketItem>(&socket)?.map(|item| Connected::new(connection.clone(), item)),
            items.read::<SessionItem>(&session)?.map(|item| SignalingSession::new(other.clone(), item)),
        ))
    }

    /// All open sockets.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn sockets(&self) -> Result<Vec<Connected>, Error> {
        let items = self.query(SOCKETS, "").await?;
        let read = |(key, attributes): (Key, _)| {
            let item: SocketItem = crate::table::item::from_attributes(attributes)?;
            Ok(Connected::new(ConnectionId::new(key.sk), item))
        };
        items.into_iter().map(read).collect()
    }

    /// Sessions that are there, in any order.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn signaling_sessions(&self, ids: &[PublicId]) -> Result<Vec<SignalingSession>, Error> {
        let keys: Vec<Key> = ids.iter().map(Key::signaling_session).collect();
        let items = self.get_all(&keys).await?;
        let mut sessions = Vec::new();
        for (id, key) in ids.iter().zip(&keys) {
            let item = items.read::<SessionItem>(key)?;
            sessions.extend(item.map(|item| SignalingSession::new(id.clone(), item)));
        }
        Ok(sessions)
    }

    /// A session.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn signaling_session(&self, public: &PublicId) -> Result<Option<SignalingSession>, Error> {
        let item = self.get::<SessionItem>(&Key::signaling_session(public)).await?;
        Ok(item.map(|item| SignalingSession::new(public.clone(), item)))
    }

    /// The open sockets of people.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn sockets_of(&self, users: &[UserId]) -> Result<Vec<(PublicId, ConnectionId)>, Error> {
        let keys: Vec<Key> = users.iter().map(Key::my_sockets).collect();
        let items = self.get_all(&keys).await?;
        let mut sockets = Vec::new();
        for key in &keys {
            for (name, value) in items.read::<MySocketsItem>(key)?.unwrap_or_default() {
                if let (Some(public), Some(connection)) = (PublicId::parse(&name), value.as_str()) {
                    sockets.push((public, ConnectionId::new(connection.to_owned())));
                }
            }
        }
        Ok(sockets)
    }

    /// Those of these people whose accounts cannot be used (any more).
    ///
    /// # Errors
    /// When the table fails.
    pub async fn locked_out(&self, users: &[UserId]) -> Result<Vec<UserId>, Error> {
        let keys: Vec<Key> = users.iter().map(Key::account).collect();
        let items = self.get_all(&keys).await?;
        let mut out = Vec::new();
        for user in users {
            if !account(&items, user)?.is_some_and(|account| account.is_enabled) {
                out.push(user.clone());
            }
        }
        Ok(out)
    }

    /// Begins a session over a socket.
    ///
    /// # Errors
    /// Contested when the socket has a session, or the account went meanwhile.
    pub async fn begin_session(
        &self,
        connection: &ConnectionId,
        resume: &ResumeId,
        account: Option<&Account>,
        opened: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let public = resume.public();
        let expires_at = now.plus(SOCKET_SECONDS);
        let user = account.map(|account| account.id.clone());
        let mut transaction = Transaction::default();
        let session = SessionItem {
            connection: connection.clone(),
            epoch: 0,
            resume_digest: resume.digest(),
            user: user.clone(),
            display_name: account.map(|account| account.display_name.clone()).unwrap_or_default(),
            place: None,
            gone_at: None,
            waiting: 0,
            expires_at,
        };
        transaction.put(Key::signaling_session(public), &session, Condition::missing())?;
        let socket =
            SocketItem { public_id: public.clone(), user, place: None, since: opened.min(now), expires_at };
        transaction.put(Key::socket(connection), &socket, Condition::missing())?;
        if let Some(account) = account {
            note_socket(&mut transaction, &account.id, public, connection, now)?;
        }
        self.write(transaction).await.map(|_| ())
    }

    /// The session that a client may go on with, by what it shows; `None` when there is no such session any more.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn resumable(
        &self,
        resume: &ResumeId,
        now: Timestamp,
    ) -> Result<Option<SignalingSession>, Error> {
        let Some(known) = self.signaling_session(resume.public()).await? else { return Ok(None) };
        if known.resume_digest != resume.digest() || !known.is_alive(now) {
            return Ok(None);
        }
        let users: Vec<UserId> = known.user.iter().cloned().collect();
        Ok(if self.locked_out(&users).await?.is_empty() { Some(known) } else { None })
    }

    /// Lets a session go on over another socket; the latest wins.
    ///
    /// # Errors
    /// Contested when it was resumed, moved or ended meanwhile.
    pub async fn resume(
        &self,
        connection: &ConnectionId,
        known: &SignalingSession,
        opened: Timestamp,
        now: Timestamp,
    ) -> Result<SignalingSession, Error> {
        let mut transaction = Transaction::default();
        let expires_at = now.plus(SOCKET_SECONDS);
        let change = Change::default()
            .set("connection", connection)?
            .increment("epoch")
            .set("expires_at", &expires_at)?
            .remove("gone_at");
        let unmoved = same_epoch(known)?.same("place", known.place.as_ref())?;
        transaction.update(Key::signaling_session(&known.public), change, unmoved);
        let socket = SocketItem {
            public_id: known.public.clone(),
            user: known.user.clone(),
            place: known.place.clone(),
            since: opened.min(now),
            expires_at,
        };
        transaction.put(Key::socket(connection), &socket, Condition::missing())?;
        transaction.delete(Key::socket(&known.connection), Condition::default());
        if let Some(user) = &known.user {
            note_socket(&mut transaction, user, &known.public, connection, now)?;
        }
        if let Some(place) = &known.place {
            let change = Change::default()
                .set("connection", connection)?
                .set("epoch", &known.epoch.saturating_add(1))?
                .set("expires_at", &expires_at)?;
            transaction.update(Key::in_hall(&place.token, &known.public), change, Condition::exists());
        }
        // Nobody else notices.
        let _ = self.write(transaction).await?;
        self.hold(&known.public, known.user.as_ref(), known.place.as_ref(), CONNECTED_SECONDS, now).await?;
        Ok(SignalingSession {
            connection: connection.clone(),
            epoch: known.epoch.saturating_add(1),
            gone_at: None,
            ..known.clone()
        })
    }

    /// Notes that the socket of a session was cut, unless that is known; the session, which waits for another one. `None`
    /// when it is over or went on elsewhere.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn cut(
        &self,
        connection: &ConnectionId,
        now: Timestamp,
    ) -> Result<Option<SignalingSession>, Error> {
        let Some(connected) = self.connected(connection).await? else { return Ok(None) };
        let same = Condition::default().with("connection", connection)?.without("gone_at");
        let change = Change::default().set("gone_at", &now)?;
        let session = Key::signaling_session(&connected.public);
        let is_new = self.update_patiently(&session, change, same).await?.is_some();
        let (user, place) = (connected.user.as_ref(), connected.place.as_ref());
        if is_new {
            self.hold(&connected.public, user, place, RESUME_SECONDS, now).await?;
        }
        let session = self.signaling_session(&connected.public).await?;
        match session.filter(|session| session.gone_at.is_some() && session.connection == *connection) {
            None if is_new => {
                // Resumed meanwhile: what was just shortened is to last.
                self.hold(&connected.public, user, place, CONNECTED_SECONDS, now).await?;
                Ok(None)
            }
            session => Ok(session),
        }
    }

    /// Keeps the session of the call that a socket carries for so long. Does nothing for somebody who pings, or
    /// whom another socket carries.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn hold(
        &self,
        public: &PublicId,
        user: Option<&UserId>,
        place: Option<&Place>,
        seconds: i64,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((token, session)) = place.and_then(|place| Some((&place.token, place.session.as_ref()?)))
        else {
            return Ok(());
        };
        let key = presence::key(token, user, session.as_str());
        let change = held(Change::default(), user.is_some(), seconds, now)?;
        let same = Condition::default().with(SOCKET, public)?.has(CONNECTED_UNTIL);
        self.update_patiently(&key, change, same.with("session_id", session)?).await.map(|_| ())
    }

    /// Ends a session, and with it that of the call that it carries.
    ///
    /// # Errors
    /// Contested when it was resumed or moved meanwhile.
    pub async fn end_session(&self, session: &SignalingSession) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        forget(&mut transaction, session)?;
        if let Some(place) = &session.place {
            self.stored_partition(&place.token).await?.hang_up(&mut transaction, session, place)?;
        }
        self.write(transaction).await
    }
}

/// Extends a change of a presence by a socket that is taken to be open for so long.
pub(super) fn held(change: Change, is_user: bool, seconds: i64, now: Timestamp) -> Result<Change, Error> {
    let until = now.plus(seconds);
    // Of a guest nothing is left after that.
    let expires_at = if is_user { now.plus(presence::kept_seconds(true)) } else { until };
    change.set(CONNECTED_UNTIL, &until)?.set("expires_at", &expires_at)
}

/// The session is as it was read.
pub(super) fn same_epoch(session: &SignalingSession) -> Result<Condition, Error> {
    Condition::default().with("epoch", &session.epoch)?.with("connection", &session.connection)
}

/// Removes all that there is of a session, but what it carries.
pub(super) fn forget(transaction: &mut Transaction, session: &SignalingSession) -> Result<(), Error> {
    let unmoved = same_epoch(session)?.same("place", session.place.as_ref())?;
    transaction.delete(Key::signaling_session(&session.public), unmoved);
    transaction.delete(Key::socket(&session.connection), Condition::default());
    if let Some(place) = &session.place {
        transaction.delete(Key::in_hall(&place.token, &session.public), Condition::default());
    }
    if let Some(user) = &session.user {
        let change = Change::default().remove(session.public.as_str());
        transaction.update(Key::my_sockets(user), change, Condition::default());
    }
    Ok(())
}

/// Notes a socket of a user whose account can be used.
fn note_socket(
    transaction: &mut Transaction,
    user: &UserId,
    public: &PublicId,
    connection: &ConnectionId,
    now: Timestamp,
) -> Result<(), Error> {
    let expires_at = now.plus(SOCKET_SECONDS);
    let change = Change::default().set(public.as_str(), connection)?.set("expires_at", &expires_at)?;
    transaction.update(Key::my_sockets(user), change, Condition::default());
    transaction.check(Key::account(user), is_present().with("is_enabled", &true)?);
    Ok(())
}
