//! `POST /room`: makes a room.

use serde::Serialize;
use shared::account::{GroupId, UserId};
use shared::auth::User;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::{Pair, RoomType, Token};
use shared::signaling::Notice;
use shared::table::NewRoom;

#[derive(Serialize)]
struct Created {
    token: Token,
}

pub(crate) async fn create(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let user = exchange.user().await?;
    let parameters = exchange.parameters()?;
    let invite = parameters.text_or_empty("invite")?;
    match parameters.integer("roomType")? {
        number if number == RoomType::OneToOne as i64 => one_to_one(exchange, &user, &invite).await,
        number if number == RoomType::Group as i64 => group(exchange, &user, &invite).await,
        number if number == RoomType::Public as i64 => public(exchange, &user).await,
        _ => Err(Refusal::bad_request("roomType must be 1 (one to one), 2 (group) or 3 (public).")),
    }
}

/// The room that the two have already, else a new one (section 9, no. 18: nobody meets themselves).
async fn one_to_one(exchange: &Exchange<'_>, user: &User, invite: &str) -> Result<Reply, Refusal> {
    let invited = UserId::parse(invite).ok_or_else(Refusal::not_found)?;
    let reading = exchange.table.pair(user.id(), &invited).await?;
    let invited = reading.invited.ok_or_else(Refusal::not_found)?;
    let pair = Pair::new(user.id(), &invited.id)
        .ok_or_else(|| Refusal::forbidden("A one-to-one room needs two people."))?;
    if let Some(token) = reading.existing {
        return Reply::ok(Created { token });
    }
    exchange.table.count_rooms(&reading.creator).await?;
    let room = new_room(exchange);
    exchange.table.create_one_to_one(&room, &pair, &reading.creator, &invited).await?;
    exchange.announce(&room.token, Notice::Invited(vec![invited.id])).await;
    Reply::created(Created { token: room.token })
}

/// A room for everybody who is in the group now.
async fn group(exchange: &Exchange<'_>, user: &User, invite: &str) -> Result<Reply, Refusal> {
    let group = GroupId::parse(invite).ok_or_else(Refusal::not_found)?;
    let (members, creator) = futures_util::future::try_join(
        exchange.table.group_members(&group),
        exchange.table.account(user.id()),
    )
    .await?;
    let creator = creator.ok_or_else(Refusal::not_logged_in)?;
    let members = members.ok_or_else(Refusal::not_found)?;
    exchange.table.count_rooms(&creator).await?;
    let room = new_room(exchange);
    exchange.table.create_group_room(&room, &group, &creator, &members).await?;
    let invited = members.into_iter().map(|(member, _)| member).filter(|member| *member != creator.id);
    exchange.announce(&room.token, Notice::Invited(invited.collect())).await;
    Reply::created(Created { token: room.token })
}

async fn public(exchange: &Exchange<'_>, user: &User) -> Result<Reply, Refusal> {
    let creator = exchange.table.account(user.id()).await?.ok_or_else(Refusal::not_logged_in)?;
    exchange.table.count_rooms(&creator).await?;
    let room = new_room(exchange);
    exchange.table.create_public_room(&room, &creator).await?;
    Reply::created(Created { token: room.token })
}

fn new_room(exchange: &Exchange<'_>) -> NewRoom {
    NewRoom { token: exchange.random().token(), id: exchange.random().room_id(), now: exchange.now }
}
