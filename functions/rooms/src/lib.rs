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

use shared::endpoints;
use shared::gateway::Endpoints;

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
};
