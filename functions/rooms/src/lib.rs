//! `/room...`: making, showing, changing and deleting rooms.

mod create;
mod delete;
mod list;
mod object;
mod password;
mod public;
mod rename;
mod show;

use shared::endpoints;
use shared::route::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/room" { GET => list::list => (), POST => create::create => () }
        "/room/{token}" { GET => show::show => (token), PUT => rename::rename => (token), DELETE => delete::delete => (token) }
        "/room/{token}/password" { PUT => password::set_password => (token) }
        "/room/{token}/public" { POST => public::open => (token), DELETE => public::close => (token) }
    }
};
