//! `GET /signaling/settings`: by which servers clients find each other.

use serde::Serialize;
use serde_json::{Value, json};
use shared::domain::ice::{StunServer, TurnServer};
use shared::domain::identity::{Caller, User};
use shared::domain::secret::Secret;
use shared::domain::ticket::Ticket;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::place::latest_visit;

/// How many characters of random text stand in a ticket.
const RANDOM_CHARACTERS: usize = 16;

#[derive(Serialize)]
struct Settings {
    /// An empty list without a server, which is how clients tell.
    server: Value,
    /// What a client says hello with, as later clients take it.
    #[serde(rename = "helloAuthParams")]
    hello_auth_params: Value,
    ticket: String,
    stunservers: Vec<StunServer>,
    turnservers: Vec<TurnServer>,
}

pub(crate) async fn settings(exchange: &Exchange<'_>, caller: Caller) -> Result<Reply, Refusal> {
    if exchange.request.is_head() {
        return Ok(Reply::empty());
    }
    let user = caller.user();
    let secret = ticket_secret(exchange, user).await?;
    let mut random = exchange.random().nonce();
    random.truncate(RANDOM_CHARACTERS);
    let signaling = exchange.signaling();
    let ticket = Ticket::issue(user.map(User::id), &random, exchange.now, &secret).expose().to_owned();
    let user_id = user.map_or("", |user| user.id().as_str());
    Reply::ok(Settings {
        server: signaling.socket_address().map_or_else(|| json!([]), |address| json!(address)),
        hello_auth_params: json!({"1.0": {"userid": user_id, "ticket": ticket}}),
        ticket,
        stunservers: signaling.ice.stun_servers(),
        turnservers: if may_relay(exchange, user).await? {
            signaling.ice.turn_servers(exchange.now)
        } else {
            Vec::new()
        },
    })
}

/// Relaying costs somebody money, so it is for users, and for guests while they are in a call.
async fn may_relay(exchange: &Exchange<'_>, user: Option<&User>) -> Result<bool, Refusal> {
    Ok(exchange.signaling().ice.has_turn() && (user.is_some() || latest_visit(exchange).await?.is_some()))
}

/// The secret of the caller's tickets, made on first use. A ticket lasts a day, so the login has to count at this moment.
async fn ticket_secret(exchange: &Exchange<'_>, user: Option<&User>) -> Result<Secret, Refusal> {
    let known = match user {
        None => exchange.table.ticket_secret(None).await?,
        Some(user) => {
            let standing = exchange.table.ticket_standing(user.id());
            let (secret, account) = exchange.beside_login(user, standing).await?;
            user.still(account)?;
            secret
        }
    };
    if let Some(secret) = known {
        return Ok(secret);
    }
    let secret = exchange.random().cookie_secret();
    exchange.table.keep_ticket_secret(user.map(User::id), &secret).await?;
    Ok(secret)
}
