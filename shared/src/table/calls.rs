//! Joining calls, staying in them, leaving them.

use super::client::Table;
use super::error::Error;
use super::item::{CALLED_SINCE, CallItem, GuestPresenceItem, ParticipantItem, RoomItem, UserPresenceItem};
use super::key::Key;
use super::partition::Partition;
use super::standing::{Standing, account, standing};
use super::steps::{
    Place, Seen, bring_back, end_session, give_row, keep_row, still_logged_in, take_out, unvisited, visible,
};
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::{Account, UserId};
use crate::domain::denial::Denial;
use crate::domain::guest::GuestCookie;
use crate::domain::identity::User;
use crate::domain::news::{Event, News};
use crate::domain::occupancy::Written;
use crate::domain::permission::{Admission, Way};
use crate::domain::room::{GuestId, ParticipantType, Presence, Room, RoomType, SessionId, Token};
use crate::domain::time::Timestamp;

/// What has to be known before a user joins a call.
pub struct Joining {
    /// Where the user stands in the room.
    pub standing: Standing,
    /// What becomes of the session that the user has elsewhere, and who the user is.
    pub joiner: Joiner,
}

/// The user who joins, as the table knows the person.
pub struct Joiner {
    account: Account,
    call: Option<CallItem>,
    /// What lies in the room of the other call; read only after a first attempt that took the call
    /// item at its word has failed.
    elsewhere: Option<Elsewhere>,
}

struct Elsewhere {
    participant: Option<ParticipantItem>,
    presence: Option<UserPresenceItem>,
}

/// What has to be known before a guest joins or leaves a call.
pub struct GuestStanding {
    /// The room, unless there is none.
    pub room: Option<Room>,
    /// The session of the guest to whom the cookie belongs, if it lives.
    pub session: Option<SessionId>,
    /// How many guests are in the room at most.
    guests: u64,
    /// What that guest wrote lately.
    written: Option<Written>,
}

impl GuestStanding {
    /// Whether more guests than the limit might be in the room after a join. One who joins again takes the
    /// place of the former session.
    #[must_use]
    pub const fn may_be_full(&self, limit: u64) -> bool {
        self.session.is_none() && self.guests >= limit
    }

    /// The former session of the guest who joins again, with what has to be kept of it.
    #[must_use]
    pub fn former(&self, cookie: Option<&GuestCookie>) -> Option<FormerGuest> {
        let (cookie, session) = (cookie?, self.session.clone()?);
        Some(FormerGuest { id: cookie.id().clone(), session, written: self.written })
    }
}

/// The session of a guest that ends because the guest joins again.
pub struct FormerGuest {
    id: GuestId,
    session: SessionId,
    /// A new session is no new minute.
    written: Option<Written>,
}

impl Table {
    /// Reads what decides how a user joins. With `after_a_race` the room of another call is read, too.
    ///
    /// # Errors
    /// Not logged in when the login has ended.
    pub async fn joining(&self, token: &Token, joiner: &User, after_a_race: bool) -> Result<Joining, Error> {
        let user = joiner.id();
        let keys = [Key::room(token), Key::participant(token, user), Key::account(user), Key::my_call(user)];
        let items = self.get_all(&keys).await?;
        let account = joiner.still(account(&items, user)?)?;
        let call = items.read::<CallItem>(&Key::my_call(user))?;
        let elsewhere = match &call {
            Some(call) if after_a_race && call.token != *token => {
                Some(self.elsewhere(&call.token, user).await?)
            }
            _ => None,
        };
        Ok(Joining { standing: standing(&items, token, user)?, joiner: Joiner { account, call, elsewhere } })
    }

    async fn elsewhere(&self, token: &Token, user: &UserId) -> Result<Elsewhere, Error> {
        let (participant, presence) = (Key::participant(token, user), Key::user_presence(token, user));
        let items = self.get_all(&[participant.clone(), presence.clone()]).await?;
        Ok(Elsewhere { participant: items.read(&participant)?, presence: items.read(&presence)? })
    }

