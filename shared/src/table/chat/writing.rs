//! Writing: saying something, changing it, taking it back, reacting to it.

use super::saying::{Saying, say};
use crate::domain::account::UserId;
use crate::domain::chat::{Author, Mentions, Message, MessageText, Names, Occasion, Reaction, Trace, Verb};
use crate::domain::denial::Denial;
use crate::domain::news::{Event, News};
use crate::domain::permission::{Moderator, Writer};
use crate::domain::room::Room;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::LEFT_AT;
use crate::table::key::Key;
use crate::table::steps::{demand_moderator, keep_row, visible};
use crate::table::transaction::{Change, Condition, Transaction};

/// The most people whom one message means in particular: what one transaction takes.
pub const MAX_MENTIONS: usize = 80;
/// The most reactions to one message.
const MAX_REACTIONS: usize = 500;

/// Something that somebody wants to say.
pub struct Draft {
    pub message: Message,
    /// The names of all who are named, for those who list rooms.
    pub names: Names,
    /// Who is told, beside those who are meant: the author of the message that is answered.
    pub answers: Option<UserId>,
}

impl Table {
    /// Stores what somebody says. The author has read everything with that; those who are meant find a mark; and the one of
    /// two who left the room to the other is back.
    ///
    /// # Errors
    /// Contested when somebody said something meanwhile, or the room, or the author's or somebody's place in it changed.
    pub async fn post_message(&self, writer: &Writer, draft: Draft) -> Result<(Message, News), Error> {
        let (room, member) = (writer.room(), writer.member());
        let (head, message) = room.chat.after(draft.message.clone(), draft.names.clone());
        let mut transaction = Transaction::default();
        let mut meant: Vec<UserId> = message.mentions.users().filter_map(UserId::parse).collect();
        meant.extend(draft.answers);
        meant.sort();
        meant.dedup();
        meant.retain(|user| user != member.user());
        let mut change = Change::default();
        if let Some(absent) = &room.absent {
            change = change.remove("absent").increment("revision");
            bring_back(&mut transaction, room, absent);
            meant.retain(|user| user != absent);
        }
        let saying = Saying { message: draft.message, names: draft.names };
        // Somebody who leaves at this moment is to come back with it.
        let open = still_open(writer)?.same("absent", room.absent.as_ref())?;
        say(&mut transaction, room, [saying], change, open)?;
        let own = Change::default().set("marker", &head.end())?;
        let unchanged = Condition::exists().with("participant_type", &member.participant_type())?;
        transaction.update(Key::participant(&room.token, member.user()), own, unchanged.without(LEFT_AT));
        for user in &meant {
            let mark = Change::default().set("mentioned", &message.id)?;
            transaction.update(
                Key::participant(&room.token, user),
                mark,
                Condition::exists().without(LEFT_AT),
            );
        }
        let news = self.write(transaction).await?;
        let back = room.absent.iter().cloned().collect::<Vec<_>>();
        let news = if back.is_empty() { news } else { news.and(&room.token, Event::Invited(back)) };
        Ok((message, news))
    }

    /// Gives a message another text.
    ///
    /// # Errors
    /// Contested when somebody said something meanwhile, or the room or the caller's place in it changed.
    pub async fn edit(
        &self,
        writer: &Writer,
        message: Message,
        text: &MessageText,
        mentions: Mentions,
        occasion: Occasion,
    ) -> Result<(Message, Message, News), Error> {
        let by = Author::user(writer.member().user());
        let edited = Message {
            text: text.as_str().to_owned(),
            mentions,
            edited: Some(Trace { by, at: occasion.now }),
            ..message
        };
        self.change_message(writer, edited, Verb::MessageEdited, occasion).await
    }

    /// Takes a message back; that there was one stays.
    ///
    /// # Errors
    /// As [`Table::edit`].
    pub async fn delete_message(
        &self,
        writer: &Writer,
        message: Message,
        occasion: Occasion,
    ) -> Result<(Message, Message, News), Error> {
        let by = Author::user(writer.member().user());
        let deleted = Message {
            text: String::new(),
            about: Default::default(),
            mentions: Mentions::default(),
            reactions: Vec::new(),
            deleted: Some(Trace { by, at: occasion.now }),
            ..message
        };
        self.change_message(writer, deleted, Verb::MessageDeleted, occasion).await
    }

    /// Stores a message that changed, and what the room says of it; hands out both.
    async fn change_message(
        &self,
        writer: &Writer,
        changed: Message,
        verb: Verb,
        occasion: Occasion,
    ) -> Result<(Message, Message, News), Error> {
        let room = with_changed(writer.room(), &changed);
        let saying = Saying::by(writer.member(), verb, occasion);
        let saying = Saying { message: saying.message.answering(changed.id), ..saying };
        let (_, told) = room.chat.after(saying.message.clone(), Names::default());
        let mut transaction = Transaction::default();
        say(&mut transaction, &room, [saying], Change::default(), still_open(writer)?)?;
        transaction.put(Key::said(&room.token, changed.id), &changed, Condition::exists())?;
        keep_writer(&mut transaction, writer)?;
        let news = self.write(transaction).await?;
        Ok((changed, told, news))
    }

