//! `GET /room/{token}/participants`: everybody and everything that belongs to the room.

use std::collections::BTreeMap;

use lambda_http::http::{HeaderName, HeaderValue};
use serde::Serialize;
use shared::domain::account::UserId;
use shared::domain::attendee::{Actor, AttendeeId};
use shared::domain::permission::Sight;
use shared::domain::permissions::Permissions;
use shared::domain::room::{ParticipantType, Room, SessionId, Token};
use shared::domain::status::{ShownStatus, Status};
use shared::domain::time::Timestamp;
use shared::gateway::{Exchange, Refusal, Reply};

/// Somebody in a call of API v1 has all three: is in it, with sound and picture.
const IN_CALL: u8 = 7;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    attendee_id: u64,
    actor_type: &'static str,
    actor_id: String,
    display_name: &'a str,
    participant_type: u8,
    last_ping: i64,
    in_call: u8,
    session_ids: Vec<&'a SessionId>,
    permissions: Permissions,
    attendee_permissions: Permissions,
    attendee_pin: &'static str,
    room_token: &'a Token,
    #[serde(flatten)]
    status: Option<ShownStatus>,
}

/// Says that the answer has what people say of themselves.
const HAS_STATUSES: HeaderName = HeaderName::from_static("x-nextcloud-has-user-statuses");

pub(crate) async fn list(exchange: &Exchange<'_>, sight: Sight) -> Result<Reply, Refusal> {
    if sight.own_guest().is_some() {
        return Err(Refusal::forbidden("Guests do not list who is in a room."));
    }
    if !exchange.parameters()?.flag("includeStatus")?.unwrap_or_default() {
        return Reply::ok(entries(&sight, &BTreeMap::new(), exchange.now));
    }
    let users: Vec<UserId> = sight.occupancy().users.iter().map(|it| it.user.clone()).collect();
    let statuses = exchange.table.statuses(&users).await?;
    let reply = Reply::ok(entries(&sight, &statuses, exchange.now))?;
    Ok(reply.with_header(HAS_STATUSES, HeaderValue::from_static("1")))
}

fn entries<'a>(sight: &'a Sight, statuses: &BTreeMap<UserId, Status>, now: Timestamp) -> Vec<Entry<'a>> {
    let occupancy = sight.occupancy();
    let room = &occupancy.room;
    let users = occupancy.users.iter().map(|occupant| {
        let (kind, own) = (occupant.participant_type, occupant.attendance.permissions);
        let session = occupant.session.as_ref().map(|session| (session, occupant.last_ping));
        let status = statuses.get(&occupant.user).cloned().map(|status| status.shown(now));
        let entry = Entry::new(room, Actor::User(&occupant.user), &occupant.display_name, kind, own);
        Entry { status, ..entry.with(session) }
    });
    let guests = occupancy.guests.iter().map(|guest| {
        let session = Some((&guest.session, guest.last_ping));
        Entry::new(room, Actor::Guest(&guest.name()), "", ParticipantType::Guest, Permissions::UNSET)
            .with(session)
    });
    let groups = occupancy.groups.iter().map(|group| {
        Entry::new(room, Actor::Group(group), group.as_str(), ParticipantType::User, Permissions::UNSET)
    });
    users.chain(guests).chain(groups).collect()
}

impl<'a> Entry<'a> {
    fn new(
        room: &'a Room,
        actor: Actor<'_>,
        display_name: &'a str,
        participant_type: ParticipantType,
        own: Permissions,
    ) -> Self {
        Self {
            attendee_id: AttendeeId::of(&room.token, actor).number(),
            actor_type: actor.kind(),
            actor_id: actor.id().to_owned(),
            display_name,
            participant_type: participant_type.number(),
            last_ping: 0,
            in_call: 0,
            session_ids: Vec::new(),
            permissions: room.permissions.effective(participant_type.has_moderator_rights(), own),
            attendee_permissions: own,
            attendee_pin: "",
            room_token: &room.token,
            status: None,
        }
    }

    /// The same with the live session, if there is one.
    fn with(mut self, session: Option<(&'a SessionId, Timestamp)>) -> Self {
        if let Some((session, last_ping)) = session {
            self.last_ping = last_ping.0;
            self.in_call = IN_CALL;
            self.session_ids = vec![session];
        }
        self
    }
}
