//! `POST /chat/{token}`: says something, perhaps as an answer.

use shared::domain::account::UserId;
use shared::domain::chat::{
    Author, MAX_MESSAGE_CHARACTERS, Mentions, Message, MessageId, MessageText, Names, ReferenceId, Verb,
    names_in,
};
use shared::domain::identity::User;
use shared::domain::input::Input as _;
use shared::domain::permission::Writer;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::{ChatReading, Draft, MAX_MENTIONS};

use crate::object::{because, names_of, object, or_refused, with_common_read};

/// What somebody wants to say.
struct Wanted {
    text: String,
    /// The number of the message that is answered.
    answered: Option<i64>,
    reference: ReferenceId,
    is_silent: bool,
}

impl Wanted {
    fn read(exchange: &Exchange<'_>, user: &User) -> Result<Self, Refusal> {
        let parameters = exchange.parameters_of(user)?;
        Ok(Self {
            text: parameters.text_or_empty("message")?,
            answered: Some(parameters.integer("replyTo")?).filter(|number| *number != 0),
            reference: ReferenceId::new(&parameters.text_or_empty("referenceId")?),
            is_silent: parameters.flag("silent")?.unwrap_or_default(),
        })
    }
}

/// The longest message in bytes, and some spaces around it.
const LONGEST_BYTES: usize = 4 * MAX_MESSAGE_CHARACTERS + 1_024;

pub(crate) async fn send(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let Wanted { text, answered, reference, is_silent } =
        or_refused(exchange, &user, token, Wanted::read(exchange, &user)).await?;
    let (meant, about) = (meant_by(&text), answered.and_then(MessageId::from_number));
    let reading = exchange.table.chat(token, user.id(), about, &meant);
    let ChatReading { standing, about, here } = exchange.beside_login(&user, reading).await?;
    let writer = standing.member(&user)?.writer()?;
    let parent = match answered {
        Some(_) => Some(writer.may_answer(about, exchange.now).map_err(|_| unanswerable())?),
        None => None,
    };
    let text = acceptable(&text)?;
    let names = names_of(&here);
    let mentions = mentioned(text.as_str(), &names)?;
    let author = Author::user(user.id());
    let message = Message {
        text: text.as_str().to_owned(),
        parent: parent.as_ref().map(|parent| parent.id),
        reference,
        is_silent,
        mentions,
        ..exchange.occasion().message(author, Verb::Comment)
    };
    say(exchange, &writer, message, parent, names).await
}

/// Stores a message and answers with it.
pub(crate) async fn say(
    exchange: &Exchange<'_>,
    writer: &Writer,
    message: Message,
    parent: Option<Message>,
    names: Names,
) -> Result<Reply, Refusal> {
    let (room, member) = (writer.room(), writer.member());
    let names = names.with(member.user(), member.display_name());
    let around = Around::of(exchange, &room.token, member.user(), parent.as_ref()).await?;
    let answers = around.author.clone();
    let (message, news) =
        exchange.table.post_message(writer, Draft { message, names: names.clone(), answers }).await?;
    exchange.tell(news).await;
    if member.attendance().marker.id <= room.common_read {
        // The message is stored: whatever fails now must not make a client send it again.
        let _ = exchange.table.note_common_read(&room.token, exchange.now).await;
    }
    let all = names.and(around.names);
    let shown = object(&message, parent.as_ref(), &all, member);
    Ok(with_common_read(Reply::created(shown)?, room.common_read))
}

/// What is shown of the message that is answered, and who is told of that.
#[derive(Default)]
struct Around {
    names: Names,
    /// The author, who is in the room.
    author: Option<UserId>,
}

impl Around {
    async fn of(
        exchange: &Exchange<'_>,
        token: &Token,
        user: &UserId,
        parent: Option<&Message>,
    ) -> Result<Self, Refusal> {
        let Some(parent) = parent else { return Ok(Self::default()) };
        let users: Vec<UserId> = parent.users().collect();
        let here = exchange.table.chat(token, user, None, &users);
        let (names, here) = futures_util::future::try_join(exchange.table.names(token, &users), here).await?;
        let is_here = |author: &UserId| here.here.iter().any(|it| it.user == *author);
        let author = users.into_iter().next().filter(|author| parent.author.is(author) && is_here(author));
        Ok(Self { names, author })
    }
}

/// The people whom a text may mean.
pub(crate) fn meant_by(text: &str) -> Vec<UserId> {
    // What is too long to be said means nobody.
    if text.len() > LONGEST_BYTES { Vec::new() } else { names_in(text) }
}

/// A text that can be stored.
pub(crate) fn acceptable(text: &str) -> Result<MessageText, Refusal> {
    MessageText::parse(text).ok_or_else(|| {
        let sentence = format!("message {}", MessageText::rule());
        if text.chars().count() > MAX_MESSAGE_CHARACTERS {
            return Refusal::too_large(sentence);
        }
        because(Refusal::bad_request(sentence), "message")
    })
}

/// Whom a text means of those who are in the room.
pub(crate) fn mentioned(text: &str, here: &Names) -> Result<Mentions, Refusal> {
    let mentions = Mentions::of(text, |user| here.knows(user));
    if mentions.users().count() > MAX_MENTIONS {
        let sentence = format!("message must mention at most {MAX_MENTIONS} people.");
        return Err(because(Refusal::bad_request(sentence), "message"));
    }
    Ok(mentions)
}

fn unanswerable() -> Refusal {
    let sentence = "replyTo must be a message of this room that can be answered.";
    because(Refusal::bad_request(sentence), "reply-to")
}
