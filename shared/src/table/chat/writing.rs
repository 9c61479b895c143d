//! Writing: saying something, changing it, taking it back, reacting to it.

use std::collections::BTreeSet;

use super::saying::{Saying, say};
use crate::domain::account::UserId;
use crate::domain::chat::{
    Author, Mentions, Message, MessageId, MessageText, Names, Occasion, Reaction, Trace, Verb,
};
use crate::domain::denial::Denial;
use crate::domain::news::{Event, News};
use crate::domain::permission::{Moderator, Writer};
use crate::domain::room::Room;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{LEFT_AT, MARKER, PERMISSIONS};
use crate::table::key::Key;
use crate::table::steps::{bring_back, demand_moderator, returned, visible};
use crate::table::text::Text;
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

/// What becomes of a message that somebody edits.
pub struct Rewording<'a> {
    pub text: &'a MessageText,
    pub mentions: Mentions,
    /// Those who find a mark, because the message did not mention them before.
    pub meant: &'a BTreeSet<UserId>,
    /// The names of all whom it mentions.
    pub names: Names,
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
        let mut meant: BTreeSet<UserId> = message.mentions.users().filter_map(UserId::parse).collect();
        meant.extend(draft.answers);
        meant.remove(member.user());
        let mut change = Change::default();
        if let Some(absent) = &room.absent {
            // Room and row are not read at the same moment.
            if absent == member.user() {
                return Err(Error::Contested);
            }
            change = returned();
            bring_back(&mut transaction, &room.token, room.pair.as_ref(), absent);
            meant.remove(absent);
        }
        let saying = Saying { message: draft.message, names: draft.names };
        // Somebody who leaves at this moment is to come back with it.
        let open = still_open(writer)?.same("absent", room.absent.as_ref())?;
        say(&mut transaction, room, [saying], change, open)?;
        let own = Change::default().set(MARKER, &Text(&head.end()))?;
        transaction.update(Key::participant(&room.token, member.user()), own, still_allowed(writer)?);
        mark_mentioned(&mut transaction, room, &meant, message.id)?;
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
        rewording: Rewording<'_>,
        occasion: Occasion,
    ) -> Result<(Message, Message, News), Error> {
        let by = Author::user(writer.member().user());
        let mut transaction = Transaction::default();
        mark_mentioned(&mut transaction, writer.room(), rewording.meant, message.id)?;
        let edited = Message {
            text: rewording.text.as_str().to_owned(),
            mentions: rewording.mentions,
            edited: Some(Trace { by, at: occasion.now }),
            ..message
        };
        let saying = Saying::by(writer.member(), Verb::MessageEdited, occasion);
        let saying = Saying { names: rewording.names.and(saying.names), ..saying };
        self.store_changed(writer, edited, saying, transaction).await
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
        let saying = Saying::by(writer.member(), Verb::MessageDeleted, occasion);
        self.store_changed(writer, deleted, saying, Transaction::default()).await
    }

    /// Stores a message that changed, and what the room says of it; hands out both.
    async fn store_changed(
        &self,
        writer: &Writer,
        changed: Message,
        saying: Saying,
        mut transaction: Transaction,
    ) -> Result<(Message, Message, News), Error> {
        let room = writer.room();
        let room = Room { chat: room.chat.clone().with_changed(&changed, &saying.names), ..room.clone() };
        let saying = Saying { message: saying.message.answering(changed.id), ..saying };
        let (_, told) = room.chat.after(saying.message.clone(), Names::default());
        say(&mut transaction, &room, [saying], Change::default(), still_open(writer)?)?;
        // Room and message are not read at the same moment.
        let unchanged = Condition::exists().same("changed_by", changed.changed_by.as_ref())?;
        let changed = Message { changed_by: Some(told.id), ..changed };
        transaction.put(Key::said(&room.token, changed.id), &changed, unchanged)?;
        transaction.check(Key::participant(&room.token, writer.member().user()), still_allowed(writer)?);
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
        let (message, _, news) = self.store_changed(writer, message, saying, Transaction::default()).await?;
        Ok((message, news))
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
        // Older than a message may become, the one that tells of the reaction is gone before the one that got it.
        if occasion.still_keeps(reaction.at) {
            // Clients that wait learn by this that the number is another one.
            let change = Change::default().set("verb", &Verb::ReactionDeleted)?;
            let told_by = Key::said(&writer.room().token, reaction.told_by);
            transaction.update(told_by, change, Condition::exists());
        }
        let saying = Saying::by(writer.member(), Verb::ReactionRevoked, occasion);
        let (message, _, news) = self.store_changed(writer, message, saying, transaction).await?;
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
fn still_allowed(writer: &Writer) -> Result<Condition, Error> {
    let member = writer.member();
    let own = Some(member.attendance().permissions).filter(|own| !own.is_unset());
    let unchanged = Condition::exists().with("participant_type", &member.participant_type())?;
    Ok(unchanged.same(PERMISSIONS, own.as_ref())?.without(LEFT_AT))
}

/// A message means these people, who are in the room; a later one that does so, too, stays the one they find.
fn mark_mentioned(
    transaction: &mut Transaction,
    room: &Room,
    meant: &BTreeSet<UserId>,
    id: MessageId,
) -> Result<(), Error> {
    for user in meant {
        let mark = Change::default().set("mentioned", &id)?;
        let here = Condition::exists().without(LEFT_AT).missing_or_at_most("mentioned", id.0);
        transaction.update(Key::participant(&room.token, user), mark, here);
    }
    Ok(())
}
