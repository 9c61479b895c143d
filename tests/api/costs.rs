//! What every endpoint costs of DynamoDB: requests and sequential round trips, with the caller's identity already
//! known. A number that grows is a change of the design; so is one that shrinks, and both belong here.

use shared::domain::account::UserId;
use shared::domain::random::RandomSource;
use shared::domain::time::Timestamp;
use tests::{Answer, Caller, Person, Row, Scene, Tenant, endpoints};

/// Somebody who calls an endpoint.
#[derive(Clone, Copy)]
enum Payer {
    /// Somebody of a public room.
    Somebody(Caller),
    /// Somebody who manages accounts.
    Admin,
    /// A user with the account's own password.
    OwnPassword,
    /// Somebody with the password of an app.
    AppPassword,
}

use Payer::{Admin, AppPassword, OwnPassword, Somebody};

/// One request to an endpoint that goes well.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    payer: Payer,
    pub(crate) row: Row,
    fields: &'static [(&'static str, &'static str)],
}

/// Where it goes well: `{token}` is a public room with one of everybody, `{user}` is `user` and `{group}` is `team`.
pub(crate) struct Stage<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) admin: Person<'a>,
    person: Person<'a>,
    path: String,
    fields: Vec<(&'static str, String)>,
}

impl Sample {
    pub(crate) async fn stage<'a>(&self, tenant: &'a Tenant) -> Stage<'a> {
        let scene = Scene::public(tenant).await;
        let said = self.message(&scene).await;
        let admin = tenant.admin().await;
        tenant.group("team", &[&scene.user]).await;
        let own = scene.user.with_password("password");
        // Without argon2, since there are hundreds of stages. An app password is called by the beginning of its hash.
        let (user, random) = (UserId::parse("user").unwrap(), RandomSource::from_seed(1));
        let key = random.app_password(&user);
        let account = tenant.table().account(&user).await.unwrap().unwrap();
        let (digest, now) = (key.digest(), Timestamp(tenant.now()));
        tenant.table().add_app_password(&account, &digest, "", now).await.unwrap();
        let (key, id) = (key.expose().to_owned(), digest.as_str()[..16].to_owned());
        let person = match self.payer {
            Somebody(caller) => tenant.known(scene.person(caller)),
            Admin => tenant.known(&admin),
            OwnPassword => own,
            AppPassword => scene.user.with_password(&key),
        };
        let value = |value: &str| {
            let value = value.replace("{guest}", &scene.guest_session);
            let value = value.replace("{attendee:user}", &scene.attendee(&scene.user));
            value.replace("{attendee:moderator}", &scene.attendee(&scene.moderator))
        };
        let fields = self.fields.iter().map(|&(name, text)| (name, value(text))).collect();
        let path = self.row.about(&scene.token, "user", "team").replace("0123456789abcdef", &id);
        let path = if self.row.path.ends_with("/{message}") {
            format!("{}/{said}", path.trim_end_matches("/1"))
        } else {
            path
        };
        Stage { scene, admin, person, path, fields }
    }
}

impl Sample {
    /// The number of a message of the user's, to which the user reacted; only where the sample is about one.
    async fn message(&self, scene: &Scene<'_>) -> String {
        if !self.row.path.ends_with("/{message}") {
            return String::new();
        }
        let user = &scene.user;
        let said = user.post(&format!("/chat/{}", scene.token), &[("message", "Hello")]).await.expect(201);
        let id = said.data()["id"].to_string();
        user.post(&format!("/reaction/{}/{id}", scene.token), &[("reaction", "👍")]).await.expect(201);
        id
    }

    /// Whether an account is needed for it, and is no administrator's.
    pub(crate) const fn is_of_somebody_with_an_account(&self) -> bool {
        !matches!(self.payer, Admin | Somebody(Caller::Guest | Caller::Nobody))
    }
}

impl Stage<'_> {
    /// The id of the one who calls.
    pub(crate) fn caller(&self) -> &str {
        self.person.id()
    }

    /// Another instance gets to know the one who calls.
    pub(crate) async fn greet(&self, functions: &Tenant) -> Answer {
        functions.known(&self.person).get("/ocs/v2.php/cloud/user").await
    }

    /// The request, answered by functions that may be others than those of the stage.
    pub(crate) async fn call(&self, row: Row, functions: &Tenant) -> Answer {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
        functions.known(&self.person).form(row.method, &self.path, &fields).await
    }
}

