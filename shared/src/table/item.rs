//! What each item holds beside its key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::key::{Key, PARTITION_KEY, SORT_KEY};
use super::text;
use crate::domain::account::{Account, UserId};
use crate::domain::attendance::{Attendance, NotificationLevel};
use crate::domain::chat::{ChatHead, Marker, MarkerId, MessageId};
use crate::domain::occupancy::{Guest, Written};
use crate::domain::permissions::{Permissions, RoomPermissions};
use crate::domain::room::{
    Amount, LAST_PING_KEPT_SECONDS, Object, Pair, Participant, ParticipantType, Presence, Queue, Room,
    RoomType, SILENCE_SECONDS, SessionId, Token,
};
use crate::domain::secret::{Digest, PasswordHash};
use crate::domain::socket::PublicId;
use crate::domain::time::Timestamp;

/// A stored item as the SDK knows it.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The most messages that wait for one session.
pub const MAX_WAITING: u64 = 400;
/// The most bytes of messages that wait for one session.
pub(super) const MAX_WAITING_BYTES: u64 = 512 * 1024;

/// The room itself.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RoomItem {
    pub(super) id: u64,
    pub(super) room_type: RoomType,
    pub(super) name: String,
    /// What the room is for; rooms from earlier releases have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password_hash: Option<PasswordHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pair: Option<Pair>,
    pub(super) created_at: Timestamp,
    /// Grows whenever somebody comes or leaves for good, so that a change that was decided by the whole room can
    /// demand that nobody came since.
    #[serde(default)]
    pub(super) revision: u64,
    /// An upper bound of the guests who are there: those who were last counted, and all who came since.
    #[serde(default)]
    pub(super) guests: u64,
    /// Until when somebody is taken to be guessing at the password.
    #[serde(default)]
    pub(super) guessed_until: Timestamp,
    /// Set while the room is being filled or emptied in more than one transaction: no reader sees
    /// the room, and nobody else gets its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hidden_since: Option<Timestamp>,
    /// The kind of what the room was made for, and what it is called there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) object_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) object_id: String,
    /// Whether nobody may write, react or call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) read_only: bool,
    /// What those may do who do not manage the room.
    #[serde(default, skip_serializing_if = "Permissions::is_unset")]
    pub(super) default_permissions: Permissions,
    /// The same during the present call.
    #[serde(default, skip_serializing_if = "Permissions::is_unset")]
    pub(super) call_permissions: Permissions,
    /// When somebody first joined since the call was last seen to be empty. Whether it goes on, the presences tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) called_since: Option<Timestamp>,
    /// The number of the latest message, by which whoever says something notices that somebody was faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<MessageId>,
    /// In one text, since a list of a person's rooms reads it for each of them.
    #[serde(default, with = "text")]
    pub(super) chat: ChatHead,
    /// Up to which message everybody has read.
    #[serde(default)]
    pub(super) common_read: MarkerId,
    /// When that was last worked out.
    #[serde(default)]
    pub(super) common_read_at: Timestamp,
    /// How often that was worked out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) reads: u64,
    /// The one of two who left the room to the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) absent: Option<UserId>,
}

impl RoomItem {
    pub(super) fn visible(self, token: &Token) -> Option<Room> {
        self.hidden_since.is_none().then(|| self.room(token))
    }

    pub(super) fn room(self, token: &Token) -> Room {
        Room {
            token: token.clone(),
            id: self.id,
            room_type: self.room_type,
            name: self.name,
            description: self.description,
            password: self.password_hash,
            pair: self.pair,
            object: Object { kind: self.object_type, id: self.object_id },
            is_read_only: self.read_only,
            permissions: RoomPermissions { default: self.default_permissions, call: self.call_permissions },
            created_at: self.created_at,
            called_since: self.called_since,
            chat: self.chat,
            common_read: self.common_read,
            common_read_at: self.common_read_at,
            absent: self.absent,
            guessed_until: self.guessed_until,
        }
    }
}

/// Somebody's row in a room.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ParticipantItem {
    pub(super) participant_type: ParticipantType,
    /// A copy of the account's, so that a room is one query; renaming a person rewrites it.
    pub(super) display_name: String,
    /// What else the room keeps of the person; see [`Attendance`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    favorite: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    notify: NotificationLevel,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    no_calls: bool,
    #[serde(default, skip_serializing_if = "Permissions::is_unset")]
    pub(super) permissions: Permissions,
    #[serde(default, with = "text", skip_serializing_if = "is_default")]
    pub(super) marker: Marker,
    #[serde(default, skip_serializing_if = "is_default")]
    mentioned: MessageId,
    /// Set when the person left a one-to-one room that the other one keeps: the row counts for nobody, but says who the
    /// other one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) left_at: Option<Timestamp>,
}

