//! `/room/{token}/participants...` and `/room/{token}/moderators`: who is in a room, and as what.

mod add;
mod demote;
mod leave;
mod list;
mod named;
mod promote;
mod remove;
mod remove_guest;

use shared::endpoints;
use shared::route::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/room/{token}/participants" { GET => list::list => (token), POST => add::add => (token), DELETE => remove::remove => (token) }
        "/room/{token}/participants/guests" { DELETE => remove_guest::remove_guest => (token) }
        "/room/{token}/participants/self" { DELETE => leave::leave => (token) }
        "/room/{token}/moderators" { POST => promote::promote => (token), DELETE => demote::demote => (token) }
    }
};
