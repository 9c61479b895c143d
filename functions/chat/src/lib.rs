//! `/chat...` and `/reaction...`: what people write in a room.

mod clear;
mod delete;
mod edit;
mod history;
mod marker;
mod mentions;
mod object;
mod reactions;
mod send;
mod share;
mod wait;

use shared::endpoints;
use shared::gateway::{Endpoints, MAX_MESSAGES_BODY_BYTES};

/// Every endpoint of this function.
pub static ENDPOINTS: Endpoints = endpoints! {
    "/ocs/{version}/apps/spreed/api/v1" {
        "/chat/{token}" {
            GET => login => history::receive(token),
            POST[MAX_MESSAGES_BODY_BYTES] => login => send::send(token),
            DELETE => moderator => clear::clear(),
        }
        "/chat/{token}/read" {
            POST => participant => marker::mark(),
            DELETE => participant => marker::unmark(),
        }
        "/chat/{token}/mentions" { GET => member => mentions::find() }
        "/chat/{token}/share" { POST => login => share::share(token) }
        "/chat/{token}/{message}" {
            PUT[MAX_MESSAGES_BODY_BYTES] => login => edit::edit(token, message),
            DELETE => login => delete::delete(token, message),
        }
        "/reaction/{token}/{message}" {
            GET => login => reactions::list(token, message),
            POST => login => reactions::react(token, message),
            DELETE => login => reactions::take_back(token, message),
        }
    }
};