    /// Adds somebody's reaction to a message.
    ///
    /// # Errors
    /// Too many when there are, contested as [`Table::edit`].
    pub async fn react(
        &self,
        writer: &Writer,
        mut message: Message,
        emoji: &str,
        occasion: Occasion,
    ) -> Result<(Message, News), Error> {
        if message.reactions.len() >= MAX_REACTIONS {
            let sentence = format!("A message has at most {MAX_REACTIONS} reactions.");
            return Err(Denial::TooMany(sentence).into());
        }
        let by = Author::user(writer.member().user());
        let told_by = writer.room().chat.said.next();
        message.reactions.push(Reaction { emoji: emoji.to_owned(), by, at: occasion.now, told_by });
        let saying = Saying::by(writer.member(), Verb::Reaction, occasion).naming("reaction", emoji);
        self.store_reactions(writer, message, saying, Transaction::default()).await
    }

    /// Takes somebody's reaction back.
    ///
    /// # Errors
    /// Contested as [`Table::edit`].
    pub async fn take_reaction_back(
        &self,
        writer: &Writer,
        mut message: Message,
        reaction: &Reaction,
        occasion: Occasion,
    ) -> Result<(Message, News), Error> {
        message.reactions.retain(|known| known.told_by != reaction.told_by);
        let mut transaction = Transaction::default();
        // Clients that wait learn by this that the number is another one.
        let change = Change::default().set("verb", &Verb::ReactionDeleted)?;
        let told_by = Key::said(&writer.room().token, reaction.told_by);
        transaction.update(told_by, change, Condition::exists());
        let saying = Saying::by(writer.member(), Verb::ReactionRevoked, occasion);
        self.store_reactions(writer, message, saying, transaction).await
    }

    async fn store_reactions(
        &self,
        writer: &Writer,
        message: Message,
        saying: Saying,
        mut transaction: Transaction,
    ) -> Result<(Message, News), Error> {
        let room = with_changed(writer.room(), &message);
        let saying = Saying { message: saying.message.answering(message.id), ..saying };
        say(&mut transaction, &room, [saying], Change::default(), still_open(writer)?)?;
        transaction.put(Key::said(&room.token, message.id), &message, Condition::exists())?;
        keep_writer(&mut transaction, writer)?;
        let news = self.write(transaction).await?;
        Ok((message, news))
    }

    /// Lets everything vanish that was said so far. What is there no more for readers is removed after that, by
    /// [`Table::erase_messages`].
    ///
    /// # Errors
    /// Contested when somebody said something meanwhile, or the room or the right changed.
    pub async fn clear_history(
        &self,
        moderator: &Moderator,
        occasion: Occasion,
    ) -> Result<(Message, News), Error> {
        let room = moderator.room();
        let emptied = Room { chat: room.chat.clone().emptied(), ..room.clone() };
        let saying = Saying::by(moderator.member(), Verb::HistoryCleared, occasion);
        let (_, told) = emptied.chat.after(saying.message.clone(), Names::default());
        let mut transaction = Transaction::default();
        say(&mut transaction, &emptied, [saying], Change::default(), visible())?;
        demand_moderator(&mut transaction, moderator)?;
        let news = self.write(transaction).await?;
        Ok((told, news))
    }
}

/// The room as it is after a message in it changed.
fn with_changed(room: &Room, message: &Message) -> Room {
    Room { chat: room.chat.clone().with_changed(message), ..room.clone() }
}

/// The room is there, and nobody locked it or changed what people may do in it.
fn still_open(writer: &Writer) -> Result<Condition, Error> {
    let permissions = writer.room().permissions;
    let mut open = visible().missing_or_is("read_only", &false)?;
    for (name, set) in [("default_permissions", permissions.default), ("call_permissions", permissions.call)]
    {
        open = if set.is_unset() { open.missing_or_is(name, &set)? } else { open.with(name, &set)? };
    }
    Ok(open)
}

/// The writer is still in the room, with the same permissions.
fn keep_writer(transaction: &mut Transaction, writer: &Writer) -> Result<(), Error> {
    let member = writer.member();
    keep_row(transaction, &member.room().token, member.user(), member.participant_type())
}

/// The one of two who left the room is in it again.
fn bring_back(transaction: &mut Transaction, room: &Room, absent: &UserId) {
    let returned = Change::default().remove(LEFT_AT);
    transaction.update(Key::participant(&room.token, absent), returned.clone(), Condition::exists());
    transaction.update(Key::my_room(absent, &room.token), returned, Condition::exists());
    if let Some(pair) = &room.pair {
        transaction.update(Key::pair(pair), Change::default().remove("left"), Condition::exists());
    }
}
