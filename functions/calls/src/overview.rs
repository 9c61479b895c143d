//! `GET /call`: the calls of the tenant at this moment, for administrators. It reads what each person and each socket is
//! in, and so costs by the number of accounts; nobody pays for it while nobody looks.

use serde::Serialize;
use shared::domain::account::UserId;
use shared::domain::identity::Admin;
use shared::domain::room::{RoomType, Token};
use shared::gateway::{Exchange, Refusal, Reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    token: Token,
    r#type: RoomType,
    name: String,
    users: Vec<Caller>,
    num_guests: usize,
}

/// Somebody with an account who is in the call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    user_id: UserId,
    display_name: String,
}

pub(crate) async fn overview(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let rooms = exchange.table.rooms_with_calls(exchange.now).await?;
    let calls = rooms.into_iter().map(|occupancy| {
        let callers: Vec<_> = occupancy.peers().filter_map(|peer| occupancy.occupant(peer.user?)).collect();
        let num_guests = occupancy.peers().count() - callers.len();
        let users = callers.into_iter().map(|occupant| Caller {
            user_id: occupant.user.clone(),
            display_name: occupant.display_name.clone(),
        });
        Call {
            users: users.collect(),
            num_guests,
            token: occupancy.room.token,
            r#type: occupancy.room.room_type,
            name: occupancy.room.name,
        }
    });
    Reply::ok(calls.collect::<Vec<_>>())
}
