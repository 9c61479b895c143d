//! The room object of API v4 (`docs/api-v4.md#the-room-object`): what a caller sees of a room.

use serde::Serialize;
use shared::domain::account::UserId;
use shared::domain::attendance::{Attendance, NotificationLevel};
use shared::domain::attendee::{Actor, AttendeeId};
use shared::domain::chat::{MarkerId, MessageObject, Reader};
use shared::domain::occupancy::Occupancy;
use shared::domain::permission::Sight;
use shared::domain::permissions::Permissions;
use shared::domain::room::{NO_SESSION, ParticipantType, Room, Token};
use shared::domain::status::{ShownStatus, Status};
use shared::domain::time::Timestamp;
use shared::table::Listed;

use crate::object::{display_name, guest_list};

/// Somebody in a call of API v1 has all three: is in it, with sound and picture.
const IN_CALL: u8 = 7;

/// A room as one caller sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationObject<'a> {
    id: u64,
    token: &'a Token,
    r#type: u8,
    name: &'a str,
    display_name: String,
    description: &'a str,
    object_type: &'a str,
    object_id: &'a str,
    participant_type: u8,
    #[serde(flatten)]
    own: Own<'a>,
    #[serde(flatten)]
    call: Call,
    call_permissions: Permissions,
    default_permissions: Permissions,
    read_only: u8,
    has_password: bool,
    can_start_call: bool,
    can_delete_conversation: bool,
    can_leave_conversation: bool,
    last_activity: i64,
    last_message: LastMessage<'a>,
    unread_messages: u64,
    unread_mention: bool,
    unread_mention_direct: bool,
    last_read_message: MarkerId,
    last_common_read_message: MarkerId,
    #[serde(flatten)]
    absent: Absent,
    /// Of the other one of a one-to-one room, where it was asked for.
    #[serde(flatten)]
    status: Option<ShownStatus>,
}

/// What the caller is in the room, and keeps of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Own<'a> {
    attendee_id: u64,
    actor_type: &'static str,
    actor_id: String,
    attendee_pin: &'static str,
    participant_flags: u8,
    permissions: Permissions,
    attendee_permissions: Permissions,
    is_favorite: bool,
    notification_level: NotificationLevel,
    notification_calls: u8,
    last_ping: i64,
    session_id: &'a str,
}

/// The call of the room at this moment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    has_call: bool,
    call_flag: u8,
    call_start_time: i64,
}

/// The latest message; PHP, from which this API comes, writes an empty list where there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum LastMessage<'a> {
    Some(Box<MessageObject<'a>>),
    None([(); 0]),
}

/// What no room here has, and clients read all the same.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Absent {
    listable: u8,
    message_expiration: u8,
    lobby_state: u8,
    lobby_timer: u8,
    sip_enabled: u8,
    #[serde(rename = "canEnableSIP")]
    can_enable_sip: bool,
    breakout_room_mode: u8,
    breakout_room_status: u8,
    recording_consent: u8,
    call_recording: u8,
    mention_permissions: u8,
    is_archived: bool,
    avatar_version: &'static str,
    is_custom_avatar: bool,
}

const ABSENT: Absent = Absent {
    listable: 0,
    message_expiration: 0,
    lobby_state: 0,
    lobby_timer: 0,
    sip_enabled: 0,
    can_enable_sip: false,
    breakout_room_mode: 0,
    breakout_room_status: 0,
    recording_consent: 0,
    call_recording: 0,
    mention_permissions: 0,
    is_archived: false,
    avatar_version: "",
    is_custom_avatar: false,
};

/// As whom somebody looks at a room.
enum Viewer<'a> {
    /// A user with a row, and the session there.
    Member {
        user: &'a UserId,
        participant_type: ParticipantType,
        attendance: &'a Attendance,
        session: Session<'a>,
    },
    /// A guest who joined.
    Guest { name: String, session: Session<'a> },
    /// Somebody with the link and nothing else.
    Stranger,
}

/// A session in the room, and when it was last heard of.
#[derive(Clone, Copy)]
struct Session<'a> {
    id: &'a str,
    last_ping: i64,
}

const NOWHERE: Session<'static> = Session { id: NO_SESSION, last_ping: 0 };

