//! `GET /room/{token}`: one room, also for guests. Looking does not join.

use shared::domain::permission::Sight;
use shared::gateway::{Exchange, Refusal, Reply};

use super::object::ConversationObject;
use super::with_hash;

pub(crate) async fn show(_: &Exchange<'_>, sight: Sight) -> Result<Reply, Refusal> {
    Ok(with_hash(Reply::ok(ConversationObject::of_sight(&sight))?))
}
