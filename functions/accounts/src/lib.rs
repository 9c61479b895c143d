//! `/cloud...`, `/core...` and `/status.php`: who may log in, and what this server can do.

mod app_password;
mod app_passwords;
mod capabilities;
mod enabling;
mod group;
mod groups;
mod oneself;
mod user;
mod user_groups;
mod users;

use shared::endpoints;
use shared::route::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "" {
        "/status.php" { GET => capabilities::status => () }
    }
    "/ocs/{version}/cloud" {
        "/users" { GET => users::list => (), POST => users::create => () }
        "/users/{user}" { GET => user::show => (user), PUT => user::change => (user), DELETE => user::delete => (user) }
        "/users/{user}/enable" { PUT => enabling::enable => (user) }
        "/users/{user}/disable" { PUT => enabling::disable => (user) }
        "/users/{user}/groups" { GET => user_groups::list => (user), POST => user_groups::join => (user), DELETE => user_groups::leave => (user) }
        "/users/{user}/apppasswords" { GET => app_passwords::list_of => (user) }
        "/users/{user}/apppasswords/{id}" { DELETE => app_passwords::delete_of => (user, id) }
        "/groups" { GET => groups::list => (), POST => groups::create => () }
        "/groups/{group}" { GET => group::members => (group), DELETE => group::delete => (group) }
        "/user" { GET => oneself::show => () }
        "/capabilities" { GET => capabilities::capabilities => () }
    }
    "/ocs/{version}/core" {
        "/getapppassword" { GET => app_password::create => () }
        "/apppassword" { DELETE => app_password::delete => () }
        "/apppasswords" { GET => app_passwords::list_own => () }
        "/apppasswords/{id}" { DELETE => app_passwords::delete_own => (id) }
    }
};
