//! `GET /signaling/settings`: by which servers clients find each other.

use serde::Serialize;
use serde_json::{Value, json};
use shared::auth::{Caller, User};
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::secret::Secret;
use shared::signaling::{StunServer, Ticket, TurnServer};

use crate::place::latest_visit;

/// So many characters of random text stand in a ticket.
const RANDOM_CHARACTERS: usize = 16;

#[derive(Serialize)]
struct Settings {
    /// An empty list without a server, which is how clients tell.
    server: Value,
    ticket: String,
    stunservers: Vec<StunServer>,
    turnservers: Vec<TurnServer>,
}

pub(crate) async fn settings(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    let caller = exchange.caller().await?;
    exchange.parameters()?;
    if exchange.request.is_head() {
        return Ok(Reply::empty());
    }
    let user = match &caller {
        Caller::User(user) => Some(user),
        Caller::Guest => None,
    };
    let secret = ticket_secret(exchange, user).await?;
    let mut random = exchange.random().nonce();
    random.truncate(RANDOM_CHARACTERS);
    let signaling = exchange.signaling();
    Reply::ok(Settings {
        server: signaling.external.as_ref().map_or_else(|| json!([]), |external| json!(external.server())),
        ticket: Ticket::issue(user.map(User::id), &random, exchange.now, &secret).expose().to_owned(),
        stunservers: signaling.stun_servers(),
        turnservers: if may_relay(exchange, user).await? {
            signaling.turn_servers(exchange.now)
        } else {
            Vec::new()
        },
    })
}

/// Relaying costs somebody money, so it is for users, and for guests while they are in a call.
async fn may_relay(exchange: &Exchange<'_>, user: Option<&User>) -> Result<bool, Refusal> {
    Ok(exchange.signaling().has_turn() && (user.is_some() || latest_visit(exchange).await?.is_some()))
}

/// The secret of the caller's tickets, made on first use. A login is remembered for a minute, but a ticket lasts
/// a day, so the login has to count at this moment.
async fn ticket_secret(exchange: &Exchange<'_>, user: Option<&User>) -> Result<Secret, Refusal> {
    let known = match user {
        None => exchange.table.ticket_secret(None).await?,
        Some(user) => {
            let (secret, account) = exchange.table.ticket_standing(user.id()).await?;
            account.filter(|account| user.is_still(account)).ok_or_else(Refusal::not_logged_in)?;
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
