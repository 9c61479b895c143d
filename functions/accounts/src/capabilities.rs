//! `GET /cloud/capabilities` and `GET /status.php`: where clients look first. Both are public.

use lambda_http::http::{HeaderValue, header};
use serde_json::json;
use shared::gateway::{Everybody, Exchange, Refusal, Reply};

/// The release of Nextcloud in which clients found this API; they decide by it what to use.
const NEXTCLOUD: (u8, u8, u8, &str) = (12, 0, 4, "12.0.4");
/// The optional features of Talk that are there. Each name promises something to clients, so only what
/// works is named.
const FEATURES: [&str; 3] = ["audio", "video", "guest-signaling"];

/// The most sessions that the signaling server keeps in their calls with one request.
const SESSION_PING_LIMIT: u32 = 200;

pub(crate) async fn capabilities(exchange: &Exchange<'_>, _: Everybody) -> Result<Reply, Refusal> {
    let (major, minor, micro, string) = NEXTCLOUD;
    let config = match exchange.signaling().external() {
        Some(_) => json!({ "signaling": { "session-ping-limit": SESSION_PING_LIMIT } }),
        None => json!({}),
    };
    let reply = Reply::ok(json!({
        "version": { "major": major, "minor": minor, "micro": micro, "string": string, "edition": "" },
        "capabilities": {
            "core": { "pollinterval": 60 },
            "spreed": { "features": FEATURES, "config": config },
        },
    }))?;
    // The signaling server asks before each batch of pings, unless it may keep what it heard.
    Ok(reply.with_header(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")))
}

pub(crate) async fn status(_: &Exchange<'_>, _: Everybody) -> Result<Reply, Refusal> {
    let (major, minor, micro, string) = NEXTCLOUD;
    Reply::bare(json!({
        "installed": true,
        "maintenance": false,
        "needsDbUpgrade": false,
        "version": format!("{major}.{minor}.{micro}.0"),
        "versionstring": string,
        "edition": "",
        "productname": "spreed-serverless",
    }))
}
