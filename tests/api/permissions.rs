//! Every endpoint, for every kind of caller, in every type of room.
//!
//! The columns are [`tests::CALLERS`]: owner, moderator, user, guest, follower, stranger, nobody. In
//! the group room guest and follower were thrown out when it became private; in the one-to-one room
//! the two are owner and moderator of the scene.

use std::sync::LazyLock;

use tests::{CALLERS, Caller, Row, Scene, Tenant, endpoints};

/// What one endpoint answers to everybody.
struct Case {
    method: &'static str,
    /// `{token}` stands for the room.
    path: &'static str,
    /// `{guest}` stands for the guest's session, `{name}` for the user id of `name`.
    fields: &'static [(&'static str, &'static str)],
    public: [u16; 7],
    group: [u16; 7],
    one_to_one: [u16; 7],
}

const EVERYBODY_LOGGED_IN: [u16; 7] = [200, 200, 200, 401, 200, 200, 401];
const MANAGED_PUBLIC: [u16; 7] = [200, 200, 403, 401, 403, 404, 401];
const MANAGED_GROUP: [u16; 7] = [200, 200, 403, 401, 404, 404, 401];
const MANAGED_PAIR: [u16; 7] = [200, 200, 404, 401, 404, 404, 401];
const OPEN_GROUP: [u16; 7] = [200, 200, 200, 404, 404, 404, 404];
const IN_THE_CALL: [u16; 7] = [404, 404, 404, 200, 200, 404, 404];
const NO_ADMIN: [u16; 7] = [403, 403, 403, 401, 403, 403, 401];
const UNFIT_FOR_PAIRS: [u16; 7] = [400, 400, 404, 401, 404, 404, 401];
const BELONGS_TO_PUBLIC: [u16; 7] = [200, 200, 200, 401, 200, 404, 401];
const BELONGS_TO_GROUP: [u16; 7] = [200, 200, 200, 401, 404, 404, 401];
const OPEN_PAIR: [u16; 7] = [200, 200, 404, 404, 404, 404, 404];

async fn check(case: Case) {
    for (room_type, expected) in [(3, case.public), (2, case.group), (1, case.one_to_one)] {
        // Those who may do least come first; only a change that was made calls for a new scene.
        let mut callers = CALLERS.into_iter().zip(expected).rev().peekable();
        while callers.peek().is_some() {
            let tenant = Tenant::new().await;
            let scene = match room_type {
                3 => Scene::public(&tenant).await,
                2 => Scene::group(&tenant).await,
                _ => Scene::one_to_one(&tenant).await,
            };
            for (caller, status) in callers.by_ref() {
                check_one(&case, &scene, caller, status).await;
                if status < 300 && case.method != "GET" {
                    break;
                }
            }
        }
    }
}

async fn check_one(case: &Case, scene: &Scene<'_>, caller: Caller, status: u16) {
    let row = Row { method: case.method, path: case.path };
    let path = row.about(&scene.token, &scene.user.id_on_the_wire(), "admin");
    let fields: Vec<(&str, String)> =
        case.fields.iter().map(|(name, value)| (*name, fill(value, scene))).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = scene.person(caller).form(case.method, &path, &fields).await;
    assert_eq!(answer.status, status, "{} {} of {caller:?}: {}", case.method, case.path, answer.text);
    let sees_a_session =
        [&scene.guest_session, &scene.follower_session].iter().any(|session| answer.text.contains(*session));
    let is_outside = matches!(caller, Caller::Stranger | Caller::Nobody);
    assert!(!(is_outside && sees_a_session), "{} {}: {caller:?} reads a session", case.method, case.path);
    let code = if status == 401 { 997 } else { u64::from(status) };
    assert_eq!(answer.code(), code, "{}", answer.text);
}

fn fill(value: &str, scene: &Scene<'_>) -> String {
    match value {
        "{guest}" => scene.guest_session.clone(),
        "{owner}" => scene.owner.id().to_owned(),
        "{moderator}" => scene.moderator.id().to_owned(),
        "{user}" => scene.user.id().to_owned(),
        "{follower}" => scene.follower.id().to_owned(),
        "{stranger}" => scene.stranger.id().to_owned(),
        "{attendee:owner}" => scene.attendee(&scene.owner),
        "{attendee:moderator}" => scene.attendee(&scene.moderator),
        "{attendee:user}" => scene.attendee(&scene.user),
        "{201 characters}" => TOO_LONG.clone(),
        "{501 characters}" => MUCH_TOO_LONG.clone(),
        other => other.to_owned(),
    }
}

