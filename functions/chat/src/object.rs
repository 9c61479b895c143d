//! What the endpoints have in common: the message object, and the headers beside it.

use lambda_http::http::{HeaderName, HeaderValue};
use serde_json::json;
use shared::domain::chat::{MarkerId, Message, MessageObject, Names, Reader};
use shared::domain::identity::User;
use shared::domain::permission::Member;
use shared::domain::room::{Participant, Token};
use shared::gateway::{Exchange, Refusal, Reply};

/// Up to which message everybody has read.
const COMMON_READ: HeaderName = HeaderName::from_static("x-chat-last-common-read");

/// What these people are called.
pub(crate) fn names_of(people: &[Participant]) -> Names {
    people.iter().fold(Names::default(), |names, person| names.with(&person.user, &person.display_name))
}

/// As whom a member reads the chat of the room.
pub(crate) fn reader(member: &Member) -> Reader<'_> {
    let room = member.room();
    Reader { token: &room.token, room_type: room.room_type, room_name: &room.name, user: Some(member.user()) }
}

/// A message as a member sees it.
pub(crate) fn object<'a>(
    message: &'a Message,
    parent: Option<&'a Message>,
    names: &'a Names,
    member: &Member,
) -> MessageObject<'a> {
    MessageObject::new(message, parent, names, &reader(member))
}

/// The same with the message up to which everybody has read.
pub(crate) fn with_common_read(reply: Reply, common: MarkerId) -> Reply {
    reply.with_header(COMMON_READ, HeaderValue::from(common.number()))
}

/// A refusal with the word by which clients choose their own text.
pub(crate) fn because(refusal: Refusal, reason: &str) -> Refusal {
    refusal.with_data(json!({ "error": reason }))
}

/// What was read from the parameters. A mistake in them is told after the caller's place in the room was asked for.
pub(crate) async fn or_refused<T>(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
    read: Result<T, Refusal>,
) -> Result<T, Refusal> {
    let refusal = match read {
        Ok(read) => return Ok(read),
        Err(refusal) => refusal,
    };
    let standing = exchange.beside_login(user, exchange.table.standing(token, user.id())).await?;
    standing.member(user)?;
    Err(refusal)
}
