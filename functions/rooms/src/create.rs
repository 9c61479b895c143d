//! `POST /room`: makes a room.

use serde::Serialize;
use shared::domain::account::{GroupId, UserId};
use shared::domain::identity::User;
use shared::domain::room::{Object, Pair, RoomType, Token};
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::{NewRoom, Partition};

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
    if let Some((token, has_left)) = reading.existing {
        if has_left {
            come_back(exchange, user, &token).await?;
        }
        return Reply::ok(Created { token });
    }
    exchange.table.count_rooms(&reading.creator).await?;
    let room = new_room(exchange);
    exchange.tell(exchange.table.create_one_to_one(&room, &pair, &reading.creator, &invited).await?).await;
    Reply::created(Created { token: room.token })
}

/// The room of two people, in which the caller is again after having left it to the other one.
pub(crate) async fn come_back(
    exchange: &Exchange<'_>,
    user: &User,
    token: &Token,
) -> Result<Partition, Refusal> {
    let partition = exchange.look(token).await?;
    let back = exchange.table.return_to_pair(&partition, user.id()).await?;
    if back.is_empty() {
        return Ok(partition);
    }
    exchange.tell(back).await;
    exchange.look(token).await
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
    exchange.tell(exchange.table.create_room(&room, RoomType::Public, &creator).await?).await;
    Reply::created(Created { token: room.token })
}

pub(crate) fn new_room(exchange: &Exchange<'_>) -> NewRoom {
    NewRoom {
        token: exchange.random().token(),
        id: exchange.random().room_id(),
        name: String::new(),
        object: Object::default(),
        occasion: exchange.occasion(),
    }
}
