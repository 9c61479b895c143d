//! The endpoints of room API v4 (`docs/api-v4.md#rooms`): the same rooms, as today's clients know them.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod manage;
mod object;
pub(crate) mod own;
pub(crate) mod show;

use lambda_http::http::HeaderName;
use shared::gateway::{Reply, capabilities_hash};

/// Clients that read another value here than before ask again what this server can do.
const HASH: HeaderName = HeaderName::from_static("x-nextcloud-talk-hash");

/// The same with the hash of what this server can do.
fn with_hash(reply: Reply) -> Reply {
    reply.with_header(HASH, capabilities_hash())
}
