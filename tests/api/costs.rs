//! What every endpoint costs of DynamoDB: requests and sequential round trips, with the caller's identity already
//! known. A number that grows is a change of the design; so is one that shrinks, and both belong here.

use tests::{Caller, Row, Scene, Tenant, endpoints};

/// Somebody who calls an endpoint.
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

/// Where `{token}` is a public room with one of everybody, `{user}` is `user` and `{group}` is `team`.
async fn check(payer: Payer, row: Row, fields: &[(&str, &str)], cost: (u32, u32)) {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    tenant.group("team", &[&scene.user]).await;
    let own = scene.user.with_password("password");
    let key = own.get("/ocs/v2.php/core/getapppassword").await.expect(200).text_at("apppassword");
    let app = scene.user.with_password(&key);
    let listed = own.get("/ocs/v2.php/core/apppasswords").await.expect(200);
    let id = listed.list_at("apppasswords")[0]["id"].as_str().unwrap().to_owned();
    let (person, warm) = match payer {
        Somebody(caller) => (scene.person(caller), !matches!(caller, Caller::Guest | Caller::Nobody)),
        Admin => (&admin, true),
        OwnPassword => (&own, true),
        AppPassword => (&app, true),
    };
    if warm {
        person.get("/ocs/v2.php/cloud/user").await.expect(200);
    }
    let session = scene.guest_session.clone();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|&(name, value)| (name, if value == "{guest}" { &session } else { value }))
        .collect();
    let path = row.about(&scene.token, "user", "team").replace("0123456789abcdef", &id);
    let answer = person.form(row.method, &path, &fields).await;
    assert!(answer.status < 300, "{} {path}: {}", row.method, answer.text);
    assert_eq!((answer.usage.requests(), answer.usage.round_trips), cost, "{} {path}", row.method);
}

macro_rules! costs {
    ($($name:ident: $payer:expr, $method:literal $path:literal $fields:expr => $requests:literal in $trips:literal;)*) => {
        const ROWS: &[Row] = &[$(Row { method: $method, path: $path }),*];
        $(
            #[tokio::test]
            async fn $name() {
                check($payer, Row { method: $method, path: $path }, $fields, ($requests, $trips)).await;
            }
        )*
    };
}

costs! {
    list_my_rooms: Somebody(Caller::Owner), "GET" "/room" &[] => 2 in 2;
    create_a_room: Somebody(Caller::Owner), "POST" "/room" &[("roomType", "3")] => 2 in 2;
    show_a_room: Somebody(Caller::Guest), "GET" "/room/{token}" &[] => 1 in 1;
    rename: Somebody(Caller::Owner), "PUT" "/room/{token}" &[("roomName", "Tea")] => 2 in 2;
    describe: Somebody(Caller::Owner), "PUT" "/room/{token}/description" &[("description", "Tea")] => 2 in 2;
    set_a_password: Somebody(Caller::Owner), "PUT" "/room/{token}/password" &[("password", "x")] => 2 in 2;
    delete_a_room: Somebody(Caller::Owner), "DELETE" "/room/{token}" &[] => 3 in 3;
    open_to_public: Somebody(Caller::Owner), "POST" "/room/{token}/public" &[] => 1 in 1;
    close_to_public: Somebody(Caller::Owner), "DELETE" "/room/{token}/public" &[] => 3 in 3;
    list_participants: Somebody(Caller::Owner), "GET" "/room/{token}/participants" &[] => 1 in 1;
    add: Somebody(Caller::Owner), "POST" "/room/{token}/participants" &[("newParticipant", "stranger")] => 2 in 2;
    remove: Somebody(Caller::Owner), "DELETE" "/room/{token}/participants" &[("participant", "user")] => 2 in 2;
    remove_a_guest: Somebody(Caller::Owner), "DELETE" "/room/{token}/participants/guests" &[("participant", "{guest}")] => 3 in 3;
    leave_for_good: Somebody(Caller::User), "DELETE" "/room/{token}/participants/self" &[] => 2 in 2;
    promote: Somebody(Caller::Owner), "POST" "/room/{token}/moderators" &[("participant", "user")] => 3 in 3;
    demote: Somebody(Caller::Owner), "DELETE" "/room/{token}/moderators" &[("participant", "moderator")] => 3 in 3;
    see_peers: Somebody(Caller::Guest), "GET" "/call/{token}" &[] => 1 in 1;
    join_a_call: Somebody(Caller::Owner), "POST" "/call/{token}" &[] => 3 in 3;
    ping: Somebody(Caller::Guest), "POST" "/call/{token}/ping" &[] => 1 in 1;
    leave_a_call: Somebody(Caller::Guest), "DELETE" "/call/{token}" &[] => 3 in 3;
    signaling_settings: Somebody(Caller::Owner), "GET" "/signaling/settings" &[] => 2 in 2;
    // The first answer comes at once; tests/api/budget.rs has what a held poll and a message cost.
    wait_for_messages: Somebody(Caller::Follower), "GET" "/signaling/{token}" &[] => 5 in 5;
    wait_for_messages_anywhere: Somebody(Caller::Follower), "GET" "/signaling" &[] => 6 in 6;
    send_nothing: Somebody(Caller::Follower), "POST" "/signaling/{token}" &[("messages", "[]")] => 1 in 1;
    send_nothing_anywhere: Somebody(Caller::Follower), "POST" "/signaling" &[("messages", "[]")] => 2 in 2;
    ask_as_nobodys_server: Somebody(Caller::Nobody), "POST" "/signaling/backend" &[] => 0 in 0;
    say_that_a_server_is_there: Somebody(Caller::Nobody), "GET" "/status.php" &[] => 0 in 0;
    capabilities: Somebody(Caller::Nobody), "GET" "/ocs/{version}/cloud/capabilities" &[] => 0 in 0;
    see_all_calls: Admin, "GET" "/call" &[] => 5 in 4;
    find_people_and_groups: Somebody(Caller::User), "GET" "/ocs/{version}/core/autocomplete/get" &[] => 2 in 1;
    oneself: Somebody(Caller::User), "GET" "/ocs/{version}/cloud/user" &[] => 3 in 2;
    list_users: Admin, "GET" "/ocs/{version}/cloud/users" &[] => 2 in 2;
    create_a_user: Admin, "POST" "/ocs/{version}/cloud/users" &[("userid", "new"), ("password", "x")] => 3 in 3;
    show_a_user: Admin, "GET" "/ocs/{version}/cloud/users/{user}" &[] => 4 in 3;
    change_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}" &[("key", "email"), ("value", "a@b")] => 3 in 3;
    delete_a_user: Admin, "DELETE" "/ocs/{version}/cloud/users/{user}" &[] => 11 in 11;
    enable_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}/enable" &[] => 3 in 3;
    disable_a_user: Admin, "PUT" "/ocs/{version}/cloud/users/{user}/disable" &[] => 4 in 4;
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
        assert!(ROWS.contains(&row), "{} {} has no row in tests/api/costs.rs", row.method, row.path);
    }
}
