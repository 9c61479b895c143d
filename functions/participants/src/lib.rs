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
use shared::gateway::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/room/{token}/participants" {
            GET => user_sight => list::list(),
            POST => login => add::add(token),
            DELETE => login => remove::remove(token),
        }
        "/room/{token}/participants/guests" { DELETE => moderator_of_all => remove_guest::remove_guest() }
        "/room/{token}/participants/self" { DELETE => member => leave::leave() }
        "/room/{token}/moderators" {
            POST => login => promote::promote(token),
            DELETE => login => demote::demote(token),
        }
    }
};
