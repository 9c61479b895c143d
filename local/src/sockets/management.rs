//! `@connections`: by which the function writes to sockets and closes them.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, post};

use super::limits::{MAX_MESSAGE_BYTES, STAGE};
use super::open::Sockets;

/// The addresses under which a function reaches the sockets of a gateway.
pub fn management(sockets: Arc<Sockets>) -> axum::Router {
    axum::Router::new()
        .route(&format!("/{STAGE}/@connections/{{id}}"), post(write).merge(delete(close)))
        .layer(DefaultBodyLimit::max(2 * MAX_MESSAGE_BYTES))
        .with_state(sockets)
}

async fn write(State(sockets): State<Arc<Sockets>>, Path(id): Path<String>, text: String) -> StatusCode {
    status(sockets.write(&id, &text))
}

async fn close(State(sockets): State<Arc<Sockets>>, Path(id): Path<String>) -> StatusCode {
    status(sockets.delete(&id))
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
