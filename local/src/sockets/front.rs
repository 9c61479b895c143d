//! Clients of sockets on a laptop.

use std::sync::Arc;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::response::Response;
use futures_util::{SinkExt as _, StreamExt as _};

use super::limits::{MAX_FRAME_BYTES, MAX_MESSAGE_BYTES};
use super::open::{Sockets, ToClient};

/// Turns a request into a socket.
pub(crate) fn upgrade(request: WebSocketUpgrade, sockets: Arc<Sockets>) -> Response {
    request
        .max_frame_size(MAX_FRAME_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .on_upgrade(move |socket| carry(socket, sockets))
}

async fn carry(socket: WebSocket, sockets: Arc<Sockets>) {
    let (id, mut frames) = sockets.open();
    let (mut client, mut said) = socket.split();
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(ToClient::Frame(text)) => {
                    if client.send(Message::Text(text.into())).await.is_err() {
                        break;
                    }
                }
                Some(ToClient::Closed(code)) => {
                    let _ = client.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
                    return;
                }
                None => return,
            },
            message = said.next() => match message {
                Some(Ok(Message::Text(text))) => sockets.send_in_frames(&id, &text),
                // Pings are answered below; they reach no function.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    sockets.close(&id);
}
