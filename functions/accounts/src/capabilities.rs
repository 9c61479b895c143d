//! `GET /cloud/capabilities` and `GET /status.php`: where clients look first. Both are public.

use serde_json::json;
use shared::exchange::Exchange;
use shared::ocs::Reply;
use shared::refusal::Refusal;

/// The release of Nextcloud in which clients found this API; they decide by it what to use.
const NEXTCLOUD: (u8, u8, u8, &str) = (12, 0, 4, "12.0.4");
/// What of Talk's optional features is there. Each name promises something to clients, so only what
/// works is named.
const FEATURES: [&str; 0] = [];

pub(crate) fn answer(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.parameters()?;
    let (major, minor, micro, string) = NEXTCLOUD;
    Reply::ok(json!({
        "version": { "major": major, "minor": minor, "micro": micro, "string": string, "edition": "" },
        "capabilities": {
            "core": { "pollinterval": 60 },
            "spreed": { "features": FEATURES },
        },
    }))
}

pub(crate) fn status(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.parameters()?;
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
