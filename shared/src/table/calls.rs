//! Joining calls, staying in them, leaving them.

use super::Table;
use super::item::{CallItem, GuestPresenceItem, ParticipantItem, RoomItem, UserPresenceItem};
use super::key::Key;
use super::removal::{room_visible, take_out, unvisited};
use super::rooms::{Standing, seat, standing};
use super::transaction::{Change, Condition, Transaction};
use crate::account::{Account, UserId};
use crate::auth::GuestCookie;
use crate::occupancy::Written;
use crate::permission::{Admission, Way};
use crate::refusal::Refusal;
use crate::room::{GuestId, ParticipantType, Presence, Room, RoomType, SessionId, Token};
use crate::time::Timestamp;

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

impl Joiner {
    /// The session that ends by joining, and the room in which it is.
    #[must_use]
    pub fn former(&self) -> Option<(&Token, &SessionId)> {
        self.call.as_ref().map(|call| (&call.token, &call.session_id))
    }
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
    pub fn former(&self, cookie: Option<GuestCookie>) -> Option<FormerGuest> {
        let cookie = cookie.filter(|_| self.session.is_some())?;
        Some(FormerGuest { cookie, written: self.written })
    }
}

/// The session of a guest that ends because the guest joins again.
pub struct FormerGuest {
    cookie: GuestCookie,
    /// A new session is no new minute.
    written: Option<Written>,
}

impl Table {
    /// Reads what decides how a user joins. With `is_doubtful` the room of another call is read, too.
    ///
    /// # Errors
    /// 401 when the account went meanwhile.
    pub async fn joining(&self, token: &Token, user: &UserId, is_doubtful: bool) -> Result<Joining, Refusal> {
        let keys = [Key::room(token), Key::participant(token, user), Key::account(user), Key::my_call(user)];
        let items = self.get_all(&keys).await?;
        let account = super::accounts::account(&items, user)?.ok_or_else(Refusal::not_logged_in)?;
        let call = items.read::<CallItem>(&Key::my_call(user))?;
        let elsewhere = match &call {
            Some(call) if is_doubtful && call.token != *token => {
                Some(self.elsewhere(&call.token, user).await?)
            }
            _ => None,
        };
        Ok(Joining { standing: standing(&items, token, user)?, joiner: Joiner { account, call, elsewhere } })
    }

    async fn elsewhere(&self, token: &Token, user: &UserId) -> Result<Elsewhere, Refusal> {
        let (participant, presence) = (Key::participant(token, user), Key::user_presence(token, user));
        let items = self.get_all(&[participant.clone(), presence.clone()]).await?;
        Ok(Elsewhere { participant: items.read(&participant)?, presence: items.read(&presence)? })
    }

    /// Lets a user into the call under a new session. Every other session of the user ends, and the
    /// row goes with it where the user was a follower.
    ///
    /// # Errors
    /// Contested when the room, its password, the row or another join changed meanwhile.
    pub async fn join_as_user(
        &self,
        admission: &Admission,
        joiner: &Joiner,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let room = admission.room();
        let user = &joiner.account.id;
        let mut transaction = Transaction::default();
        arrive(&mut transaction, admission)?;
        match admission.way() {
            Way::NewFollower => {
                seat(&mut transaction, &room.token, &joiner.account, ParticipantType::SelfJoined)?;
            }
            Way::KnownFollower => keep_row(&mut transaction, &room.token, user, ParticipantType::SelfJoined)?,
            Way::Member(row) => keep_row(&mut transaction, &room.token, user, row)?,
            Way::Guest => return Err(Refusal::not_logged_in()),
        }
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
        self.write(transaction).await
    }

