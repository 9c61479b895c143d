//! `POST /room`: makes a room, and answers with it.

use lambda_http::http::StatusCode;
use shared::domain::account::{GroupId, UserId};
use shared::domain::identity::{Caller, User};
use shared::domain::name::{ConversationName, visible};
use shared::domain::permission::Sight;
use shared::domain::room::{Object, Pair, RoomType, Token};
use shared::gateway::{Exchange, Parameters, Refusal, Reply};
use shared::table::{NewRoom, Partition};

use super::object::ConversationObject;
use crate::create::{come_back, new_room};

/// The longest word for what a room is made for, and the longest id of it there, in characters.
const MAX_OBJECT_CHARACTERS: usize = 64;

pub(crate) async fn create(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let invite = parameters.text_or_empty("invite")?;
    match RoomType::from_number(parameters.integer("roomType")?) {
        Some(RoomType::OneToOne) => one_to_one(exchange, user, &invite).await,
        Some(RoomType::Group) if !invite.is_empty() => of_a_group(exchange, user, &invite).await,
        Some(room_type) => of_nobody_else(exchange, user, room_type).await,
        None => Err(Refusal::bad_request("roomType must be 1 (one to one), 2 (group) or 3 (public).")),
    }
}

/// The room that the two have already, to which the caller comes back if need be; else a new one.
async fn one_to_one(exchange: &Exchange<'_>, user: User, invite: &str) -> Result<Reply, Refusal> {
    let invited = UserId::parse(invite).ok_or_else(Refusal::not_found)?;
    let reading = exchange.beside_login(&user, exchange.table.pair(&user, &invited)).await?;
    let invited = reading.invited.ok_or_else(Refusal::not_found)?;
    let pair = Pair::new(user.id(), &invited.id)
        .ok_or_else(|| Refusal::forbidden("A one-to-one room needs two people."))?;
    if let Some((token, _)) = reading.existing {
        let partition = come_back(exchange, &user, &token).await?;
        return shown(exchange, user, &partition, StatusCode::OK);
    }
    exchange.table.count_rooms(&reading.creator).await?;
    let room = new_room(exchange);
    exchange.tell(exchange.table.create_one_to_one(&room, &pair, &reading.creator, &invited).await?).await;
    made(exchange, user, &room.token).await
}

/// A room for everybody who is in the group now.
async fn of_a_group(exchange: &Exchange<'_>, user: User, invite: &str) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let source = parameters.text_or_empty("source")?;
    if !matches!(source.as_str(), "" | "groups") {
        return Err(Refusal::bad_request("source must be groups: there is nothing else to invite from."));
    }
    let name = match parameters.text_or_empty("roomName")?.trim() {
        "" => String::new(),
        _ => name(parameters)?,
    };
    let object = object(parameters)?;
    let group = GroupId::parse(invite).ok_or_else(Refusal::not_found)?;
    let read = futures_util::future::try_join(
        exchange.table.group_members(&group),
        exchange.table.account(user.id()),
    );
    let (members, creator) = exchange.beside_login(&user, read).await?;
    let creator = user.still(creator)?;
    let members = members.ok_or_else(Refusal::not_found)?;
    exchange.table.count_rooms(&creator).await?;
    let room = NewRoom { name, object, ..new_room(exchange) };
    exchange.tell(exchange.table.create_group_room(&room, &group, &creator, &members).await?).await;
    made(exchange, user, &room.token).await
}

/// A room with a name, to which others are invited later.
async fn of_nobody_else(exchange: &Exchange<'_>, user: User, room_type: RoomType) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let (name, object) = (name(parameters)?, object(parameters)?);
    let creator = exchange.beside_login(&user, exchange.table.account(user.id())).await?;
    let creator = user.still(creator)?;
    exchange.table.count_rooms(&creator).await?;
    let room = NewRoom { name, object, ..new_room(exchange) };
    exchange.tell(exchange.table.create_room(&room, room_type, &creator).await?).await;
    made(exchange, user, &room.token).await
}

fn name(parameters: &Parameters) -> Result<String, Refusal> {
    let name: ConversationName = parameters.read_as("roomName")?;
    Ok(name.as_str().to_owned())
}

fn object(parameters: &Parameters) -> Result<Object, Refusal> {
    let (kind, id) = (parameters.text_or_empty("objectType")?, parameters.text_or_empty("objectId")?);
    let object = Object { kind: visible(&kind), id: visible(&id) };
    if [&object.kind, &object.id].iter().any(|text| text.chars().count() > MAX_OBJECT_CHARACTERS) {
        let limit = format!("objectType and objectId must have at most {MAX_OBJECT_CHARACTERS} characters.");
        return Err(Refusal::bad_request(limit));
    }
    Ok(object)
}

async fn made(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    shown(exchange, user, &exchange.look(token).await?, StatusCode::CREATED)
}

fn shown(
    exchange: &Exchange<'_>,
    user: User,
    partition: &Partition,
    status: StatusCode,
) -> Result<Reply, Refusal> {
    let sight = Sight::new(partition.occupancy(exchange.now), &Caller::User(user))?;
    let object = ConversationObject::of_sight(&sight);
    if status == StatusCode::CREATED { Reply::created(object) } else { Reply::ok(object) }
}