macro_rules! cases {
    ($($name:ident: $method:literal $path:literal $fields:expr => $public:expr, $group:expr, $one_to_one:expr;)*) => {
        /// What the rows below are about.
        const ROWS: &[Row] = &[$(Row { method: $method, path: $path }),*];
    $(
        #[tokio::test]
        async fn $name() {
            let (public, group, one_to_one) = ($public, $group, $one_to_one);
            check(Case { method: $method, path: $path, fields: $fields, public, group, one_to_one }).await;
        }
    )*};
}

cases! {
    create_a_room: "POST" "/room" &[("roomType", "3")] =>
        [201, 201, 201, 401, 201, 201, 401], [201, 201, 201, 401, 201, 201, 401], [201, 201, 201, 401, 201, 201, 401];
    list_my_rooms: "GET" "/room" &[] => EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    show_a_room: "GET" "/room/{token}" &[] => [200; 7], OPEN_GROUP, OPEN_PAIR;
    rename: "PUT" "/room/{token}" &[("roomName", "Tea")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, [405, 405, 404, 401, 404, 404, 401];
    rename_too_long: "PUT" "/room/{token}" &[("roomName", "{201 characters}")] =>
        [400, 400, 403, 401, 403, 404, 401], [400, 400, 403, 401, 404, 404, 401], [400, 400, 404, 401, 404, 404, 401];
    describe: "PUT" "/room/{token}/description" &[("description", "Every day but Friday")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, [400, 400, 404, 401, 404, 404, 401];
    describe_too_long: "PUT" "/room/{token}/description" &[("description", "{501 characters}")] =>
        [400, 400, 403, 401, 403, 404, 401], [400, 400, 403, 401, 404, 404, 401], [400, 400, 404, 401, 404, 404, 401];
    set_a_password: "PUT" "/room/{token}/password" &[("password", "x")] =>
        MANAGED_PUBLIC, [403, 403, 403, 401, 404, 404, 401], [403, 403, 404, 401, 404, 404, 401];
    delete_a_room: "DELETE" "/room/{token}" &[] => MANAGED_PUBLIC, MANAGED_GROUP, MANAGED_PAIR;
    open_to_public: "POST" "/room/{token}/public" &[] => MANAGED_PUBLIC, MANAGED_GROUP, MANAGED_PAIR;
    close_to_public: "DELETE" "/room/{token}/public" &[] => MANAGED_PUBLIC, MANAGED_GROUP, MANAGED_PAIR;
    list_participants: "GET" "/room/{token}/participants" &[] =>
        EVERYBODY_LOGGED_IN, [200, 200, 200, 401, 404, 404, 401], MANAGED_PAIR;
    add: "POST" "/room/{token}/participants" &[("newParticipant", "{stranger}")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, MANAGED_PAIR;
    add_somebody_unknown: "POST" "/room/{token}/participants" &[("newParticipant", "ghost")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    remove: "DELETE" "/room/{token}/participants" &[("participant", "{user}")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, MANAGED_PAIR;
    remove_the_owner: "DELETE" "/room/{token}/participants" &[("participant", "{owner}")] =>
        [403, 403, 403, 401, 403, 404, 401], [403, 403, 403, 401, 404, 404, 401], MANAGED_PAIR;
    remove_somebody_without_a_row: "DELETE" "/room/{token}/participants" &[("participant", "{stranger}")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], MANAGED_PAIR;
    remove_a_follower: "DELETE" "/room/{token}/participants" &[("participant", "{follower}")] =>
        MANAGED_PUBLIC, [404, 404, 403, 401, 404, 404, 401], MANAGED_PAIR;
    remove_a_guest: "DELETE" "/room/{token}/participants/guests" &[("participant", "{guest}")] =>
        MANAGED_PUBLIC, [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    remove_no_guest: "DELETE" "/room/{token}/participants/guests" &[("participant", "0")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    leave_for_good: "DELETE" "/room/{token}/participants/self" &[] =>
        [200, 200, 200, 401, 200, 404, 401], [200, 200, 200, 401, 404, 404, 401], MANAGED_PAIR;
    promote: "POST" "/room/{token}/moderators" &[("participant", "{user}")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, [404, 404, 404, 401, 404, 404, 401];
    promote_a_moderator: "POST" "/room/{token}/moderators" &[("participant", "{moderator}")] =>
        [412, 412, 403, 401, 403, 404, 401], [412, 412, 403, 401, 404, 404, 401], [412, 412, 404, 401, 404, 404, 401];
    promote_a_follower: "POST" "/room/{token}/moderators" &[("participant", "{follower}")] =>
        [412, 412, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    promote_nobody: "POST" "/room/{token}/moderators" &[] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    demote: "DELETE" "/room/{token}/moderators" &[("participant", "{moderator}")] =>
        [200, 403, 403, 401, 403, 404, 401], [200, 403, 403, 401, 404, 404, 401], [412, 403, 404, 401, 404, 404, 401];
    demote_the_owner: "DELETE" "/room/{token}/moderators" &[("participant", "{owner}")] =>
        [403, 412, 403, 401, 403, 404, 401], [403, 412, 403, 401, 404, 404, 401], [403, 412, 404, 401, 404, 404, 401];
    demote_somebody_without_a_row: "DELETE" "/room/{token}/moderators" &[("participant", "{stranger}")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], [404, 404, 404, 401, 404, 404, 401];
    v4_create_a_room: "POST" "/v4/room" &[("roomType", "3"), ("roomName", "Tea")] =>
        [201, 201, 201, 401, 201, 201, 401], [201, 201, 201, 401, 201, 201, 401], [201, 201, 201, 401, 201, 201, 401];
    v4_list_my_rooms: "GET" "/v4/room" &[] => EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    v4_list_open_rooms: "GET" "/v4/listed-room" &[] => EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    v4_show_a_room: "GET" "/v4/room/{token}" &[] => [200; 7], OPEN_GROUP, OPEN_PAIR;
    v4_rename: "PUT" "/v4/room/{token}" &[("roomName", "Tea")] => MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_describe: "PUT" "/v4/room/{token}/description" &[("description", "Every day")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_set_a_password: "PUT" "/v4/room/{token}/password" &[("password", "x")] =>
        MANAGED_PUBLIC, [403, 403, 403, 401, 404, 404, 401], [403, 403, 404, 401, 404, 404, 401];
    v4_lock: "PUT" "/v4/room/{token}/read-only" &[("state", "1")] => MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_delete_a_room: "DELETE" "/v4/room/{token}" &[] => MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_open_to_public: "POST" "/v4/room/{token}/public" &[] => MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_close_to_public: "DELETE" "/v4/room/{token}/public" &[] => MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_restrict_everybody: "PUT" "/v4/room/{token}/permissions/{mode}" &[("permissions", "128")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_mark: "POST" "/v4/room/{token}/favorite" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    v4_unmark: "DELETE" "/v4/room/{token}/favorite" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    v4_notify: "POST" "/v4/room/{token}/notify" &[("level", "2")] =>
        BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    v4_notify_of_calls: "POST" "/v4/room/{token}/notify-calls" &[("level", "1")] =>
        BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    v4_list_attendees: "GET" "/v4/room/{token}/participants" &[] =>
        [200, 200, 200, 403, 200, 404, 404], OPEN_GROUP, OPEN_PAIR;
    v4_invite: "POST" "/v4/room/{token}/participants" &[("newParticipant", "{stranger}"), ("source", "users")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_invite_nobodys_group: "POST" "/v4/room/{token}/participants" &[("newParticipant", "ghosts"), ("source", "groups")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    v4_leave: "DELETE" "/v4/room/{token}/participants/self" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    v4_remove: "DELETE" "/v4/room/{token}/attendees" &[("attendeeId", "{attendee:user}")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_remove_the_owner: "DELETE" "/v4/room/{token}/attendees" &[("attendeeId", "{attendee:owner}")] =>
        [200, 403, 403, 401, 403, 404, 401], [200, 403, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    v4_remove_nobody: "DELETE" "/v4/room/{token}/attendees" &[("attendeeId", "1")] =>
        [404, 404, 403, 401, 403, 404, 401], [404, 404, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    v4_restrict: "PUT" "/v4/room/{token}/attendees/permissions"
        &[("attendeeId", "{attendee:user}"), ("permissions", "128"), ("mode", "set")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_restrict_a_moderator: "PUT" "/v4/room/{token}/attendees/permissions"
        &[("attendeeId", "{attendee:moderator}"), ("permissions", "128")] =>
        [403, 403, 403, 401, 403, 404, 401], [403, 403, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    v4_restrict_all: "PUT" "/v4/room/{token}/attendees/permissions/all" &[("permissions", "128"), ("method", "add")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_promote: "POST" "/v4/room/{token}/moderators" &[("attendeeId", "{attendee:user}")] =>
        MANAGED_PUBLIC, MANAGED_GROUP, UNFIT_FOR_PAIRS;
    v4_promote_a_moderator: "POST" "/v4/room/{token}/moderators" &[("attendeeId", "{attendee:moderator}")] =>
        [400, 400, 403, 401, 403, 404, 401], [400, 400, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    v4_demote: "DELETE" "/v4/room/{token}/moderators" &[("attendeeId", "{attendee:moderator}")] =>
        [200, 403, 403, 401, 403, 404, 401], [200, 403, 403, 401, 404, 404, 401], UNFIT_FOR_PAIRS;
    read_the_chat: "GET" "/chat/{token}" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    say_something: "POST" "/chat/{token}" &[("message", "Hello")] =>
        [201, 201, 201, 401, 201, 404, 401], [201, 201, 201, 401, 404, 404, 401], [201, 201, 404, 401, 404, 404, 401];
    say_nothing: "POST" "/chat/{token}" &[("message", " ")] =>
        [400, 400, 400, 401, 400, 404, 401], [400, 400, 400, 401, 404, 404, 401], [400, 400, 404, 401, 404, 404, 401];
    clear_the_history: "DELETE" "/chat/{token}" &[] =>
        MANAGED_PUBLIC, MANAGED_GROUP, [403, 403, 404, 401, 404, 404, 401];
    mark_as_read: "POST" "/chat/{token}/read" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    mark_as_unread: "DELETE" "/chat/{token}/read" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    find_whom_to_mention: "GET" "/chat/{token}/mentions" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    share_something: "POST" "/chat/{token}/share"
        &[("objectType", "deck-card"), ("objectId", "1"), ("metaData", "{\"name\": \"Card\"}")] =>
        [201, 201, 201, 401, 201, 404, 401], [201, 201, 201, 401, 404, 404, 401], [201, 201, 404, 401, 404, 404, 401];
    edit_what_the_room_said: "PUT" "/chat/{token}/{message}" &[("message", "x")] =>
        [405, 405, 405, 401, 405, 404, 401], [405, 405, 405, 401, 404, 404, 401], [405, 405, 404, 401, 404, 404, 401];
    delete_what_the_room_said: "DELETE" "/chat/{token}/{message}" &[] =>
        [405, 405, 405, 401, 405, 404, 401], [405, 405, 405, 401, 404, 404, 401], [405, 405, 404, 401, 404, 404, 401];
    list_reactions: "GET" "/reaction/{token}/{message}" &[] => BELONGS_TO_PUBLIC, BELONGS_TO_GROUP, MANAGED_PAIR;
    react_to_what_the_room_said: "POST" "/reaction/{token}/{message}" &[("reaction", "👍")] =>
        [400, 400, 400, 401, 400, 404, 401], [400, 400, 400, 401, 404, 404, 401], [400, 400, 404, 401, 404, 404, 401];
    take_no_reaction_back: "DELETE" "/reaction/{token}/{message}" &[("reaction", "👍")] =>
        [400, 400, 400, 401, 400, 404, 401], [400, 400, 400, 401, 404, 404, 401], [400, 400, 404, 401, 404, 404, 401];
    see_peers: "GET" "/call/{token}" &[] => [200, 200, 200, 200, 200, 404, 404], OPEN_GROUP, OPEN_PAIR;
    join_a_call: "POST" "/call/{token}" &[] => [200; 7], OPEN_GROUP, OPEN_PAIR;
    ping: "POST" "/call/{token}/ping" &[] => [200, 200, 200, 200, 200, 404, 404], OPEN_GROUP, OPEN_PAIR;
    leave_a_call: "DELETE" "/call/{token}" &[] => [200; 7], OPEN_GROUP, OPEN_PAIR;
    signaling_settings: "GET" "/signaling/settings" &[] => [200; 7], [200; 7], [200; 7];
    wait_for_messages: "GET" "/signaling/{token}" &[] => IN_THE_CALL, [404; 7], [404; 7];
    wait_for_messages_anywhere: "GET" "/signaling" &[] => IN_THE_CALL, [404; 7], [404, 404, 404, 200, 200, 404, 404];
    send_messages: "POST" "/signaling/{token}" &[("messages", "[]")] => [200; 7], [200; 7], [200; 7];
    send_messages_anywhere: "POST" "/signaling" &[("messages", "[]")] => [200; 7], [200; 7], [200; 7];
    ask_as_the_signaling_server: "POST" "/signaling/backend" &[] => [200; 7], [200; 7], [200; 7];
    capabilities: "GET" "/ocs/{version}/cloud/capabilities" &[] => [200; 7], [200; 7], [200; 7];
    see_all_calls: "GET" "/call" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    find_people_and_groups: "GET" "/ocs/{version}/core/autocomplete/get" &[] =>
        EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    oneself: "GET" "/ocs/{version}/cloud/user" &[] => EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    see_the_own_status: "GET" "/ocs/{version}/apps/user_status/api/v1/user_status" &[] =>
        EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    say_that_one_is_away: "PUT" "/ocs/{version}/apps/user_status/api/v1/user_status/status" &[("statusType", "away")] =>
        EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    say_why: "PUT" "/ocs/{version}/apps/user_status/api/v1/user_status/message/custom" &[("message", "Lunch")] =>
        EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    say_why_no_more: "DELETE" "/ocs/{version}/apps/user_status/api/v1/user_status/message" &[] =>
        EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN, EVERYBODY_LOGGED_IN;
    list_users: "GET" "/ocs/{version}/cloud/users" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    create_a_user: "POST" "/ocs/{version}/cloud/users" &[("userid", "new"), ("password", "tea-for-two")] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    show_a_user: "GET" "/ocs/{version}/cloud/users/{user}" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    change_a_user: "PUT" "/ocs/{version}/cloud/users/{user}" &[("key", "email"), ("value", "a@b")] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    delete_a_user: "DELETE" "/ocs/{version}/cloud/users/{user}" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    enable_a_user: "PUT" "/ocs/{version}/cloud/users/{user}/enable" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    disable_a_user: "PUT" "/ocs/{version}/cloud/users/{user}/disable" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    list_groups_of_a_user: "GET" "/ocs/{version}/cloud/users/{user}/groups" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    join_a_group: "POST" "/ocs/{version}/cloud/users/{user}/groups" &[("groupid", "admin")] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    leave_a_group: "DELETE" "/ocs/{version}/cloud/users/{user}/groups" &[("groupid", "admin")] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    list_app_passwords_of_a_user: "GET" "/ocs/{version}/cloud/users/{user}/apppasswords" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    take_an_app_password_back: "DELETE" "/ocs/{version}/cloud/users/{user}/apppasswords/{id}" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    list_groups: "GET" "/ocs/{version}/cloud/groups" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    create_a_group: "POST" "/ocs/{version}/cloud/groups" &[("groupid", "new")] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    list_members: "GET" "/ocs/{version}/cloud/groups/{group}" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
    delete_a_group: "DELETE" "/ocs/{version}/cloud/groups/{group}" &[] => NO_ADMIN, NO_ADMIN, NO_ADMIN;
}

/// What these answer depends on the kind of password; tests/api/attacks.rs has them. `/status.php` has no
/// envelope.
const ELSEWHERE: [Row; 5] = [
    Row { method: "GET", path: "/status.php" },
    Row { method: "GET", path: "/ocs/{version}/core/getapppassword" },
    Row { method: "DELETE", path: "/ocs/{version}/core/apppassword" },
    Row { method: "GET", path: "/ocs/{version}/core/apppasswords" },
    Row { method: "DELETE", path: "/ocs/{version}/core/apppasswords/{id}" },
];

#[test]
fn every_endpoint_has_a_row() {
    for row in endpoints() {
        let is_here = ROWS.contains(&row) || ELSEWHERE.contains(&row);
        assert!(is_here, "{} {} has no row in tests/api/permissions.rs", row.method, row.path);
    }
}

/// 99 characters.
const UMLAUTS: &str =
    "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü";
/// 201 characters.
static TOO_LONG: LazyLock<String> = LazyLock::new(|| format!("{}aaa", UMLAUTS.repeat(2)));
/// 501 characters.
static MUCH_TOO_LONG: LazyLock<String> = LazyLock::new(|| format!("{}aaaaaa", UMLAUTS.repeat(5)));

#[tokio::test]
async fn an_unknown_token_is_answered_like_a_foreign_one() {
    let tenant = Tenant::new().await;
    let (somebody, nobody) = (tenant.user("somebody").await, tenant.nobody());
    for row in endpoints().into_iter().filter(|row| row.path.contains("{token}")) {
        // Messages to nobody are ignored, which is no answer about the room.
        if row == (Row { method: "POST", path: "/signaling/{token}" }) {
            continue;
        }
        let (method, path) = (row.method, row.about("unknown1", "", ""));
        let shows = ["/room/{token}", "/v4/room/{token}", "/v4/room/{token}/participants"];
        let is_open = (row.method == "GET" && shows.contains(&row.path))
            || path.starts_with("/call/")
            || path.starts_with("/signaling/");
        assert_eq!(somebody.form(method, &path, &[]).await.status, 404, "{method} {path}");
        let status = nobody.form(method, &path, &[]).await.status;
        assert_eq!(status, if is_open { 404 } else { 401 }, "{method} {path}");
        // Wrong credentials make nobody a guest.
        let wrong = somebody.with_password("wrong").form(method, &path, &[]).await;
        assert_eq!((wrong.status, wrong.code()), (401, 997), "{method} {path}");
    }
}
