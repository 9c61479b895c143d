//! `POST /room`: makes a room.

use serde::Serialize;
use shared::domain::account::{GroupId, UserId};
use shared::domain::identity::User;
use shared::domain::room::{Pair, RoomType, Token};
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::NewRoom;

#[derive(Serialize)]
struct Created {
    token: Token,
}

pub(crate) async fn create(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let invite = parameters.text_or_empty("invite")?;
    match RoomType::from_number(parameters.integer("roomType")?) {
        Some(RoomType::OneToOne) => one_to_one(exchange, &user, &invite).await,
        Some(RoomType::Group) => group(exchange, &user, &invite).await,
        Some(RoomType::Public) => public(exchange, &user).await,
        None => Err(Refusal::bad_request("roomType must be 1 (one to one), 2 (group) or 3 (public).")),
    }
}

/// The room that the two have already, else a new one (nobody meets themselves).
async fn one_to_one(exchange: &Exchange<'_>, user: &User, invite: &str) -> Result<Reply, Refusal> {
    let invited = UserId::parse(invite).ok_or_else(Refusal::not_found)?;
    let reading = exchange.beside_login(user, exchange.table.pair(user, &invited)).await?;
    let invited = reading.invited.ok_or_else(Refusal::not_found)?;
    let pair = Pair::new(user.id(), &invited.id)
        .ok_or_else(|| Refusal::forbidden("A one-to-one room needs two people."))?;
    if let Some(token) = reading.existing {
        return Reply::ok(Created { token });
    }
    exchange.table.count_rooms(&reading.creator).await?;
    let room = new_room(exchange);
    exchange.tell(exchange.table.create_one_to_one(&room, &pair, &reading.creator, &invited).await?).await;
    Reply::created(Created { token: room.token })
}

/// A room for everybody who is in the group now.
async fn group(exchange: &Exchange<'_>, user: &User, invite: &str) -> Result<Reply, Refusal> {
    let group = GroupId::parse(invite).ok_or_else(Refusal::not_found)?;
    let read = futures_util::future::try_join(
        exchange.table.group_members(&group),
        exchange.table.account(user.id()),
    );
    let (members, creator) = exchange.beside_login(user, read).await?;
    let creator = user.still(creator)?;
    let members = members.ok_or_else(Refusal::not_found)?;
    exchange.table.count_rooms(&creator).await?;
    let room = new_room(exchange);
    exchange.tell(exchange.table.create_group_room(&room, &group, &creator, &members).await?).await;
    Reply::created(Created { token: room.token })
}

async fn public(exchange: &Exchange<'_>, user: &User) -> Result<Reply, Refusal> {
    let creator = exchange.beside_login(user, exchange.table.account(user.id())).await?;
    let creator = user.still(creator)?;
    exchange.table.count_rooms(&creator).await?;
    let room = new_room(exchange);
    exchange.tell(exchange.table.create_public_room(&room, &creator).await?).await;
    Reply::created(Created { token: room.token })
}

fn new_room(exchange: &Exchange<'_>) -> NewRoom {
    NewRoom { token: exchange.random().token(), id: exchange.random().room_id(), now: exchange.now }
}