impl<'a> ConversationObject<'a> {
    /// A room of which everybody was read.
    pub(crate) fn of_sight(sight: &'a Sight) -> Self {
        let occupancy = sight.occupancy();
        let room = &occupancy.room;
        let session = |id: Option<&'a str>, last_ping: Timestamp| match id {
            Some(id) => Session { id, last_ping: last_ping.0 },
            None => NOWHERE,
        };
        let viewer = match (sight.own_row(), sight.own_guest()) {
            (Some(row), _) => Viewer::Member {
                user: &row.user,
                participant_type: row.participant_type,
                attendance: &row.attendance,
                session: session(row.session.as_ref().map(|id| id.as_str()), row.last_ping),
            },
            (None, Some(guest)) => Viewer::Guest {
                name: guest.name(),
                session: session(Some(guest.session.as_str()), guest.last_ping),
            },
            (None, None) => Viewer::Stranger,
        };
        let guests = if sight.is_from_outside() { String::new() } else { guest_list(sight) };
        let name = display_name(sight, &guests);
        let description = if sight.shows_names() { room.description.as_str() } else { "" };
        let other = sight.own_row().and_then(|row| Some(room.pair.as_ref()?.other_than(&row.user)));
        let object = Self::new(room, &viewer, other, name, Call::of(occupancy), occupancy.now);
        Self { description, ..object }
    }

    /// A room of which a list has enough: nobody is in its call.
    pub(crate) fn of_list(listed: &'a Listed, now: Timestamp) -> Self {
        let own = &listed.own;
        let viewer = Viewer::Member {
            user: &own.user,
            participant_type: own.participant_type,
            attendance: &own.attendance,
            session: NOWHERE,
        };
        let other = listed.other.as_ref();
        let name = other.map_or(&listed.room.name, |other| &other.display_name).clone();
        Self::new(&listed.room, &viewer, other.map(|other| &other.user), name, Call::none(), now)
            .with_status(listed.status.clone(), now)
    }

    /// The same with what the other one says of itself.
    pub(crate) fn with_status(self, status: Option<Status>, now: Timestamp) -> Self {
        Self { status: status.map(|status| status.shown(now)), ..self }
    }

    fn new(
        room: &'a Room,
        viewer: &Viewer<'a>,
        other: Option<&'a UserId>,
        display_name: String,
        call: Call,
        now: Timestamp,
    ) -> Self {
        let own = Own::of(room, viewer);
        let read = Read::of(room, viewer);
        let last_message = last_message(room, viewer, &display_name, now);
        let participant_type = match viewer {
            Viewer::Member { participant_type, .. } => *participant_type,
            Viewer::Guest { .. } | Viewer::Stranger => ParticipantType::Guest,
        };
        Self {
            id: room.id,
            token: &room.token,
            r#type: room.room_type.number(),
            name: other.map_or(&room.name, |other| other.as_str()),
            display_name,
            description: &room.description,
            object_type: &room.object.kind,
            object_id: &room.object.id,
            participant_type: participant_type.number(),
            can_start_call: own.permissions.lets_start_calls() && !room.is_read_only,
            can_delete_conversation: participant_type.has_moderator_rights() && !room.is_one_to_one(),
            can_leave_conversation: matches!(viewer, Viewer::Member { .. }),
            own,
            call,
            call_permissions: room.permissions.call,
            default_permissions: room.permissions.default,
            read_only: u8::from(room.is_read_only),
            has_password: room.password.is_some(),
            last_activity: room.last_activity().0,
            last_message,
            unread_messages: read.unread,
            unread_mention: read.is_meant || read.is_meant_directly,
            unread_mention_direct: read.is_meant_directly,
            last_read_message: read.marker,
            last_common_read_message: room.common_read,
            absent: ABSENT,
            status: None,
        }
    }
}

/// What the caller has read of the chat.
#[derive(Default)]
struct Read {
    marker: MarkerId,
    unread: u64,
    /// Whether the caller is meant as one of all, or in particular, by what is not read.
    is_meant: bool,
    is_meant_directly: bool,
}

impl Read {
    fn of(room: &Room, viewer: &Viewer<'_>) -> Self {
        let Viewer::Member { attendance, .. } = viewer else { return Self::default() };
        let (head, marker) = (&room.chat, attendance.marker);
        Self {
            marker: head.seen_from_here(marker),
            unread: head.unread(marker),
            is_meant: head.is_new(head.said_to_all, marker),
            is_meant_directly: head.is_new(attendance.mentioned, marker),
        }
    }
}

/// What was said last, for those who belong to the room.
fn last_message<'a>(room: &'a Room, viewer: &Viewer<'a>, room_name: &str, now: Timestamp) -> LastMessage<'a> {
    let last = room.chat.last_message.as_ref().filter(|last| last.message.is_alive(now));
    let (Some(last), Viewer::Member { user, .. }) = (last, viewer) else { return LastMessage::None([]) };
    let reader = Reader { token: &room.token, room_type: room.room_type, room_name, user: Some(user) };
    // Whether a list shows the message that is answered, or one's own reactions, no client asks.
    LastMessage::Some(Box::new(MessageObject::alone(&last.message, &last.names, &reader)))
}

impl<'a> Own<'a> {
    fn of(room: &Room, viewer: &Viewer<'a>) -> Self {
        let stranger = Self {
            attendee_id: 0,
            actor_type: "",
            actor_id: String::new(),
            attendee_pin: "",
            participant_flags: 0,
            permissions: Permissions::NONE,
            attendee_permissions: Permissions::UNSET,
            is_favorite: false,
            notification_level: NotificationLevel::Never,
            notification_calls: 0,
            last_ping: 0,
            session_id: NO_SESSION,
        };
        let (actor, session) = match viewer {
            Viewer::Stranger => return stranger,
            Viewer::Guest { name, session } => (Actor::Guest(name), session),
            Viewer::Member { user, session, .. } => (Actor::User(user), session),
        };
        let known = Self {
            attendee_id: AttendeeId::of(&room.token, actor).number(),
            actor_type: actor.kind(),
            actor_id: actor.id().to_owned(),
            participant_flags: if session.id == NO_SESSION { 0 } else { IN_CALL },
            last_ping: session.last_ping,
            session_id: session.id,
            ..stranger
        };
        let Viewer::Member { participant_type, attendance, .. } = viewer else {
            let unset = Permissions::UNSET;
            return Self { permissions: room.permissions.effective(false, unset), ..known };
        };
        Self {
            permissions: room
                .permissions
                .effective(participant_type.has_moderator_rights(), attendance.permissions),
            attendee_permissions: attendance.permissions,
            is_favorite: attendance.is_favorite,
            notification_level: attendance.notification_level.resolved(room.is_one_to_one()),
            notification_calls: u8::from(!attendance.ignores_calls),
            ..known
        }
    }
}

impl Call {
    const fn none() -> Self {
        Self { has_call: false, call_flag: 0, call_start_time: 0 }
    }

    fn of(occupancy: &Occupancy) -> Self {
        if occupancy.peers().next().is_none() {
            return Self::none();
        }
        let start = occupancy.room.called_since.unwrap_or_default();
        Self { has_call: true, call_flag: IN_CALL, call_start_time: start.0 }
    }
}
