//! `/room...`: making, showing, changing and deleting rooms.

mod create;
mod delete;
mod describe;
mod list;
mod object;
mod password;
mod public;
mod rename;
mod show;
mod v4;

use shared::endpoints;
use shared::gateway::Endpoints;

use crate::v4::{create as make, list as listing, manage, own, show as showing};

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/room" {
            GET => user => list::list(),
            POST => user => create::create(),
        }
        "/room/{token}" {
            GET => sight => show::show(),
            PUT => moderator => rename::rename(),
            DELETE => moderator_of_all => delete::delete(),
        }
        "/room/{token}/description" { PUT => moderator => describe::describe() }
        "/room/{token}/password" { PUT => moderator => password::set_password() }
        "/room/{token}/public" {
            POST => moderator_of_all => public::open(),
            DELETE => moderator_of_all => public::close(),
        }
    }
    "/ocs/{version}/apps/spreed/api/v4" {
        "/room" {
            GET => user => listing::list(),
            POST => user => make::create(),
        }
        "/listed-room" { GET => user => listing::listed() }
        "/room/{token}" {
            GET => sight => showing::show(),
            PUT => moderator => manage::rename(),
            DELETE => moderator_of_all => manage::delete(),
        }
        "/room/{token}/description" { PUT => moderator => manage::describe() }
        "/room/{token}/password" { PUT => moderator => password::set_password() }
        "/room/{token}/read-only" { PUT => moderator => manage::set_read_only() }
        "/room/{token}/public" {
            POST => moderator_of_all => manage::open(),
            DELETE => moderator_of_all => manage::close(),
        }
        "/room/{token}/permissions/{mode}" { PUT => moderator_of_all => manage::set_permissions(mode) }
        "/room/{token}/favorite" {
            POST => participant => own::mark(),
            DELETE => participant => own::unmark(),
        }
        "/room/{token}/notify" { POST => participant => own::notify() }
        "/room/{token}/notify-calls" { POST => participant => own::notify_of_calls() }
    }
};
