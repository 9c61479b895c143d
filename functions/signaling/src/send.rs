//! `POST /signaling` and `/signaling/{token}`: messages to others in the same call.

use serde_json::{Value, json};
use shared::auth::Caller;
use shared::exchange::Exchange;
use shared::http::Parameters;
use shared::ocs::Reply;
use shared::permission::Speaker;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::table::Message;

use crate::messages::{Entries, Entry, Payload};
use crate::place::Place;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    let is_user = matches!(caller, Caller::User(_));
    let place = Place::of(exchange, caller, token).await?;
    let speaker = match &place {
        Some(place) => place.speaker(exchange, exchange.now).await?,
        None => None,
    };
    let Some(speaker) = speaker else {
        let entries = entries(exchange.parameters()?)?;
        return Reply::ok(servers(exchange, &entries, is_user));
    };
    exchange.note_call(speaker.occupancy().room.id);
    let entries = entries(exchange.parameters_with_messages(&speaker)?)?;
    let messages = entries.iter().filter_map(|entry| message(&speaker, entry)).collect();
    exchange.table.send(&speaker, messages, exchange.now).await?;
    Reply::ok(servers(exchange, &entries, true))
}

fn entries(parameters: &Parameters) -> Result<Entries, Refusal> {
    Entries::parse(&parameters.text_or_empty("messages")?)
}

/// The oldest clients ask here for the servers (reference "Generations", tag B); those who relay cost
/// somebody money, so strangers do not learn how to use them.
fn servers(exchange: &Exchange<'_>, entries: &Entries, may_relay: bool) -> Vec<Value> {
    let mut answers = Vec::new();
    for entry in entries.iter() {
        match entry.event.as_deref() {
            Some("stunservers") => {
                answers.extend(exchange.signaling().stun_servers().iter().map(|server| json!(server)));
            }
            Some("turnservers") if may_relay => {
                let servers = exchange.signaling().turn_servers(exchange.now);
                answers.extend(servers.iter().map(|server| json!(server)));
            }
            _ => {}
        }
    }
    answers
}

/// A message under the sender's own name; `None` for what is to be ignored (reference "Send"), for oneself,
/// and for those who are not in the call.
fn message<'a>(speaker: &'a Speaker, entry: &Entry) -> Option<Message<'a>> {
    let own = speaker.session().as_str();
    if entry.event.as_deref()? != "message" || entry.sender.as_deref()? != own {
        return None;
    }
    let payload = Payload::parse(entry.payload.as_deref()?)?;
    let recipient = speaker.listener(&payload.recipient()?)?;
    Some(Message { recipient, text: payload.signed(own)? })
}
