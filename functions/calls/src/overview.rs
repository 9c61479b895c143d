//! `GET /call`: the calls of the tenant at this moment, for administrators. It reads what each person and each socket is
//! in, and so costs by the number of accounts; nobody pays for it while nobody looks.

use serde::Serialize;
use shared::domain::identity::Admin;
use shared::domain::room::{RoomType, Token};
use shared::gateway::{Exchange, Refusal, Reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    token: Token,
    r#type: RoomType,
    name: String,
    users: Vec<String>,
    num_guests: usize,
}

pub(crate) async fn overview(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let rooms = exchange.table.rooms_with_calls(exchange.now).await?;
    let calls = rooms.into_iter().map(|occupancy| {
        let (users, guests): (Vec<_>, Vec<_>) =
            occupancy.peers().map(|peer| peer.user_id().to_owned()).partition(|user| !user.is_empty());
        Call {
            token: occupancy.room.token.clone(),
            r#type: occupancy.room.room_type,
            name: occupancy.room.name.clone(),
            users,
            num_guests: guests.len(),
        }
    });
    Reply::ok(calls.collect::<Vec<_>>())
}
