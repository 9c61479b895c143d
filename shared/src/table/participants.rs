//! Adding people, removing them, changing what they are.

use super::chat::{Saying, say};
use super::client::Table;
use super::error::Error;
use super::key::Key;
use super::steps::{Place, Seen, demand_moderator, release_pair, same_type, seat, take_out, visible};
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::Account;
use crate::domain::chat::{Occasion, Verb};
use crate::domain::news::{Event, News};
use crate::domain::permission::{Demotable, Moderator, Promotable, Removable};
use crate::domain::room::{Participant, ParticipantType, RoomType, SessionId};

impl Table {
    /// Adds somebody as a user. A one-to-one room becomes a group room with that.
    ///
    /// # Errors
    /// Contested when the person has a row by now, or the room, the account or the right changed.
    pub async fn add_participant(
        &self,
        moderator: &Moderator,
        account: &Account,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let room = moderator.room();
        let mut transaction = Transaction::default();
        let place = Place { other: None, marker: room.chat.end() };
        seat(&mut transaction, &room.token, account, ParticipantType::User, place)?;
        let mut change = Change::default().increment("revision");
        if room.is_one_to_one() {
            change = change.set("room_type", &RoomType::Group)?.remove("pair").remove("absent");
            release_pair(&mut transaction, room)?;
        }
        let saying = Saying::by(moderator.member(), Verb::UserAdded, occasion);
        let saying = saying.about(&account.id, &account.display_name);
        say(&mut transaction, room, [saying], change, same_type(room)?)?;
        demand_moderator(&mut transaction, moderator)?;
        let news = self.write(transaction).await?.and(&room.token, Event::Invited(vec![account.id.clone()]));
        Ok(if room.is_one_to_one() { news.and(&room.token, Event::Updated) } else { news })
    }

    /// Removes somebody with an account, with the session and the call.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn remove_participant(
        &self,
        moderator: &Moderator,
        target: &Removable,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let mut transaction = Transaction::default();
        let participant = target.participant();
        let token = &moderator.room().token;
        let (user, row) = (&participant.user, participant.participant_type);
        take_out(&mut transaction, token, user, Some(row), Seen::of_presence(target.presence()))?;
        // Who only followed a link, or is left over from that, goes without a word.
        let is_told = !row.needs_public_room();
        let saying = Saying::by(moderator.member(), Verb::UserRemoved, occasion);
        let saying = is_told.then(|| saying.about(user, &participant.display_name));
        let room = moderator.room();
        say(&mut transaction, room, saying, Change::default().increment("revision"), same_type(room)?)?;
        demand_moderator(&mut transaction, moderator)?;
        let session = target.presence().and_then(|presence| presence.session.clone());
        let event = Event::Disinvited { users: vec![user.clone()], sessions: session.into_iter().collect() };
        let news = self.write(transaction).await?.and(token, event);
        self.note_departure(room, [participant.attendance.marker.id], occasion.now).await;
        Ok(news)
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
    pub async fn promote(
        &self,
        moderator: &Moderator,
        target: &Promotable,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let saying = Saying::by(moderator.member(), Verb::ModeratorPromoted, occasion);
        self.change_type(moderator, &target.0, ParticipantType::Moderator, saying).await
    }

    /// Makes a moderator a user.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn demote(
        &self,
        moderator: &Moderator,
        target: &Demotable,
        occasion: Occasion,
    ) -> Result<News, Error> {
        let saying = Saying::by(moderator.member(), Verb::ModeratorDemoted, occasion);
        self.change_type(moderator, &target.0, ParticipantType::User, saying).await
    }

    pub(super) async fn change_type(
        &self,
        moderator: &Moderator,
        target: &Participant,
        participant_type: ParticipantType,
        saying: Saying,
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
        let saying = saying.about(&target.user, &target.display_name);
        say(&mut transaction, moderator.room(), [saying], Change::default(), visible())?;
        demand_moderator(&mut transaction, moderator)?;
        transaction.moves(token);
        Ok(self.write(transaction).await?.and(token, Event::Changed(target.user.clone())))
    }
}
