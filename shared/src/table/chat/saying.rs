//! What is said in a room, in the transaction that changes the room as well.

use crate::domain::account::UserId;
use crate::domain::chat::{Author, Message, Names, Occasion, Verb};
use crate::domain::permission::Member;
use crate::domain::room::Room;
use crate::table::error::Error;
use crate::table::key::Key;
use crate::table::text::Text;
use crate::table::transaction::{Change, Condition, Transaction};

/// A message that has no number yet, with the names that a list shows of it.
pub(in crate::table) struct Saying {
    pub(in crate::table) message: Message,
    pub(in crate::table) names: Names,
}

impl Saying {
    /// What the room says when somebody changes it.
    pub(in crate::table) fn of(user: &UserId, name: &str, verb: Verb, occasion: Occasion) -> Self {
        Self { message: occasion.message(Author::user(user), verb), names: Names::default().with(user, name) }
    }

    /// The same when a member does.
    pub(in crate::table) fn by(member: &Member, verb: Verb, occasion: Occasion) -> Self {
        Self::of(member.user(), member.display_name(), verb, occasion)
    }

    /// The same about somebody.
    pub(in crate::table) fn about(mut self, user: &UserId, name: &str) -> Self {
        self.names.insert(user, name);
        self.message = self.message.about("user", user.as_str());
        self
    }

    /// The same naming something.
    pub(in crate::table) fn naming(mut self, what: &str, value: &str) -> Self {
        self.message = self.message.about(what, value);
        self
    }
}

/// Changes a room and lets it say something of that, or nothing.
pub(in crate::table) fn say(
    transaction: &mut Transaction,
    room: &Room,
    sayings: impl IntoIterator<Item = Saying>,
    change: Change,
    condition: Condition,
) -> Result<(), Error> {
    let mut head = room.chat.clone();
    for Saying { message, names } in sayings {
        let (after, message) = head.after(message, names);
        head = after;
        transaction.put(Key::said(&room.token, message.id), &message, Condition::missing())?;
    }
    if head.said == room.chat.said {
        transaction.update(Key::room(&room.token), change, condition);
        return Ok(());
    }
    transaction.says(&room.token);
    let known = Some(room.chat.said).filter(|said| said.0 > 0);
    let unsaid = condition.same("said", known.as_ref())?;
    let change = change.set("said", &head.said)?.set("chat", &Text(&head))?;
    transaction.update(Key::room(&room.token), change, unsaid);
    Ok(())
}
