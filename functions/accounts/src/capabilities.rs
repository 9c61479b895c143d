//! `GET /cloud/capabilities` and `GET /status.php`: where clients look first. Both are public.

use lambda_http::http::{HeaderValue, header};
use serde_json::json;
use shared::gateway::{Everybody, Exchange, NEXTCLOUD, Refusal, Reply, capabilities as known};

pub(crate) async fn capabilities(_: &Exchange<'_>, _: Everybody) -> Result<Reply, Refusal> {
    // The signaling server asks before each batch of pings, unless it may keep what it heard.
    let kept = HeaderValue::from_static("private, max-age=3600");
    Ok(Reply::ok(known())?.with_header(header::CACHE_CONTROL, kept))
}

pub(crate) async fn status(_: &Exchange<'_>, _: Everybody) -> Result<Reply, Refusal> {
    Reply::bare(json!({
        "installed": true,
        "maintenance": false,
        "needsUpgrade": false,
        "needsDbUpgrade": false,
        "version": format!("{}.0", NEXTCLOUD.text),
        "versionstring": NEXTCLOUD.text,
        "edition": "",
        "productname": "spreed-serverless",
        "extendedSupport": false,
    }))
}
