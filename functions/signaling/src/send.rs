//! `POST /signaling` and `/signaling/{token}`: messages to others in the same call.

use serde_json::{Value, json};
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::permission::Speaker;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::table::Message;

use crate::place::Place;

/// The longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The sender's name is added to it, in bytes.
const SENDER_BYTES: usize = 1024;
/// All messages of a request, in bytes.
const MAX_BYTES: usize = 3 * 1024 * 1024;
/// So many messages come at most in one request: what one transaction takes.
const MAX_MESSAGES: usize = 100;

pub(crate) async fn answer(exchange: &Exchange<'_>, token: Option<Token>) -> Result<Reply, Refusal> {
    let place = Place::of(exchange, token).await?;
    let items = items(&exchange.parameters()?.text_or_empty("messages")?)?;
    let answers = answers(exchange, &items)?;
    let Some(place) = place else { return Reply::ok(answers) };
    let partition = exchange.table.partition(&place.token).await?;
    let speaker = Speaker::new(partition.occupancy(exchange.now), &place.caller, place.cookie.as_ref());
    if let Some(speaker) = speaker {
        exchange.note_call(speaker.occupancy().room.id);
        let messages: Vec<_> = items.iter().filter_map(|item| message(&speaker, item)).collect();
        demand_size(&messages)?;
        exchange.table.send(&speaker, messages, exchange.now).await?;
    }
    Reply::ok(answers)
}

/// What was sent, within the limits.
fn items(text: &str) -> Result<Vec<Value>, Refusal> {
    let items: Vec<Value> = serde_json::from_str(text)
        .map_err(|_| Refusal::bad_request("messages must be a text that holds a JSON list."))?;
    if items.len() > MAX_MESSAGES {
        return Err(Refusal::too_large(format!("messages must hold at most {MAX_MESSAGES} messages.")));
    }
    let length = |item: &Value| item.get("fn").and_then(Value::as_str).map_or(0, str::len);
    if items.iter().any(|item| length(item) > MAX_MESSAGE_BYTES) {
        return Err(Refusal::too_large(format!("A message must have at most {MAX_MESSAGE_BYTES} bytes.")));
    }
    Ok(items)
}

/// A number can become longer when it is written again, and one transaction takes 4 MB.
fn demand_size(messages: &[Message<'_>]) -> Result<(), Refusal> {
    let lengths = || messages.iter().map(|message| message.text.len());
    if lengths().any(|length| length > MAX_MESSAGE_BYTES + SENDER_BYTES)
        || lengths().sum::<usize>() > MAX_BYTES
    {
        return Err(Refusal::too_large(format!(
            "A message must have at most {MAX_MESSAGE_BYTES} bytes, all of a request at most {MAX_BYTES}."
        )));
    }
    Ok(())
}

/// The oldest clients ask here for the servers (reference "Generations", tag B).
fn answers(exchange: &Exchange<'_>, items: &[Value]) -> Result<Vec<Value>, Refusal> {
    let mut answers = Vec::new();
    for item in items {
        let servers = match item.get("ev").and_then(Value::as_str) {
            Some("stunservers") => json!(exchange.signaling().stun_servers()),
            Some("turnservers") => json!(exchange.signaling().turn_servers(exchange.now)),
            _ => continue,
        };
        answers.extend(servers.as_array().cloned().unwrap_or_default());
    }
    Ok(answers)
}

/// A message under the sender's own name; `None` for what is to be ignored (reference "Send"), and for
/// those who are not in the call.
fn message<'a>(speaker: &'a Speaker, item: &Value) -> Option<Message<'a>> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    if text("ev")? != "message" || text("sessionId")? != speaker.session().as_str() {
        return None;
    }
    let mut payload: serde_json::Map<String, Value> = serde_json::from_str(text("fn")?).ok()?;
    let recipient = speaker.listener(payload.get("to")?.as_str()?)?;
    payload.insert("from".to_owned(), Value::from(speaker.session().as_str()));
    Some(Message { recipient, text: Value::Object(payload).to_string() })
}
