//! Adding people, removing them, changing what they are.

use super::Table;
use super::item::{ParticipantItem, UserPresenceItem};
use super::key::Key;
use super::removal::{room_visible, take_out};
use super::rooms::{demand_moderator, release_pair, same_type, seat};
use super::transaction::{Change, Condition, Transaction};
use crate::account::{Account, UserId};
use crate::permission::{Demotable, Moderator, Promotable, Removable, Target};
use crate::refusal::Refusal;
use crate::room::{GuestId, Participant, ParticipantType, RoomType, Token};

impl Table {
    /// Adds somebody as a user. A one-to-one room becomes a group room with that.
    ///
    /// # Errors
    /// Contested when the person has a row by now, or the room, the account or the right changed.
    pub async fn add_participant(&self, moderator: &Moderator, account: &Account) -> Result<(), Refusal> {
        let room = moderator.room();
        let mut transaction = Transaction::default();
        seat(&mut transaction, &room.token, account, ParticipantType::User)?;
        let mut change = Change::default().increment("revision");
        if room.is_one_to_one() {
            change = change.set("room_type", &RoomType::Group)?.remove("pair");
            release_pair(&mut transaction, room)?;
        }
        transaction.update(Key::room(&room.token), change, same_type(room)?);
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }

    /// Removes somebody with an account, with the session and the call.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn remove_participant(&self, moderator: &Moderator, target: &Removable) -> Result<(), Refusal> {
        let mut transaction = Transaction::default();
        let participant = target.participant();
        let session = target.presence().map(|presence| presence.session.as_ref());
        take_out(
            &mut transaction,
            &moderator.room().token,
            &participant.user,
            Some(participant.participant_type),
            session,
        )?;
        transaction.check(Key::room(&moderator.room().token), same_type(moderator.room())?);
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }

    /// Removes a guest.
    ///
    /// # Errors
    /// Contested when the guest is gone by now, or the room or the right changed.
    pub async fn remove_guest(&self, moderator: &Moderator, guest: &GuestId) -> Result<(), Refusal> {
        let token = &moderator.room().token;
        let mut transaction = Transaction::default();
        transaction.delete(Key::guest_presence(token, guest), Condition::exists());
        transaction.moves(token);
        transaction.check(Key::room(token), room_visible());
        demand_moderator(&mut transaction, moderator)?;
        self.write(transaction).await
    }

    /// Makes a user a moderator.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn promote(&self, moderator: &Moderator, target: &Promotable) -> Result<(), Refusal> {
        self.change_type(moderator, &target.0, ParticipantType::Moderator).await
    }

    /// Makes a moderator a user.
    ///
    /// # Errors
    /// Contested when the person, the room or the right changed meanwhile.
    pub async fn demote(&self, moderator: &Moderator, target: &Demotable) -> Result<(), Refusal> {
        self.change_type(moderator, &target.0, ParticipantType::User).await
    }

    async fn change_type(
        &self,
        moderator: &Moderator,
        target: &Participant,
        participant_type: ParticipantType,
    ) -> Result<(), Refusal> {
        let token = &moderator.room().token;
        let mut transaction = Transaction::default();
        transaction.update(
            Key::participant(token, &target.user),
            Change::default().set("participant_type", &participant_type)?,
            Condition::exists().with("participant_type", &target.participant_type)?,
        );
        transaction.check(Key::room(token), room_visible());
        demand_moderator(&mut transaction, moderator)?;
        transaction.moves(token);
        self.write(transaction).await
    }
}

pub(super) fn target(items: &super::Items, token: &Token, user: &UserId) -> Result<Target, Refusal> {
    let participant = items.read::<ParticipantItem>(&Key::participant(token, user))?;
    let presence = items.read::<UserPresenceItem>(&Key::user_presence(token, user))?;
    Ok(Target {
        participant: participant.map(|item| item.participant(user)),
        presence: presence.map(UserPresenceItem::stored),
    })
}