    /// Lets a user into the call under a new session. Every other session of the user ends, and the
    /// row goes with it where the user was a follower. The one of two who left their room is back with that.
    ///
    /// # Errors
    /// Contested when the room, its password, the row or another join changed meanwhile.
    pub async fn join_as_user(
        &self,
        admission: &Admission,
        joiner: &Joiner,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<News, Error> {
        let room = admission.room();
        let user = &joiner.account.id;
        let mut transaction = Transaction::default();
        arrive(&mut transaction, admission, user, now)?;
        match admission.way() {
            Way::NewFollower => {
                let follower = ParticipantType::SelfJoined;
                let place = Place { other: None, marker: room.chat.end() };
                give_row(&mut transaction, &room.token, &joiner.account, follower, place)?;
            }
            Way::KnownFollower => keep_row(&mut transaction, &room.token, user, ParticipantType::SelfJoined)?,
            Way::Member(row) => keep_row(&mut transaction, &room.token, user, row)?,
            Way::Guest => return Err(Denial::NotLoggedIn.into()),
        }
        // Somebody who is disabled at this moment must not be in the call afterwards.
        transaction.check(Key::account(user), still_logged_in(&joiner.account)?);
        let presence = UserPresenceItem::joined(session, room.id, now);
        transaction.put(Key::user_presence(&room.token, user), &presence, Condition::default())?;
        let call = CallItem {
            token: room.token.clone(),
            session_id: session.clone(),
            is_follower: matches!(admission.way(), Way::KnownFollower | Way::NewFollower),
        };
        let known = joiner.call.as_ref();
        let unchanged = Condition::default().same("session_id", known.map(|call| &call.session_id))?;
        transaction.put(Key::my_call(user), &call, unchanged)?;
        if let Some(other) = known.filter(|other| other.token != room.token) {
            end_elsewhere(&mut transaction, user, other, joiner.elsewhere.as_ref())?;
        }
        let mut news = self.write(transaction).await?;
        if let Some(former) = known {
            let left = Event::Left(Some(user.clone()), former.session_id.clone());
            news = news.and(&former.token, left);
        }
        if let Some(absent) = &room.absent {
            news = news.and(&room.token, Event::Invited(vec![absent.clone()]));
        }
        Ok(news.and(&room.token, Event::Joined(session.clone())))
    }

    /// Reads what decides how a guest joins or leaves: the room, and the session of the guest in it to whom
    /// the cookie belongs.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn guest_standing(
        &self,
        token: &Token,
        cookie: Option<&GuestCookie>,
        now: Timestamp,
    ) -> Result<GuestStanding, Error> {
        let mut keys = vec![Key::room(token)];
        keys.extend(cookie.map(|cookie| Key::guest_presence(token, cookie.id())));
        let items = self.get_all(&keys).await?;
        let room = items.read::<RoomItem>(&Key::room(token))?;
        let guests = room.as_ref().map_or(0, |room| room.guests);
        let guest = match cookie {
            Some(cookie) => items
                .read::<GuestPresenceItem>(&Key::guest_presence(token, cookie.id()))?
                .filter(|guest| guest.is_alive(now) && guest.cookie_digest == cookie.digest())
                .map(|guest| guest.guest(now)),
            None => None,
        };
        Ok(GuestStanding {
            room: room.and_then(|room| room.visible(token)),
            guests,
            written: guest.as_ref().and_then(|guest| guest.written),
            session: guest.map(|guest| guest.session),
        })
    }

    /// Counts the guests in a room anew, in which as many came as may be there at a time.
    ///
    /// # Errors
    /// Too many when as many as `limit` are there, contested when somebody comes at this moment.
    pub async fn count_guests(&self, partition: &Partition, limit: u64, now: Timestamp) -> Result<(), Error> {
        let occupancy = partition.occupancy(now).ok_or(Denial::NotFound)?;
        let guests = u64::try_from(occupancy.guests.len()).unwrap_or(u64::MAX);
        if guests >= limit {
            return Err(
                Denial::TooMany(format!("The room has {limit} guests, which is the most it takes.")).into()
            );
        }
        let mut transaction = Transaction::default();
        let change = Change::default().set("guests", &guests)?;
        transaction.update(Key::room(&partition.token), change, unvisited(partition)?);
        self.write(transaction).await.map(|_| ())
    }

    /// Lets a guest into the call; the row of an earlier join from the same browser goes.
    ///
    /// # Errors
    /// Contested when the room or its password changed meanwhile, or `limit` guests came since they were
    /// counted.
    pub async fn join_as_guest(
        &self,
        admission: &Admission,
        session: &SessionId,
        cookie: &GuestCookie,
        former: Option<&FormerGuest>,
        limit: u64,
        now: Timestamp,
    ) -> Result<News, Error> {
        let token = &admission.room().token;
        let mut transaction = Transaction::default();
        let is_open = still_open(admission)?;
        let arrival = arrival(now)?;
        match former {
            // One comes and one goes.
            Some(former) => {
                transaction.delete(Key::guest_presence(token, &former.id), Condition::exists());
                transaction.update(Key::room(token), arrival, is_open);
            }
            None => {
                let has_room = is_open.missing_or_at_most("guests", limit.saturating_sub(1));
                transaction.update(Key::room(token), arrival.add("guests", 1), has_room);
            }
        }
        transaction.moves(token);
        let mut presence = GuestPresenceItem::joined(session, cookie.digest(), admission.room().id, now);
        if let Some(written) = former.and_then(|former| former.written) {
            presence.minute = Some(written.minute);
            presence.written = written.kibibytes;
        }
        transaction.put(Key::guest_presence(token, cookie.id()), &presence, Condition::missing())?;
        let mut news = self.write(transaction).await?;
        if let Some(former) = former {
            news = news.and(token, Event::Left(None, former.session.clone()));
        }
        Ok(news.and(token, Event::Joined(session.clone())))
    }

