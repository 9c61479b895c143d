//! `/call...`: joining a call, staying in it, leaving it, which guests may, too; and the calls of all, for administrators.

mod join;
mod leave;
mod overview;
mod peers;
mod ping;

use shared::endpoints;
use shared::gateway::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/call" { GET => admin => overview::overview() }
        "/call/{token}" {
            GET => insider => peers::peers(),
            POST => caller => join::join(token),
            DELETE => caller => leave::leave(token),
        }
        "/call/{token}/ping" { POST => caller => ping::ping(token) }
    }
};
