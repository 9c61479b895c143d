//! `/call/{token}...`: joining a call, staying in it, leaving it. All of it is open to guests.

mod join;
mod leave;
mod peers;
mod ping;

use shared::endpoints;
use shared::route::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/call/{token}" { GET => peers::peers => (token), POST => join::join => (token), DELETE => leave::leave => (token) }
        "/call/{token}/ping" { POST => ping::ping => (token) }
    }
};