    /// Reads what decides how a guest joins or leaves: the room, and the session of the guest in it to whom
    /// the cookie belongs.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn guest_standing(
        &self,
        token: &Token,
        cookie: Option<&GuestCookie>,
        now: Timestamp,
    ) -> Result<GuestStanding, Refusal> {
        let mut keys = vec![Key::room(token)];
        keys.extend(cookie.map(|cookie| Key::guest_presence(token, cookie.id())));
        let items = self.get_all(&keys).await?;
        let room = items.read::<RoomItem>(&Key::room(token))?;
        let guests = room.as_ref().map_or(0, |room| room.guests);
        let guest = match cookie {
            Some(cookie) => items
                .read::<GuestPresenceItem>(&Key::guest_presence(token, cookie.id()))?
                .filter(|guest| guest.is_alive(now) && guest.cookie_digest == cookie.digest())
                .map(|guest| guest.guest()),
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
    /// 429 when as many as `limit` are there, contested when somebody comes at this moment.
    pub async fn count_guests(&self, token: &Token, limit: u64, now: Timestamp) -> Result<(), Refusal> {
        let partition = self.partition(token, now).await?;
        self.sweep(&partition, now).await;
        let occupancy = partition.occupancy(now).ok_or_else(Refusal::not_found)?;
        let guests = u64::try_from(occupancy.guests.len()).unwrap_or(u64::MAX);
        if guests >= limit {
            return Err(Refusal::too_many(format!(
                "The room has {limit} guests, which is the most it takes."
            )));
        }
        let mut transaction = Transaction::default();
        let change = Change::default().set("guests", &guests)?;
        transaction.update(Key::room(token), change, unvisited(&partition)?);
        self.write(transaction).await
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
    ) -> Result<(), Refusal> {
        let token = &admission.room().token;
        let mut transaction = Transaction::default();
        let is_open = still_open(admission)?;
        let arrival = Change::default().increment("revision");
        match former {
            // One comes and one goes.
            Some(former) => {
                transaction.delete(Key::guest_presence(token, former.cookie.id()), Condition::exists());
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
        self.write(transaction).await
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
    ) -> Result<(), Refusal> {
        if row == ParticipantType::SelfJoined {
            let mut transaction = Transaction::default();
            take_out(
                &mut transaction,
                token,
                user,
                Some(row),
                presence.map(|presence| presence.session.as_ref()),
            )?;
            return self.write(transaction).await;
        }
        match presence.and_then(|presence| presence.session.as_ref()) {
            Some(session) => self.leave_call_under(token, user, row, session).await,
            None => Ok(()),
        }
    }

    /// Ends this session of a user; a follower's row goes with it.
    pub(super) async fn leave_call_under(
        &self,
        token: &Token,
        user: &UserId,
        row: ParticipantType,
        session: &SessionId,
    ) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        if row == ParticipantType::SelfJoined {
            take_out(&mut transaction, token, user, Some(row), Some(Some(session)))?;
        } else {
            end_session(&mut transaction, token, user, session)?;
            let same = Condition::default().with("session_id", session)?;
            transaction.delete(Key::my_call(user), same);
        }
        self.write(transaction).await
    }

    /// Ends a guest's session, which is all that there is of a guest.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn leave_call_as_guest(&self, token: &Token, cookie: &GuestCookie) -> Result<(), Refusal> {
        self.leave_call_as_guest_under(token, cookie.id()).await
    }

    pub(super) async fn leave_call_as_guest_under(
        &self,
        token: &Token,
        guest: &GuestId,
    ) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        transaction.delete(Key::guest_presence(token, guest), Condition::default());
        transaction.moves(token);
        self.write(transaction).await
    }
}

/// The room is still as it was when the caller was admitted; whoever reads the whole room and then
/// deletes it notices the newcomer.
fn arrive(transaction: &mut Transaction, admission: &Admission) -> Result<(), Refusal> {
    let token = &admission.room().token;
    transaction.update(Key::room(token), Change::default().increment("revision"), still_open(admission)?);
    transaction.moves(token);
    Ok(())
}

/// The room is still open to the caller who was admitted.
fn still_open(admission: &Admission) -> Result<Condition, Refusal> {
    match admission.way() {
        Way::Member(_) => Ok(room_visible()),
        Way::KnownFollower | Way::NewFollower | Way::Guest => room_visible()
            .with("room_type", &RoomType::Public)?
            .same("password_hash", admission.room().password.as_ref()),
    }
}

fn keep_row(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    row: ParticipantType,
) -> Result<(), Refusal> {
    let unchanged = Condition::exists().with("participant_type", &row)?;
    transaction.check(Key::participant(token, user), unchanged);
    Ok(())
}

/// Takes the session away and leaves the last ping, by which lists are sorted.
fn end_session(
    transaction: &mut Transaction,
    token: &Token,
    user: &UserId,
    session: &SessionId,
) -> Result<(), Refusal> {
    let same = Condition::exists().with("session_id", session)?;
    transaction.update(Key::user_presence(token, user), Change::default().remove("session_id"), same);
    transaction.moves(token);
    Ok(())
}

/// Ends the session in the other room: by the word of the call item, or as it was read.
fn end_elsewhere(
    transaction: &mut Transaction,
    user: &UserId,
    call: &CallItem,
    elsewhere: Option<&Elsewhere>,
) -> Result<(), Refusal> {
    let (row, presence) = match elsewhere {
        None => {
            let row = if call.is_follower { ParticipantType::SelfJoined } else { ParticipantType::User };
            (Some(row), Some(Some(&call.session_id)))
        }
        Some(elsewhere) => (
            elsewhere.participant.as_ref().map(|item| item.participant_type),
            elsewhere.presence.as_ref().map(|item| item.session_id.as_ref()),
        ),
    };
    let mut ending = Transaction::default();
    match (row, presence) {
        (Some(ParticipantType::SelfJoined), _) => {
            take_out(&mut ending, &call.token, user, row, presence)?;
            // This transaction gives the user a new call item.
            ending.forget(&Key::my_call(user));
        }
        (_, Some(Some(session))) => end_session(&mut ending, &call.token, user, session)?,
        _ => {}
    }
    transaction.append(ending);
    Ok(())
}
