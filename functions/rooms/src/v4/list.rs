//! `GET /room`: the caller's rooms, for clients that ask every half minute.
//!
//! A room at rest is shown by its own item and the caller's row. Everybody in it is read only where the room has no name, or
//! somebody may be in the call.

use std::collections::BTreeMap;

use lambda_http::http::{HeaderName, HeaderValue};
use shared::domain::account::UserId;
use shared::domain::identity::{Caller, User};
use shared::domain::permission::Sight;
use shared::domain::status::Status;
use shared::domain::time::Timestamp;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::{Listing, Partition};

use super::object::ConversationObject;
use super::with_hash;
use crate::list::my_rooms;

/// The moment from which on a client asks for changes the next time.
const MODIFIED_BEFORE: HeaderName = HeaderName::from_static("x-nextcloud-talk-modified-before");

pub(crate) async fn list(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let since = Timestamp(exchange.parameters()?.integer("modifiedSince")?);
    let wants_statuses = exchange.parameters()?.flag("includeStatus")?.unwrap_or_default();
    let listing = exchange.beside_login(&user, listing(exchange, &user, since, wants_statuses)).await?;
    let partitions = exchange.look_at_all(&listing.to_read).await?;
    note_quiet(exchange, &partitions).await;
    let sights = my_rooms(exchange, &Caller::User(user), partitions).await;
    let statuses = if wants_statuses { statuses(exchange, &sights).await? } else { BTreeMap::new() };
    let changed = |sight: &&Sight| sight.occupancy().room.last_activity() >= since;
    let status = |sight: &Sight| other(sight).and_then(|other| statuses.get(other)).cloned();
    let read = sights
        .iter()
        .filter(changed)
        .map(|sight| ConversationObject::of_sight(sight).with_status(status(sight), exchange.now));
    let objects: Vec<_> =
        listing.listed.iter().map(|it| ConversationObject::of_list(it, exchange.now)).chain(read).collect();
    let before = HeaderValue::from(exchange.now.0);
    Ok(with_hash(Reply::ok(objects)?).with_header(MODIFIED_BEFORE, before))
}

/// `GET /listed-room`: rooms that anybody may enter without being invited. Nobody can list a room here.
pub(crate) async fn listed(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    exchange.beside_login(&user, std::future::ready(Ok::<_, Refusal>(()))).await?;
    Ok(Reply::empty())
}

/// The rooms in which something happened since a moment; in the future, nothing did.
async fn listing(
    exchange: &Exchange<'_>,
    user: &User,
    since: Timestamp,
    wants_statuses: bool,
) -> Result<Listing, Refusal> {
    if since > exchange.now {
        return Ok(Listing::default());
    }
    Ok(exchange.table.my_conversations(user.id(), since, wants_statuses).await?)
}

/// What the others of one-to-one rooms say of themselves.
async fn statuses(exchange: &Exchange<'_>, sights: &[Sight]) -> Result<BTreeMap<UserId, Status>, Refusal> {
    let others: Vec<UserId> = sights.iter().filter_map(other).cloned().collect();
    Ok(exchange.table.statuses(&others).await?)
}

/// The other one of a one-to-one room.
fn other(sight: &Sight) -> Option<&UserId> {
    let pair = sight.occupancy().room.pair.as_ref()?;
    Some(pair.other_than(&sight.own_row()?.user))
}

async fn note_quiet(exchange: &Exchange<'_>, partitions: &[Partition]) {
    let notes = partitions.iter().map(|partition| exchange.table.note_quiet(partition, exchange.now));
    futures_util::future::join_all(notes).await;
}
