//! What this server tells its clients that it can do: `GET /cloud/capabilities`, and a hash of that beside the answers by
//! which they notice that it changed.

use std::sync::LazyLock;

use lambda_http::http::HeaderValue;
use serde_json::{Value, json};

use crate::domain::chat::MAX_MESSAGE_CHARACTERS;
use crate::domain::secret::Digest;

/// The release of Nextcloud in which clients find this API; they decide by it what to use.
pub const NEXTCLOUD: Release = Release { major: 30, minor: 0, micro: 4, text: "30.0.4" };
/// The release of Talk that belongs to it.
const TALK: &str = "20.1.4";
/// What works. Each name promises something to clients, which then ask for it.
const FEATURES: [&str; 31] = [
    "audio",
    "video",
    "guest-signaling",
    "conversation-v4",
    "conversation-permissions",
    "favorites",
    "last-room-activity",
    "multi-room-users",
    "no-ping",
    "notification-calls",
    "notification-levels",
    "read-only-rooms",
    "room-description",
    "chat-v2",
    "chat-permission",
    "chat-read-marker",
    "chat-reference-id",
    "chat-replies",
    "chat-unread",
    "clear-history",
    "delete-messages",
    "delete-messages-unlimited",
    "direct-mention-flag",
    "edit-messages",
    "markdown-messages",
    "mention-flag",
    "reactions",
    "rich-object-delete",
    "rich-object-sharing",
    "silent-send",
    "system-messages",
];
/// The most sessions that the external signaling server keeps in their calls with one request.
const SESSION_PING_LIMIT: u32 = 200;
/// How many hexadecimal characters of the hash clients are told.
const HASH_CHARACTERS: usize = 40;

/// A release of a server.
pub struct Release {
    pub major: u8,
    pub minor: u8,
    pub micro: u8,
    /// The three with points between them.
    pub text: &'static str,
}

/// The answer to `GET /cloud/capabilities`, the same for everybody.
#[must_use]
pub fn capabilities() -> Value {
    json!({
        "version": {
            "major": NEXTCLOUD.major,
            "minor": NEXTCLOUD.minor,
            "micro": NEXTCLOUD.micro,
            "string": NEXTCLOUD.text,
            "edition": "",
            "extendedSupport": false,
        },
        "capabilities": {
            "core": { "pollinterval": 60, "webdav-root": "remote.php/webdav" },
            "spreed": {
                "features": FEATURES,
                "features-local": [],
                "config": config(),
                "config-local": {},
                "version": TALK,
            },
            "user_status": { "enabled": true, "restore": false, "supports_emoji": true },
        },
    })
}

fn config() -> Value {
    json!({
        "attachments": { "allowed": false },
        "call": {
            "enabled": true,
            "breakout-rooms": false,
            "recording": false,
            "recording-consent": 0,
            "supported-reactions": [],
            "can-upload-background": false,
            "sip-enabled": false,
            "max-duration": 0,
            "predefined-backgrounds": [],
        },
        "chat": {
            "max-length": MAX_MESSAGE_CHARACTERS,
            "read-privacy": 0,
            "has-translation-providers": false,
            "typing-privacy": 1,
        },
        "conversations": { "can-create": true },
        "federation": {
            "enabled": false,
            "incoming-enabled": false,
            "outgoing-enabled": false,
            "only-trusted-servers": true,
        },
        "previews": { "max-gif-size": 3_145_728 },
        "signaling": { "session-ping-limit": SESSION_PING_LIMIT },
    })
}

/// A hash of what this server can do, as a header has it.
#[must_use]
pub fn capabilities_hash() -> HeaderValue {
    static HASH: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
        let digest = Digest::of(capabilities().to_string().as_bytes());
        HeaderValue::from_str(digest.as_str().get(..HASH_CHARACTERS)?).ok()
    });
    HASH.clone().unwrap_or(HeaderValue::from_static("0"))
}
