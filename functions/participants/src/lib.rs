//! `/room/{token}/participants...` and `/room/{token}/moderators`: who is in a room, and as what.

mod add;
mod demote;
mod leave;
mod list;
mod named;
mod promote;
mod remove;
mod remove_guest;
mod v4;

use shared::endpoints;
use shared::gateway::Endpoints;

use crate::v4::{
    add as invite, leave as depart, list as attendees, moderators, permissions, remove as evict,
};

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
    "/ocs/{version}/apps/spreed/api/v4" {
        "/room/{token}/participants" {
            GET => insider => attendees::list(),
            POST => login => invite::add(token),
        }
        "/room/{token}/participants/self" { DELETE => member => depart::leave() }
        "/room/{token}/attendees" { DELETE => moderator_of_all => evict::remove() }
        "/room/{token}/attendees/permissions" { PUT => moderator_of_all => permissions::set() }
        "/room/{token}/attendees/permissions/all" { PUT => moderator_of_all => permissions::set_all() }
        "/room/{token}/moderators" {
            POST => moderator_of_all => moderators::promote(),
            DELETE => moderator_of_all => moderators::demote(),
        }
    }
};
