//! `GET /room/{token}`: one room, also for guests. Looking does not join.

use shared::domain::permission::Sight;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::object::RoomObject;

pub(crate) async fn show(_: &Exchange<'_>, sight: Sight) -> Result<Reply, Refusal> {
    Reply::ok(RoomObject::new(&sight))
}
