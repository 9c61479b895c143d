//! `/signaling...`: how members of a call find each other, here or by an external server.

mod backend;
mod messages;
mod place;
mod receive;
mod send;
mod settings;

use shared::endpoints;
use shared::gateway::{Endpoints, MAX_MESSAGES_BODY_BYTES};

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/signaling/settings" { GET => anybody => settings::settings() }
        "/signaling/backend" { POST[MAX_MESSAGES_BODY_BYTES] => server => backend::backend() }
        "/signaling" {
            GET => caller => receive::receive_anywhere(),
            POST[MAX_MESSAGES_BODY_BYTES] => caller => send::send_anywhere(),
        }
        "/signaling/{token}" {
            GET => caller => receive::receive(token),
            POST[MAX_MESSAGES_BODY_BYTES] => caller => send::send(token),
        }
    }
};