    /// Ends a user's session in this room; a follower's row goes with it.
    ///
    /// # Errors
    /// Contested when the user joined again meanwhile.
    pub async fn leave_call_as_user(
        &self,
        token: &Token,
        user: &UserId,
        row: ParticipantType,
        presence: Option<&Presence>,
    ) -> Result<News, Error> {
        match Seen::of_presence(presence) {
            Seen::In(session) => self.leave_call_under(token, user, row, session).await,
            seen if row == ParticipantType::SelfJoined => {
                let mut transaction = Transaction::default();
                take_out(&mut transaction, token, user, Some(row), seen)?;
                self.write(transaction).await
            }
            _ => Ok(News::none()),
        }
    }

    /// Ends the session of a user, wherever it is.
    ///
    /// # Errors
    /// Contested when the user joined again meanwhile.
    pub async fn leave_any_call(&self, user: &UserId) -> Result<News, Error> {
        let Some(call) = self.get::<CallItem>(&Key::my_call(user)).await? else { return Ok(News::none()) };
        let target = self.standing_and_target(&call.token, user, Some(user)).await?.target;
        match &target.participant {
            Some(row) => {
                let (row, presence) = (row.participant_type, target.presence.as_ref());
                self.leave_call_as_user(&call.token, user, row, presence).await
            }
            None => Ok(News::none()),
        }
    }

    /// Ends this session of a user; a follower's row goes with it.
    pub(super) async fn leave_call_under(
        &self,
        token: &Token,
        user: &UserId,
        row: ParticipantType,
        session: &SessionId,
    ) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        hang_up(&mut transaction, token, user, row, session)?;
        let left = Event::Left(Some(user.clone()), session.clone());
        Ok(self.write(transaction).await?.and(token, left))
    }

    /// Ends a guest's session, which is all that there is of a guest.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn leave_call_as_guest(&self, token: &Token, session: &SessionId) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        transaction.delete(Key::guest_presence(token, &session.guest_id()), Condition::default());
        transaction.moves(token);
        Ok(self.write(transaction).await?.and(token, Event::Left(None, session.clone())))
    }
}

/// Ends this session of a user; a follower's row goes with it.
pub(super) fn hang_up(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: ParticipantType,
    session: &SessionId,
) -> Result<(), Error> {
    if row == ParticipantType::SelfJoined {
        return take_out(transaction, token, user, Some(row), Seen::In(session));
    }
    end_session(transaction, token, user, session)?;
    let same = Condition::default().with("session_id", session)?;
    transaction.delete(Key::my_call(user), same);
    Ok(())
}

/// The room is still as it was when the caller was admitted. A request that has read the whole room and then
/// deletes it notices the newcomer.
fn arrive(
    transaction: &mut Transaction,
    admission: &Admission,
    user: &UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let room = admission.room();
    let mut arrival = arrival(now)?;
    if let Some(absent) = &room.absent {
        // Room and row are not read at the same moment.
        if absent == user {
            return Err(Error::Contested);
        }
        arrival = arrival.remove("absent");
        bring_back(transaction, &room.token, room.pair.as_ref(), absent);
    }
    let open = still_open(admission)?.same("absent", room.absent.as_ref())?;
    transaction.update(Key::room(&room.token), arrival, open);
    transaction.moves(&room.token);
    Ok(())
}

/// Somebody more is in the call, which goes on or begins with that.
fn arrival(now: Timestamp) -> Result<Change, Error> {
    Change::default().increment("revision").set_if_missing(CALLED_SINCE, &now)
}

/// The room is still open to the caller who was admitted.
fn still_open(admission: &Admission) -> Result<Condition, Error> {
    match admission.way() {
        Way::Member(_) => Ok(visible()),
        Way::KnownFollower | Way::NewFollower | Way::Guest => visible()
            .with("room_type", &RoomType::Public)?
            .same("password_hash", admission.room().password.as_ref()),
    }
}

/// Ends the session in the other room: by the word of the call item, or as it was read.
fn end_elsewhere(
    transaction: &mut Transaction,
    user: &UserId,
    call: &CallItem,
    elsewhere: Option<&Elsewhere>,
) -> Result<(), Error> {
    let (row, seen) = match elsewhere {
        None => {
            let row = if call.is_follower { ParticipantType::SelfJoined } else { ParticipantType::User };
            (Some(row), Seen::In(&call.session_id))
        }
        Some(elsewhere) => (
            elsewhere.participant.as_ref().map(|item| item.participant_type),
            Seen::of_item(elsewhere.presence.as_ref()),
        ),
    };
    let mut ending = Transaction::default();
    match (row, seen) {
        (Some(ParticipantType::SelfJoined), _) => {
            take_out(&mut ending, &call.token, user, row, seen)?;
            // This transaction gives the user a new call item.
            ending.forget(&Key::my_call(user));
        }
        (_, Seen::In(session)) => end_session(&mut ending, &call.token, user, session)?,
        _ => {}
    }
    transaction.append(ending);
    Ok(())
}
