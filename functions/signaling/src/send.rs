//! `POST /signaling` and `/signaling/{token}`: messages to others in the same call.

use std::future::ready;

use serde_json::{Value, json};
use shared::domain::identity::{Caller, User};
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::messages::Entries;
use crate::place::Place;

/// In the call of this room.
pub(crate) async fn send(exchange: &Exchange<'_>, caller: Caller, token: &Token) -> Result<Reply, Refusal> {
    let user = caller.user().cloned();
    send_in(exchange, Some(Place::in_room(exchange, caller, token)?), user).await
}

/// In the one call in which the caller is.
pub(crate) async fn send_anywhere(exchange: &Exchange<'_>, caller: Caller) -> Result<Reply, Refusal> {
    let user = caller.user().cloned();
    send_in(exchange, Place::anywhere(exchange, caller).await?, user).await
}

async fn send_in(
    exchange: &Exchange<'_>,
    place: Option<Place>,
    user: Option<User>,
) -> Result<Reply, Refusal> {
    let speaker = match &place {
        Some(place) => place.speaker(exchange, exchange.now).await?,
        None => None,
    };
    let Some(speaker) = speaker else {
        let entries = Entries::read(exchange.parameters()?)?;
        if let Some(user) = &user {
            exchange.beside_login(user, ready(Ok::<_, Refusal>(()))).await?;
        }
        return Reply::ok(servers(exchange, &entries, user.is_some()));
    };
    exchange.note_call(speaker.occupancy().room.id);
    let entries = Entries::read(exchange.parameters_with_messages(&speaker)?)?;
    exchange.tell(exchange.table.send(&speaker, entries.messages(&speaker)?, exchange.now).await?).await;
    Reply::ok(servers(exchange, &entries, true))
}

/// The oldest clients ask here for the servers. Relaying costs somebody money, so strangers do not learn how to
/// use those that do.
fn servers(exchange: &Exchange<'_>, entries: &Entries, may_relay: bool) -> Vec<Value> {
    let mut answers = Vec::new();
    for event in entries.events() {
        let servers = match event {
            "stunservers" => json!(exchange.signaling().ice.stun_servers()),
            "turnservers" if may_relay => json!(exchange.signaling().ice.turn_servers(exchange.now)),
            _ => continue,
        };
        answers.extend(servers.as_array().cloned().unwrap_or_default());
    }
    answers
}
