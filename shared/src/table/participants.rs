//! Adding people, removing them, changing what they are.

use super::client::Table;
use super::error::Error;
use super::key::Key;
use super::steps::{Seen, demand_moderator, release_pair, same_type, seat, take_out, visible};
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::Account;
use crate::domain::news::{Event, News};
use crate::domain::permission::{Demotable, Moderator, Promotable, Removable};
use crate::domain::room::{Participant, ParticipantType, RoomType, SessionId};

impl Table {
    /// Adds somebody as a user. A one-to-one room becomes a group room with that.
    ///
    /// # Errors
    /// Contested when the person has a row by now, or the room, the account or the right changed.
    pub async fn add_participant(&self, moderator: &Moderator, account: &Account) -> Result<News, Error> {
        let room = moderator.room();
        let mut transaction = Transaction::default();
        seat(&mut transaction, &room.token, account, ParticipantType::User, None)?;
        let mut change = Change::default().increment("revision");
        if room.is_one_to_one() {
            change = change.set("room_type", &RoomType::Group)?.remove("pair");
            release_pair(&mut transaction, room)?;
        }
        transaction.update(Key::room(&room.token), change, same_type(room)?);
        demand_moderator(&mut transaction, moderator)?;
        let news = self.write(transaction).await?.and(&room.token, Event::Invited(vec![account.id.clone()]));
        Ok(if room.is_one_to_one() { news.and(&room.token, Event::Updated) } else { news })
    }

    /// Removes somebody with an account, with the session and the call.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn remove_participant(&self, moderator: &Moderator, target: &Removable) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        let participant = target.participant();
        let token = &moderator.room().token;
        let (user, row) = (&participant.user, participant.participant_type);
        take_out(&mut transaction, token, user, Some(row), Seen::of_presence(target.presence()))?;
        transaction.check(Key::room(token), same_type(moderator.room())?);
        demand_moderator(&mut transaction, moderator)?;
        let session = target.presence().and_then(|presence| presence.session.clone());
        let event = Event::Disinvited { users: vec![user.clone()], sessions: session.into_iter().collect() };
        Ok(self.write(transaction).await?.and(token, event))
    }

    /// Removes a guest.
    ///
    /// # Errors
    /// Contested when the guest is gone by now, or the room or the right changed.
    pub async fn remove_guest(&self, moderator: &Moderator, session: &SessionId) -> Result<News, Error> {
        let token = &moderator.room().token;
        let mut transaction = Transaction::default();
        transaction.delete(Key::guest_presence(token, &session.guest_id()), Condition::exists());
        transaction.moves(token);
        transaction.check(Key::room(token), visible());
        demand_moderator(&mut transaction, moderator)?;
        let event = Event::Disinvited { users: Vec::new(), sessions: vec![session.clone()] };
        Ok(self.write(transaction).await?.and(token, event))
    }

    /// Makes a user a moderator.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn promote(&self, moderator: &Moderator, target: &Promotable) -> Result<News, Error> {
        self.change_type(moderator, &target.0, ParticipantType::Moderator).await
    }

    /// Makes a moderator a user.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn demote(&self, moderator: &Moderator, target: &Demotable) -> Result<News, Error> {
        self.change_type(moderator, &target.0, ParticipantType::User).await
    }

    pub(super) async fn change_type(
        &self,
        moderator: &Moderator,
        target: &Participant,
        participant_type: ParticipantType,
    ) -> Result<News, Error> {
        let token = &moderator.room().token;
        let mut transaction = Transaction::default();
        // What a moderator allowed somebody in particular ends when that changes.
        let change = Change::default().set("participant_type", &participant_type)?.remove("permissions");
        transaction.update(
            Key::participant(token, &target.user),
            change,
            Condition::exists().with("participant_type", &target.participant_type)?,
        );
        transaction.check(Key::room(token), visible());
        demand_moderator(&mut transaction, moderator)?;
        transaction.moves(token);
        Ok(self.write(transaction).await?.and(token, Event::Changed(target.user.clone())))
    }
}