impl ParticipantItem {
    pub(super) fn new(participant_type: ParticipantType, display_name: &str) -> Self {
        Self {
            participant_type,
            display_name: display_name.to_owned(),
            favorite: false,
            notify: NotificationLevel::Default,
            no_calls: false,
            permissions: Permissions::UNSET,
            marker: Marker::default(),
            mentioned: MessageId::default(),
            left_at: None,
        }
    }

    /// The same for somebody who comes later.
    pub(super) fn with_marker(mut self, marker: Marker) -> Self {
        self.marker = marker;
        self
    }

    /// Reads a row field by field. A list of rooms has hundreds of them, and serde would first put each into a map
    /// of its own.
    pub(super) fn read(mut attributes: Attributes) -> Result<Self, Error> {
        let participant_type = match attributes.remove("participant_type") {
            Some(AttributeValue::N(number)) => number.parse().ok().and_then(ParticipantType::from_number),
            _ => None,
        };
        match (participant_type, attributes.remove("display_name")) {
            (Some(participant_type), Some(AttributeValue::S(display_name))) => {
                let row = Self::new(participant_type, &display_name);
                let mut value = |name: &str| attributes.remove(name);
                Ok(Self {
                    favorite: is_true(value("favorite")),
                    notify: value("notify").map(from_value).transpose()?.unwrap_or_default(),
                    no_calls: is_true(value("no_calls")),
                    permissions: value("permissions").map(from_value).transpose()?.unwrap_or_default(),
                    marker: value(MARKER).map(text::read).transpose()?.unwrap_or_default(),
                    mentioned: value("mentioned").map(from_value).transpose()?.unwrap_or_default(),
                    left_at: value(LEFT_AT).map(from_value).transpose()?,
                    ..row
                })
            }
            _ => Err(Error::Defect("reading an item: a participant lacks a type or a name".to_owned())),
        }
    }

    /// The row, unless the person left.
    pub(super) fn present(self) -> Option<Self> {
        self.left_at.is_none().then_some(self)
    }

    pub(super) const fn is_present(&self) -> bool {
        self.left_at.is_none()
    }

    pub(super) fn participant(self, user: &UserId) -> Participant {
        Participant {
            user: user.clone(),
            display_name: self.display_name,
            participant_type: self.participant_type,
            attendance: Attendance {
                is_favorite: self.favorite,
                notification_level: self.notify,
                ignores_calls: self.no_calls,
                permissions: self.permissions,
                marker: self.marker,
                mentioned: self.mentioned,
            },
        }
    }
}

/// A user's presence in a room.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct UserPresenceItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<SessionId>,
    pub(super) last_ping: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The number of the room, so that a ping can tell whose call it is without a read.
    #[serde(default)]
    pub(super) room_id: u64,
    /// How many messages were sent to the session.
    #[serde(default)]
    pub(super) sent: u64,
    /// How many bytes that is.
    #[serde(default)]
    pub(super) sent_bytes: u64,
    /// How many of the messages for the session were taken.
    #[serde(default)]
    pub(super) taken: u64,
    /// How many bytes that is.
    #[serde(default)]
    pub(super) taken_bytes: u64,
    /// How many polls were begun for the session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) polls: u64,
    /// The session of signaling that carries this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) socket: Option<PublicId>,
    /// Until when the socket is taken to be open. Somebody who pings is held to the pings, and has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) connected_until: Option<Timestamp>,
}

impl UserPresenceItem {
    pub(super) fn joined(session: &SessionId, room_id: u64, now: Timestamp) -> Self {
        Self {
            session_id: Some(session.clone()),
            last_ping: now,
            expires_at: now.plus(LAST_PING_KEPT_SECONDS),
            room_id,
            sent: 0,
            sent_bytes: 0,
            taken: 0,
            taken_bytes: 0,
            polls: 0,
            socket: None,
            connected_until: None,
        }
    }

