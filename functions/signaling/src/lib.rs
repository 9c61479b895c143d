//! `/signaling...`: how members of a call find each other, here or by an external server.

mod backend;
mod messages;
mod place;
mod receive;
mod send;
mod settings;

use shared::endpoints;
use shared::route::Endpoints;

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/signaling/settings" { GET => settings::settings => () }
        "/signaling/backend" { POST => backend::backend => () }
        "/signaling" { GET => receive::receive_anywhere => (), POST => send::send_anywhere => () }
        "/signaling/{token}" { GET => receive::receive => (token), POST => send::send => (token) }
    }
};