async fn check(sample: Sample, cost: (u32, u32)) {
    let tenant = Tenant::new().await;
    let stage = sample.stage(&tenant).await;
    if !matches!(sample.payer, Somebody(Caller::Guest | Caller::Nobody)) {
        stage.person.get("/ocs/v2.php/cloud/user").await.expect(200);
    }
    let (row, path) = (sample.row, &stage.path);
    let answer = stage.call(row, &tenant).await;
    assert!(answer.status < 300, "{} {path}: {}", row.method, answer.text);
    assert_eq!((answer.usage.requests(), answer.usage.round_trips), cost, "{} {path}", row.method);
}

macro_rules! costs {
    ($($name:ident: $payer:expr, $method:literal $path:literal $fields:expr => $requests:literal in $trips:literal;)*) => {
        pub(crate) const SAMPLES: &[Sample] =
            &[$(Sample { payer: $payer, row: Row { method: $method, path: $path }, fields: $fields }),*];
        $(
            #[tokio::test]
            async fn $name() {
                let sample = Sample { payer: $payer, row: Row { method: $method, path: $path }, fields: $fields };
                check(sample, ($requests, $trips)).await;
            }
        )*
    };
}

costs! {
    list_my_rooms: Somebody(Caller::Owner), "GET" "/room" &[] => 3 in 2;
    create_a_room: Somebody(Caller::Owner), "POST" "/room" &[("roomType", "3")] => 3 in 2;
    show_a_room: Somebody(Caller::Guest), "GET" "/room/{token}" &[] => 1 in 1;
    rename: Somebody(Caller::Owner), "PUT" "/room/{token}" &[("roomName", "Tea")] => 3 in 2;
    describe: Somebody(Caller::Owner), "PUT" "/room/{token}/description" &[("description", "Tea")] => 3 in 2;
    set_a_password: Somebody(Caller::Owner), "PUT" "/room/{token}/password" &[("password", "x")] => 3 in 2;
    delete_a_room: Somebody(Caller::Owner), "DELETE" "/room/{token}" &[] => 4 in 3;
    open_to_public: Somebody(Caller::Owner), "POST" "/room/{token}/public" &[] => 2 in 1;
    close_to_public: Somebody(Caller::Owner), "DELETE" "/room/{token}/public" &[] => 4 in 3;
    list_participants: Somebody(Caller::Owner), "GET" "/room/{token}/participants" &[] => 2 in 1;
    add: Somebody(Caller::Owner), "POST" "/room/{token}/participants" &[("newParticipant", "stranger")] => 3 in 2;
    remove: Somebody(Caller::Owner), "DELETE" "/room/{token}/participants" &[("participant", "user")] => 3 in 2;
    remove_a_guest: Somebody(Caller::Owner), "DELETE" "/room/{token}/participants/guests" &[("participant", "{guest}")] => 4 in 3;
    leave_for_good: Somebody(Caller::User), "DELETE" "/room/{token}/participants/self" &[] => 3 in 2;
    promote: Somebody(Caller::Owner), "POST" "/room/{token}/moderators" &[("participant", "user")] => 4 in 3;
    demote: Somebody(Caller::Owner), "DELETE" "/room/{token}/moderators" &[("participant", "moderator")] => 4 in 3;
    v4_list_my_rooms: Somebody(Caller::Owner), "GET" "/v4/room" &[] => 4 in 3;
    v4_create_a_room: Somebody(Caller::Owner), "POST" "/v4/room" &[("roomType", "3"), ("roomName", "Tea")] => 4 in 3;
    v4_list_open_rooms: Somebody(Caller::Owner), "GET" "/v4/listed-room" &[] => 1 in 1;
    v4_show_a_room: Somebody(Caller::Guest), "GET" "/v4/room/{token}" &[] => 1 in 1;
    v4_rename: Somebody(Caller::Owner), "PUT" "/v4/room/{token}" &[("roomName", "Tea")] => 3 in 2;
    v4_describe: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/description" &[("description", "Tea")] => 3 in 2;
    v4_set_a_password: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/password" &[("password", "x")] => 3 in 2;
    v4_lock: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/read-only" &[("state", "1")] => 3 in 2;
    v4_delete_a_room: Somebody(Caller::Owner), "DELETE" "/v4/room/{token}" &[] => 4 in 3;
    v4_open_to_public: Somebody(Caller::Owner), "POST" "/v4/room/{token}/public" &[] => 2 in 1;
    v4_close_to_public: Somebody(Caller::Owner), "DELETE" "/v4/room/{token}/public" &[] => 4 in 3;
    v4_restrict_everybody: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/permissions/{mode}" &[("permissions", "128")] => 3 in 2;
    v4_mark: Somebody(Caller::User), "POST" "/v4/room/{token}/favorite" &[] => 3 in 2;
    v4_unmark: Somebody(Caller::User), "DELETE" "/v4/room/{token}/favorite" &[] => 3 in 2;
    v4_notify: Somebody(Caller::User), "POST" "/v4/room/{token}/notify" &[("level", "2")] => 3 in 2;
    v4_notify_of_calls: Somebody(Caller::User), "POST" "/v4/room/{token}/notify-calls" &[("level", "0")] => 3 in 2;
    v4_list_attendees: Somebody(Caller::Owner), "GET" "/v4/room/{token}/participants" &[] => 2 in 1;
    v4_invite: Somebody(Caller::Owner), "POST" "/v4/room/{token}/participants" &[("newParticipant", "stranger")] => 3 in 2;
    v4_leave: Somebody(Caller::User), "DELETE" "/v4/room/{token}/participants/self" &[] => 3 in 2;
    v4_remove: Somebody(Caller::Owner), "DELETE" "/v4/room/{token}/attendees" &[("attendeeId", "{attendee:user}")] => 3 in 2;
    v4_restrict: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/attendees/permissions" &[("attendeeId", "{attendee:user}"), ("permissions", "128")] => 3 in 2;
    v4_restrict_all: Somebody(Caller::Owner), "PUT" "/v4/room/{token}/attendees/permissions/all" &[("permissions", "128")] => 4 in 3;
    v4_promote: Somebody(Caller::Owner), "POST" "/v4/room/{token}/moderators" &[("attendeeId", "{attendee:user}")] => 4 in 3;
    v4_demote: Somebody(Caller::Owner), "DELETE" "/v4/room/{token}/moderators" &[("attendeeId", "{attendee:moderator}")] => 4 in 3;
    read_the_chat: Somebody(Caller::User), "GET" "/chat/{token}" &[] => 4 in 2;
    say_something: Somebody(Caller::User), "POST" "/chat/{token}" &[("message", "Hello, @owner")] => 3 in 2;
    clear_the_history: Somebody(Caller::Owner), "DELETE" "/chat/{token}" &[] => 5 in 4;
    mark_as_read: Somebody(Caller::User), "POST" "/chat/{token}/read" &[] => 3 in 2;
    mark_as_unread: Somebody(Caller::User), "DELETE" "/chat/{token}/read" &[] => 6 in 5;
    find_whom_to_mention: Somebody(Caller::User), "GET" "/chat/{token}/mentions" &[] => 2 in 1;
    share_something: Somebody(Caller::User), "POST" "/chat/{token}/share" &[("objectType", "deck-card"), ("objectId", "1"), ("metaData", "{\"name\": \"Card\"}")] => 3 in 2;
    edit_a_message: Somebody(Caller::User), "PUT" "/chat/{token}/{message}" &[("message", "Hi")] => 4 in 3;
    delete_a_message: Somebody(Caller::User), "DELETE" "/chat/{token}/{message}" &[] => 4 in 3;
    list_reactions: Somebody(Caller::User), "GET" "/reaction/{token}/{message}" &[] => 2 in 1;
    react: Somebody(Caller::User), "POST" "/reaction/{token}/{message}" &[("reaction", "❤")] => 3 in 2;
    take_a_reaction_back: Somebody(Caller::User), "DELETE" "/reaction/{token}/{message}" &[("reaction", "👍")] => 3 in 2;
    see_peers: Somebody(Caller::Guest), "GET" "/call/{token}" &[] => 1 in 1;
    join_a_call: Somebody(Caller::Owner), "POST" "/call/{token}" &[] => 4 in 3;
    ping: Somebody(Caller::Guest), "POST" "/call/{token}/ping" &[] => 1 in 1;
    leave_a_call: Somebody(Caller::Guest), "DELETE" "/call/{token}" &[] => 3 in 3;
    signaling_settings: Somebody(Caller::Owner), "GET" "/signaling/settings" &[] => 3 in 2;
    // The first answer comes at once; tests/api/budget.rs has what a held poll and a message cost.
    wait_for_messages: Somebody(Caller::Follower), "GET" "/signaling/{token}" &[] => 5 in 5;
    wait_for_messages_anywhere: Somebody(Caller::Follower), "GET" "/signaling" &[] => 6 in 6;
    send_nothing: Somebody(Caller::Follower), "POST" "/signaling/{token}" &[("messages", "[]")] => 1 in 1;
    send_nothing_anywhere: Somebody(Caller::Follower), "POST" "/signaling" &[("messages", "[]")] => 2 in 2;
    ask_as_nobodys_server: Somebody(Caller::Nobody), "POST" "/signaling/backend" &[] => 0 in 0;
    say_that_a_server_is_there: Somebody(Caller::Nobody), "GET" "/status.php" &[] => 0 in 0;
    capabilities: Somebody(Caller::Nobody), "GET" "/ocs/{version}/cloud/capabilities" &[] => 0 in 0;
    see_all_calls: Admin, "GET" "/call" &[] => 5 in 4;
    find_people_and_groups: Somebody(Caller::User), "GET" "/ocs/{version}/core/autocomplete/get" &[] => 3 in 1;
    oneself: Somebody(Caller::User), "GET" "/ocs/{version}/cloud/user" &[] => 4 in 2;
    see_the_own_status: Somebody(Caller::User), "GET" "/ocs/{version}/apps/user_status/api/v1/user_status" &[] => 2 in 1;
    say_that_one_is_away: Somebody(Caller::User), "PUT" "/ocs/{version}/apps/user_status/api/v1/user_status/status" &[("statusType", "away")] => 3 in 3;
    say_why: Somebody(Caller::User), "PUT" "/ocs/{version}/apps/user_status/api/v1/user_status/message/custom" &[("message", "Lunch")] => 3 in 3;
    say_why_no_more: Somebody(Caller::User), "DELETE" "/ocs/{version}/apps/user_status/api/v1/user_status/message" &[] => 2 in 2;
    list_users: Admin, "GET" "/ocs/{version}/cloud/users" &[] => 2 in 2;
    create_a_user: Admin, "POST" "/ocs/{version}/cloud/users" &[("userid", "new"), ("password", "tea-for-two")] => 3 in 3;
    show_a_user: Admin, "GET" "/ocs/{version}/cloud/users/{user}" &[] => 4 in 3;
    change_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}" &[("key", "email"), ("value", "a@b")] => 4 in 3;
    delete_a_user: Admin, "DELETE" "/ocs/{version}/cloud/users/{user}" &[] => 11 in 11;
    enable_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}/enable" &[] => 3 in 3;
    disable_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}/disable" &[] => 5 in 5;
    list_groups_of_a_user: Admin, "GET" "/ocs/{version}/cloud/users/{user}/groups" &[] => 4 in 4;
    join_a_group: Admin, "POST" "/ocs/{version}/cloud/users/{user}/groups" &[("groupid", "admin")] => 4 in 4;
    leave_a_group: Admin, "DELETE" "/ocs/{version}/cloud/users/{user}/groups" &[("groupid", "team")] => 4 in 4;
    list_app_passwords_of_a_user: Admin, "GET" "/ocs/{version}/cloud/users/{user}/apppasswords" &[] => 3 in 3;
    take_an_app_password_of_a_user_back: Admin, "DELETE" "/ocs/{version}/cloud/users/{user}/apppasswords/{id}" &[] => 4 in 4;
    list_groups: Admin, "GET" "/ocs/{version}/cloud/groups" &[] => 2 in 2;
    create_a_group: Admin, "POST" "/ocs/{version}/cloud/groups" &[("groupid", "new")] => 3 in 3;
    list_members: Admin, "GET" "/ocs/{version}/cloud/groups/{group}" &[] => 2 in 2;
    delete_a_group: Admin, "DELETE" "/ocs/{version}/cloud/groups/{group}" &[] => 4 in 4;
    make_an_app_password: OwnPassword, "GET" "/ocs/{version}/core/getapppassword" &[] => 3 in 3;
    list_own_app_passwords: OwnPassword, "GET" "/ocs/{version}/core/apppasswords" &[] => 2 in 2;
    take_an_app_password_back: OwnPassword, "DELETE" "/ocs/{version}/core/apppasswords/{id}" &[] => 3 in 3;
    forget_the_app_password_in_use: AppPassword, "DELETE" "/ocs/{version}/core/apppassword" &[] => 2 in 2;
}

#[test]
fn every_endpoint_has_a_cost() {
    for row in endpoints() {
        assert!(
            SAMPLES.iter().any(|sample| sample.row == row),
            "{} {} has no row in tests/api/costs.rs",
            row.method,
            row.path
        );
    }
}