    /// The presence as it is stored, for changes that have to match it.
    pub(super) fn stored(self) -> Presence {
        Presence {
            session: self.session_id,
            last_ping: self.last_ping,
            socket: self.socket,
            has_polled: self.polls > 0,
            queue: queue((self.sent, self.sent_bytes), (self.taken, self.taken_bytes)),
        }
    }

    /// The presence, unless DynamoDB should have deleted it by now.
    pub(super) fn alive(self, now: Timestamp) -> Option<Presence> {
        let last_ping = heard(self.last_ping, self.connected_until, now);
        (self.expires_at > now).then(|| Presence { last_ping, ..self.stored() })
    }
}

/// A guest's presence, which is all that is known of a guest.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct GuestPresenceItem {
    pub(super) session_id: SessionId,
    pub(super) cookie_digest: Digest,
    pub(super) last_ping: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The number of the room, so that a ping can tell whose call it is without a read.
    #[serde(default)]
    pub(super) room_id: u64,
    /// How many messages were sent to the session.
    #[serde(default)]
    pub(super) sent: u64,
    /// How many bytes that is.
    #[serde(default)]
    pub(super) sent_bytes: u64,
    /// How many of the messages for the session were taken.
    #[serde(default)]
    pub(super) taken: u64,
    /// How many bytes that is.
    #[serde(default)]
    pub(super) taken_bytes: u64,
    /// The minute in which the guest last wrote, counted since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) minute: Option<i64>,
    /// How many KiB the guest wrote in that minute.
    #[serde(default)]
    pub(super) written: u64,
    /// How many polls were begun for the session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) polls: u64,
    /// The session of signaling that carries this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) socket: Option<PublicId>,
    /// As for a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) connected_until: Option<Timestamp>,
}

impl GuestPresenceItem {
    pub(super) fn joined(session: &SessionId, cookie_digest: Digest, room_id: u64, now: Timestamp) -> Self {
        Self {
            session_id: session.clone(),
            cookie_digest,
            last_ping: now,
            expires_at: now.plus(SILENCE_SECONDS),
            room_id,
            sent: 0,
            sent_bytes: 0,
            taken: 0,
            taken_bytes: 0,
            minute: None,
            written: 0,
            polls: 0,
            socket: None,
            connected_until: None,
        }
    }

    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        self.expires_at > now
    }

    /// The guest as readers know one at this moment.
    pub(super) fn guest(&self, now: Timestamp) -> Guest {
        Guest {
            session: self.session_id.clone(),
            last_ping: heard(self.last_ping, self.connected_until, now),
            socket: self.socket.clone(),
            has_polled: self.polls > 0,
            cookie_digest: self.cookie_digest.clone(),
            written: self.minute.map(|minute| Written { minute, kibibytes: self.written }),
            queue: queue((self.sent, self.sent_bytes), (self.taken, self.taken_bytes)),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// When somebody was last heard of who last pinged then: an open socket is like a ping at every moment.
fn heard(last_ping: Timestamp, connected_until: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match connected_until {
        Some(until) if until > now => now,
        _ => last_ping,
    }
}

fn queue(sent: (u64, u64), taken: (u64, u64)) -> Queue {
    let amount = |(messages, bytes)| Amount { messages, bytes };
    Queue { sent: amount(sent), taken: amount(taken) }
}

/// Where a user's one session is. It exists exactly while the presence there holds this session.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CallItem {
    pub(super) token: Token,
    pub(super) session_id: SessionId,
    /// Whether the row there goes when the session ends.
    pub(super) is_follower: bool,
}

/// That a user has a row in a room.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct MyRoomItem {
    /// Whether the user made the room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_own: bool,
    /// The other one of a one-to-one room, so that a list reads that row beside the room; rooms from earlier releases
    /// lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) other: Option<UserId>,
    /// Set like that of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) left_at: Option<Timestamp>,
}

/// How far somebody has read; a text.
pub(super) const MARKER: &str = "marker";

/// The attributes by which a list shows a room: those of rooms, rows and statuses that a client
/// sees. Reading the others would cost a tenth more.
pub(super) const LISTED: [&str; 32] = [
    PARTITION_KEY,
    SORT_KEY,
    "id",
    "room_type",
    "name",
    "description",
    "password_hash",
    "pair",
    "created_at",
    "hidden_since",
    "object_type",
    "object_id",
    "read_only",
    "default_permissions",
    "call_permissions",
    CALLED_SINCE,
    "chat",
    "common_read",
    "absent",
    "participant_type",
    "display_name",
    "favorite",
    "notify",
    "no_calls",
    PERMISSIONS,
    MARKER,
    "mentioned",
    LEFT_AT,
    "availability",
    "message",
    "icon",
    "clear_at",
];

