//! `/call/{token}...`: joining a call, staying in it, leaving it. All of it is open to guests.

mod join;
mod leave;
mod peers;
mod ping;

use shared::endpoints;
use shared::gateway::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/call/{token}" {
            GET => insider => peers::peers(),
            POST => caller => join::join(token),
            DELETE => caller => leave::leave(token),
        }
        "/call/{token}/ping" { POST => caller => ping::ping(token) }
    }
};
