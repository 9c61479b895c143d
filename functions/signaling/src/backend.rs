//! `POST /signaling/backend`: what the external signaling server asks.
//!
//! It is told in words, not by the HTTP status, which is always 200 (`docs/api.md#the-external-server`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::domain::room::Token;
use shared::domain::ticket::Ticket;
use shared::gateway::{Exchange, PossibleServer, Refusal, Reply};
use shared::herald::{CHECKSUM_HEADER, RANDOM_HEADER, SignalingServer, properties};
use shared::table::Holder;

/// The version of these requests.
const VERSION: &str = "1.0";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    params: AuthParameters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AuthParameters {
    userid: String,
    ticket: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RoomRequest {
    roomid: String,
    userid: String,
    sessionid: String,
    action: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ping {
    roomid: String,
    entries: Vec<Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    userid: String,
    sessionid: String,
}

/// What the server is told.
enum Answer {
    Good(Value),
    Error(&'static str, &'static str),
}

const NO_SUCH_ROOM: Answer = Answer::Error("no_such_room", "The user is not invited to this room.");

pub(crate) async fn backend(exchange: &Exchange<'_>, _: PossibleServer) -> Result<Reply, Refusal> {
    let answer = match exchange.signaling().external() {
        Some(server) if is_genuine(exchange, server) => asked(exchange).await?,
        _ => Answer::Error("invalid_request", "The request could not be authenticated."),
    };
    Reply::ok(match answer {
        Answer::Good(answer) => answer,
        Answer::Error(code, message) => {
            json!({"type": "error", "error": {"code": code, "message": message}})
        }
    })
}

/// Over the bytes as they came: read and written again they would be others.
fn is_genuine(exchange: &Exchange<'_>, server: &SignalingServer) -> bool {
    let header = |name| exchange.request.header(name).unwrap_or_default();
    server.is_genuine(header(RANDOM_HEADER), header(CHECKSUM_HEADER), exchange.request.body())
}

async fn asked(exchange: &Exchange<'_>) -> Result<Answer, Refusal> {
    let body = exchange.request.body();
    if body.len() > exchange.body_limit() {
        return Ok(Answer::Error("invalid_request", "The request is too long."));
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return Ok(Answer::Error("invalid_request", "The request is no JSON."));
    };
    match request.get("type").and_then(Value::as_str) {
        Some("auth") => auth(exchange, &part(&request, "auth")).await,
        Some("room") => room(exchange, &part(&request, "room")).await,
        Some("ping") => ping(exchange, part(&request, "ping")).await,
        _ => Ok(Answer::Error("unknown_type", "The type of the request is not known.")),
    }
}

/// A part of the request. A malformed one counts as empty, and is refused as that.
fn part<T: Default + for<'de> Deserialize<'de>>(request: &Value, name: &str) -> T {
    request.get(name).and_then(|part| T::deserialize(part).ok()).unwrap_or_default()
}

/// Whether a ticket is that of the user who shows it.
async fn auth(exchange: &Exchange<'_>, auth: &Auth) -> Result<Answer, Refusal> {
    const INVALID: Answer = Answer::Error("invalid_ticket", "The given ticket is not valid for this user.");
    let Some(ticket) = Ticket::parse(&auth.params.ticket) else { return Ok(INVALID) };
    if ticket.user().map_or("", UserId::as_str) != auth.params.userid {
        return Ok(INVALID);
    }
    Ok(match exchange.table.holder(&ticket, exchange.now).await? {
        None => INVALID,
        Some(Holder::Guest) => Answer::Good(json!({"type": "auth", "auth": {"version": VERSION}})),
        Some(Holder::User(account)) => Answer::Good(json!({"type": "auth", "auth": {
            "version": VERSION, "userid": account.id, "user": {"displayname": account.display_name}}})),
        Some(Holder::Nobody) => Answer::Error("no_such_user", "The given user does not exist."),
    })
}

/// Somebody enters or leaves a room of the signaling server.
async fn room(exchange: &Exchange<'_>, request: &RoomRequest) -> Result<Answer, Refusal> {
    let Some(token) = Token::parse(&request.roomid) else { return Ok(NO_SUCH_ROOM) };
    let partition = exchange.watch(&token, exchange.now).await?;
    let Some(visitor) = partition.visitor(&request.userid, &request.sessionid, exchange.now) else {
        return Ok(NO_SUCH_ROOM);
    };
    exchange.note_call(visitor.room().id);
    if request.action == "leave" {
        // Somebody who leaves the server's room, or is cut off from it, is not in the call any more.
        exchange.tell(exchange.table.leave_call_as_visitor(&token, &visitor).await?).await;
    } else if let Some(session) = visitor.session() {
        exchange.table.enter(&token, visitor.user(), session, exchange.now).await?;
    }
    Ok(Answer::Good(json!({"type": "room", "room": {
        "version": VERSION, "roomid": token, "properties": properties(visitor.room())}})))
}

/// Keeps many in the call: one write for each session, also for one that is named twice.
async fn ping(exchange: &Exchange<'_>, ping: Ping) -> Result<Answer, Refusal> {
    let Some(token) = Token::parse(&ping.roomid) else { return Ok(NO_SUCH_ROOM) };
    let Some(room) = exchange.table.room(&token).await? else { return Ok(NO_SUCH_ROOM) };
    exchange.note_call(room.id);
    let named = |entry: Entry| match entry.userid.as_str() {
        "" => Some((entry.sessionid, None)),
        // An id that no account can have names nobody, and no guest either.
        id => Some((entry.sessionid, Some(UserId::parse(id)?))),
    };
    let sessions: BTreeMap<String, Option<UserId>> = ping.entries.into_iter().filter_map(named).collect();
    exchange.tell(exchange.table.ping_sessions(&token, sessions, exchange.now).await?).await;
    Ok(Answer::Good(json!({"type": "room", "room": {"version": VERSION, "roomid": token}})))
}
