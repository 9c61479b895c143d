//! `POST /signaling` and `/signaling/{token}`: messages to others in the same call.

use serde_json::{Value, json};
use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;

use crate::messages::Entries;
use crate::place::Place;

/// In the call of this room.
pub(crate) async fn send(exchange: &Exchange<'_>, token: &Token) -> Result<Reply, Refusal> {
    send_in(exchange, Some(token.clone())).await
}

/// In the one call in which the caller is.
pub(crate) async fn send_anywhere(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    send_in(exchange, None).await
}

async fn send_in(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    let is_user = matches!(caller, Caller::User(_));
    let place = Place::of(exchange, caller, token).await?;
    let speaker = match &place {
        Some(place) => place.speaker(exchange, exchange.now).await?,
        None => None,
    };
    let Some(speaker) = speaker else {
        let entries = Entries::read(exchange.parameters()?)?;
        return Reply::ok(servers(exchange, &entries, is_user));
    };
    exchange.note_call(speaker.occupancy().room.id);
    let entries = Entries::read(exchange.parameters_with_messages(&speaker)?)?;
    exchange.table.send(&speaker, entries.messages(&speaker)?, exchange.now).await?;
    Reply::ok(servers(exchange, &entries, true))
}

/// The oldest clients ask here for the servers (reference "Generations", tag B); those who relay cost
/// somebody money, so strangers do not learn how to use them.
fn servers(exchange: &Exchange<'_>, entries: &Entries, may_relay: bool) -> Vec<Value> {
    let mut answers = Vec::new();
    for event in entries.events() {
        let servers = match event {
            "stunservers" => json!(exchange.signaling().stun_servers()),
            "turnservers" if may_relay => json!(exchange.signaling().turn_servers(exchange.now)),
            _ => continue,
        };
        answers.extend(servers.as_array().cloned().unwrap_or_default());
    }
    answers
}