/// The attribute of a room that says since when somebody may be in its call.
pub(super) const CALLED_SINCE: &str = "called_since";

/// The attribute that says that somebody left a one-to-one room.
pub(super) const LEFT_AT: &str = "left_at";

/// The attribute of a row that holds what a moderator allowed this person in particular.
pub(super) const PERMISSIONS: &str = "permissions";

/// An account.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccountItem {
    pub(super) display_name: String,
    pub(super) email: String,
    pub(super) password_hash: PasswordHash,
    pub(super) is_enabled: bool,
    pub(super) is_admin: bool,
    /// An upper bound of the rooms that the person made: those that were last counted, and all made since.
    #[serde(default)]
    pub(super) rooms: u64,
    /// How often the person's app passwords changed.
    #[serde(default)]
    pub(super) app_password_changes: u64,
    /// How often all logins of the person were ended.
    #[serde(default)]
    pub(super) logins_ended: u64,
    /// Until when somebody is taken to be guessing at the password.
    #[serde(default)]
    pub(super) guessed_until: Timestamp,
    /// Set while the account is being removed: nobody can log in to it or add it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) removed_since: Option<Timestamp>,
}

impl AccountItem {
    pub(super) fn present(self, user: &UserId) -> Option<Account> {
        self.removed_since.is_none().then(|| Account {
            id: user.clone(),
            display_name: self.display_name,
            email: self.email,
            password_hash: self.password_hash,
            is_enabled: self.is_enabled,
            is_admin: self.is_admin,
            rooms: self.rooms,
            app_password_changes: self.app_password_changes,
            logins_ended: self.logins_ended,
            guessed_until: self.guessed_until,
        })
    }
}

/// An app password; its digest is in the key.
#[derive(Serialize, Deserialize)]
pub(super) struct AppPasswordItem {
    /// What the app calls itself.
    #[serde(default)]
    pub(super) name: String,
    pub(super) created_at: Timestamp,
}

/// Whose app passwords end alike.
#[derive(Serialize, Deserialize)]
pub(super) struct OwnerItem {
    pub(super) user: UserId,
}

/// A name for those who list or copy: accounts, and the members of a group.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct NameItem {
    pub(super) display_name: String,
}

/// A group; the key says it all.
#[derive(Serialize, Deserialize)]
pub(super) struct GroupItem {}

/// Which room two people have.
#[derive(Serialize, Deserialize)]
pub(super) struct PairItem {
    pub(super) token: Token,
    /// The one who left the room to the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<UserId>,
}

/// A message that waits for somebody.
#[derive(Serialize, Deserialize)]
pub(super) struct MessageItem {
    pub(super) text: String,
    pub(super) expires_at: Timestamp,
    /// How many bytes were sent to the session up to this message.
    #[serde(default)]
    pub(super) end: u64,
    /// The session that gets it over its socket, if it has one: that the item is there makes the stream hand it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) socket: Option<PublicId>,
}

/// An item with its key, as DynamoDB takes it.
pub(super) fn to_attributes(key: &Key, item: &impl Serialize) -> Result<Attributes, Error> {
    let mut attributes: Attributes =
        serde_dynamo::to_item(item).map_err(|cause| Error::defect("writing an item", &cause))?;
    attributes.extend(key.attributes());
    Ok(attributes)
}

/// Reads a stored item. One that cannot be read is a defect to be told of, never one to be dropped.
pub(super) fn from_attributes<T: DeserializeOwned>(attributes: Attributes) -> Result<T, Error> {
    serde_dynamo::from_item(attributes).map_err(|cause| Error::defect("reading an item", &cause))
}

fn is_true(value: Option<AttributeValue>) -> bool {
    value == Some(AttributeValue::Bool(true))
}

/// Reads a value of a stored item.
fn from_value<T: DeserializeOwned>(value: AttributeValue) -> Result<T, Error> {
    serde_dynamo::from_attribute_value(value).map_err(|cause| Error::defect("reading a value", &cause))
}

/// A value as DynamoDB takes it.
pub(super) fn to_value(value: &impl Serialize) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(|cause| Error::defect("writing a value", &cause))
}
