//! `/cloud...`, `/core...` and `/status.php`: who may log in, and what this server can do.

mod app_password;
mod app_passwords;
mod autocomplete;
mod capabilities;
mod enabling;
mod group;
mod groups;
mod oneself;
mod status;
mod user;
mod user_groups;
mod users;

use shared::endpoints;
use shared::gateway::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "" {
        "/status.php" { GET => everybody => capabilities::status() }
    }
    "/ocs/{version}/cloud" {
        "/users" {
            GET => admin => users::list(),
            POST => admin => users::create(),
        }
        "/users/{user}" {
            GET => admin => user::show(user),
            PUT => login => user::change(user),
            DELETE => admin => user::delete(user),
        }
        "/users/{user}/enable" { PUT => admin => enabling::enable(user) }
        "/users/{user}/disable" { PUT => admin => enabling::disable(user) }
        "/users/{user}/groups" {
            GET => admin => user_groups::list(user),
            POST => admin => user_groups::join(user),
            DELETE => admin => user_groups::leave(user),
        }
        "/users/{user}/apppasswords" { GET => admin => app_passwords::list_of(user) }
        "/users/{user}/apppasswords/{id}" { DELETE => admin => app_passwords::delete_of(user, id) }
        "/groups" {
            GET => admin => groups::list(),
            POST => admin => groups::create(),
        }
        "/groups/{group}" {
            GET => admin => group::members(group),
            DELETE => admin => group::delete(group),
        }
        "/user" { GET => user => oneself::show() }
        "/capabilities" { GET => everybody => capabilities::capabilities() }
    }
    "/ocs/{version}/apps/user_status/api/v1" {
        "/user_status" { GET => user => status::show() }
        "/user_status/status" { PUT => user => status::set_availability() }
        "/user_status/message/custom" { PUT => user => status::set_message() }
        "/user_status/message" { DELETE => user => status::clear_message() }
    }
    "/ocs/{version}/core" {
        "/autocomplete/get" { GET => user => autocomplete::find() }
        "/getapppassword" { GET => user => app_password::create() }
        "/apppassword" { DELETE => user => app_password::delete() }
        "/apppasswords" { GET => user => app_passwords::list_own() }
        "/apppasswords/{id}" { DELETE => user => app_passwords::delete_own(id) }
    }
};
