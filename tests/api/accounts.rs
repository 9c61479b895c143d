//! `/cloud` and `/status.php`: who may log in, and what this server can do.

use serde_json::json;
use tests::{Event, Person, Tenant};

const USERS: &str = "/ocs/v2.php/cloud/users";
const GROUPS: &str = "/ocs/v2.php/cloud/groups";

fn log_in<'a>(admin: &Person<'a>, id: &str, password: &str) -> Person<'a> {
    admin.elsewhere_as(id, password)
}

#[tokio::test]
async fn an_administrator_makes_people_who_can_log_in() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let fields = [
        ("userid", "anna"),
        ("password", "open-sesame"),
        ("displayName", "Anna A."),
        ("email", "a@b.example"),
    ];
    let created = admin.post(USERS, &fields).await.expect(200);
    assert_eq!(created.data(), &json!({"id": "anna"}));
    let anna = log_in(&admin, "anna", "open-sesame");
    let myself = anna.get("/ocs/v2.php/cloud/user").await.expect(200);
    let details = json!({
        "enabled": true, "id": "anna", "email": "a@b.example",
        "displayname": "Anna A.", "display-name": "Anna A.", "groups": [],
        "language": "en", "locale": "en", "quota": {},
    });
    assert_eq!(myself.data(), &details);
    assert_eq!(admin.get(&format!("{USERS}/anna")).await.expect(200).data(), &details);
    assert_eq!(admin.get(USERS).await.expect(200).data(), &json!({"users": ["admin", "anna"]}));
    for wrong in ["", "Open-sesame", "open-sesame "] {
        log_in(&admin, "anna", wrong).get("/room").await.expect(401);
    }
    // The way in which the acceptance tests of the reference set names.
    let change = [("key", "displayname"), ("value", "Anna B.")];
    admin.put(&format!("{USERS}/anna"), &change).await.expect(200);
    assert_eq!(anna.get("/ocs/v2.php/cloud/user").await.text_at("displayname"), "Anna B.");
    // Version 1 says the same with other numbers.
    let again = admin.post("/ocs/v1.php/cloud/users", &fields).await.expect(200);
    assert_eq!(again.code(), 102);
    assert_eq!(admin.get("/ocs/v1.php/cloud/users/anna").await.expect(200).code(), 100);
}

#[tokio::test]
async fn short_and_common_passwords_are_refused_with_the_reason() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let make = async |password| admin.post(USERS, &[("userid", "anna"), ("password", password)]).await;
    for (password, reason) in [
        ("ninechars", "password must have at least 10 characters."),
        ("1234567890", "password must not be one of the passwords that everybody tries first."),
        ("QWERTYUIOP", "password must not be one of the passwords that everybody tries first."),
    ] {
        let refused = make(password).await.expect(400);
        assert_eq!((refused.code(), refused.message()), (101, reason));
    }
    make("tea-for-two").await.expect(200);
    let anna = log_in(&admin, "anna", "tea-for-two");
    let change = async |anna: &Person<'_>, password| {
        anna.put(&format!("{USERS}/anna"), &[("key", "password"), ("value", password)]).await
    };
    assert_eq!(change(&anna, "tea").await.expect(400).code(), 102);
    anna.get("/room").await.expect(200);
    // A tenant may want longer ones.
    let strict = tenant.twin_with_passwords_of(20);
    let refused = change(&strict.known(&anna), "tea-for-three").await.expect(400);
    assert_eq!(refused.message(), "password must have at least 20 characters.");
    change(&strict.known(&anna), "tea for three, at five o'clock").await.expect(200);
}

#[tokio::test]
async fn input_that_no_account_can_have_has_its_numbers() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    tenant.user("ben").await;
    let long = "x".repeat(65);
    for (fields, code) in [
        (vec![], 101),
        (vec![("userid", ""), ("password", "tea-for-two")], 101),
        (vec![("userid", "a/b"), ("password", "tea-for-two")], 101),
        (vec![("userid", long.as_str()), ("password", "tea-for-two")], 101),
        (vec![("userid", "anna")], 101),
        (vec![("userid", "anna"), ("password", "tea-for-two"), ("email", "nonsense")], 101),
        (vec![("userid", "anna"), ("password", "tea-for-two"), ("displayName", long.as_str())], 101),
        (vec![("userid", "ben"), ("password", "tea-for-two")], 102),
        (vec![("userid", "anna"), ("password", "tea-for-two"), ("groups[]", "nowhere")], 104),
    ] {
        let answer = admin.post(USERS, &fields).await.expect(400);
        assert_eq!(answer.code(), code, "{fields:?} {}", answer.text);
        assert!(!answer.message().is_empty());
    }
    assert_eq!(admin.get(&format!("{USERS}/anna")).await.expect(404).code(), 998);
    for (id, fields, code) in [
        ("ghost", [("key", "email"), ("value", "")], 101),
        ("ben", [("key", "email"), ("value", "nonsense")], 102),
        ("ben", [("key", "password"), ("value", "")], 102),
        ("ben", [("key", "displayname"), ("value", " ")], 102),
        ("ben", [("key", "quota"), ("value", "1 GB")], 103),
    ] {
        let answer = admin.put(&format!("{USERS}/{id}"), &fields).await.expect(400);
        assert_eq!(answer.code(), code, "{id} {fields:?}");
    }
    for (method, path, code) in [
        ("DELETE", format!("{USERS}/ghost"), 101),
        ("DELETE", format!("{USERS}/admin"), 101),
        ("PUT", format!("{USERS}/ghost/enable"), 101),
        ("PUT", format!("{USERS}/admin/disable"), 101),
        ("POST", format!("{USERS}/ben/groups"), 101),
        ("POST", format!("{USERS}/ben/groups?groupid=nowhere"), 102),
        ("POST", format!("{USERS}/ghost/groups?groupid=admin"), 103),
        ("DELETE", format!("{USERS}/ben/groups?groupid=nowhere"), 102),
        ("DELETE", format!("{USERS}/admin/groups?groupid=admin"), 105),
        ("POST", GROUPS.to_owned(), 101),
        ("POST", format!("{GROUPS}?groupid=a%2Fb"), 101),
        ("POST", format!("{GROUPS}?groupid=a%3Fb"), 101),
        ("POST", format!("{GROUPS}?groupid=admin"), 102),
        ("DELETE", format!("{GROUPS}/nowhere"), 101),
        ("DELETE", format!("{GROUPS}/admin"), 102),
    ] {
        let answer = admin.form(method, &path, &[]).await.expect(400);
        assert_eq!(answer.code(), code, "{method} {path}");
    }
    for path in [format!("{USERS}/ghost/groups"), format!("{GROUPS}/nowhere")] {
        assert_eq!(admin.get(&path).await.expect(404).code(), 998);
    }
}

#[tokio::test]
async fn only_administrators_manage_but_everybody_owns_name_and_password() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, _ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for (method, path) in [
        ("GET", USERS.to_owned()),
        ("POST", USERS.to_owned()),
        ("GET", format!("{USERS}/ben")),
        ("PUT", format!("{USERS}/ben?key=displayname&value=x")),
        ("PUT", format!("{USERS}/anna?key=email&value=x@y")),
        ("PUT", format!("{USERS}/anna")),
        ("DELETE", format!("{USERS}/ben")),
        ("PUT", format!("{USERS}/ben/enable")),
        ("PUT", format!("{USERS}/ben/disable")),
        ("GET", format!("{USERS}/ben/groups")),
        ("POST", format!("{USERS}/anna/groups?groupid=admin")),
        ("DELETE", format!("{USERS}/admin/groups?groupid=admin")),
        ("GET", GROUPS.to_owned()),
        ("POST", format!("{GROUPS}?groupid=x")),
        ("GET", format!("{GROUPS}/admin")),
        ("DELETE", format!("{GROUPS}/admin")),
    ] {
        assert_eq!(anna.form(method, &path, &[]).await.status, 403, "{method} {path}");
        assert_eq!(tenant.nobody().form(method, &path, &[]).await.status, 401, "{method} {path}");
    }
    anna.put(&format!("{USERS}/anna"), &[("key", "displayname"), ("value", "Anna")]).await.expect(200);
    let anna = log_in(&anna, "anna", "password");
    anna.put(&format!("{USERS}/anna"), &[("key", "password"), ("value", "tea-for-three")]).await.expect(200);
    anna.get("/room").await.expect(401);
    let anna = log_in(&anna, "anna", "tea-for-three");
    // The right is looked up at each request, not remembered with the login.
    admin.post(&format!("{USERS}/anna/groups"), &[("groupid", "admin")]).await.expect(200);
    anna.get(USERS).await.expect(200);
    admin.delete(&format!("{USERS}/anna/groups"), &[("groupid", "admin")]).await.expect(200);
    anna.get(USERS).await.expect(403);
}

#[tokio::test]
async fn groups_come_and_go() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for group in ["team", "Équipe Ä"] {
        admin.post(GROUPS, &[("groupid", group)]).await.expect(200);
        admin.post(&format!("{USERS}/anna/groups"), &[("groupid", group)]).await.expect(200);
    }
    admin.post(&format!("{USERS}/ben/groups"), &[("groupid", "team")]).await.expect(200);
    let groups = |id: &str| format!("{USERS}/{id}/groups");
    assert_eq!(admin.get(&groups("anna")).await.data(), &json!({"groups": ["team", "Équipe Ä"]}));
    assert_eq!(admin.get(&format!("{GROUPS}/team")).await.data(), &json!({"users": ["anna", "ben"]}));
    let encoded = format!("{GROUPS}/%C3%89quipe%20%C3%84");
    assert_eq!(admin.get(&encoded).await.data(), &json!({"users": ["anna"]}));
    assert_eq!(admin.get(&format!("{GROUPS}?search=TEA")).await.data(), &json!({"groups": ["team"]}));
    assert_eq!(admin.get(&format!("{GROUPS}?limit=1&offset=1")).await.data(), &json!({"groups": ["team"]}));

    let room = anna.group_room("team").await;
    admin.delete(&groups("ben"), &[("groupid", "team")]).await.expect(200);
    assert_eq!(admin.get(&format!("{GROUPS}/team")).await.data(), &json!({"users": ["anna"]}));
    admin.delete(&format!("{GROUPS}/team"), &[]).await.expect(200);
    assert_eq!(admin.get(&groups("anna")).await.data(), &json!({"groups": ["Équipe Ä"]}));
    // Rooms keep the people whom the group brought.
    assert_eq!(ben.get("/room").await.column("token"), [room]);
    // A new group of that name begins empty.
    admin.post(GROUPS, &[("groupid", "team")]).await.expect(200);
    assert_eq!(admin.get(&format!("{GROUPS}/team")).await.data(), &json!({"users": []}));
    // People can be put into groups from the start.
    let fields =
        [("userid", "cleo"), ("password", "tea-for-two"), ("groups[]", "team"), ("groups[]", "admin")];
    admin.post(USERS, &fields).await.expect(200);
    let cleo = log_in(&admin, "cleo", "tea-for-two");
    assert_eq!(cleo.get(USERS).await.expect(200).list_at("users").len(), 4);
}

#[tokio::test]
async fn lists_are_searched_and_cut() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    for id in ["anna", "ben", "cleo"] {
        tenant.user(id).await;
    }
    for (query, users) in [
        ("", vec!["admin", "anna", "ben", "cleo"]),
        ("?search=AN", vec!["anna"]),
        ("?search=n%27s%20name", vec!["admin", "ben"]),
        ("?limit=2", vec!["admin", "anna"]),
        ("?limit=2&offset=3", vec!["cleo"]),
        ("?limit=-1&offset=-1", vec!["admin", "anna", "ben", "cleo"]),
        ("?limit=0", vec![]),
        ("?search=nobody", vec![]),
    ] {
        assert_eq!(admin.get(&format!("{USERS}{query}")).await.data(), &json!({ "users": users }), "{query}");
    }
}

#[tokio::test]
async fn the_disabled_cannot_log_in_and_stay_in_their_rooms() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.room_with(&ben).await;
    admin.put(&format!("{USERS}/ben/disable"), &[]).await.expect(200);
    ben.get("/room").await.expect(401);
    assert_eq!(admin.get(&format!("{USERS}/ben")).await.data()["enabled"], json!(false));
    assert_eq!(anna.room(&token).await["displayName"], json!("ben's name"));
    admin.put(&format!("{USERS}/ben/enable"), &[]).await.expect(200);
    ben.get("/room").await.expect(401);
    assert_eq!(ben.with_password("password").get("/room").await.expect(200).list().len(), 1);
}

#[tokio::test]
async fn a_new_name_is_seen_in_every_room_and_group() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&ben]).await;
    let (pair, group) = (anna.room_with(&ben).await, anna.group_room("team").await);
    ben.put(&format!("{USERS}/ben"), &[("key", "displayname"), ("value", "Benjamin")]).await.expect(200);
    assert_eq!(anna.room(&pair).await["displayName"], json!("Benjamin"));
    assert_eq!(anna.room(&group).await["participants"]["ben"]["name"], json!("Benjamin"));
    let rows = anna.get(&format!("/room/{group}/participants")).await;
    assert!(rows.column("displayName").contains(&"Benjamin".to_owned()));
    // Invitations from now on are under the new name.
    let (later, public) = (anna.group_room("team").await, anna.public_room().await);
    anna.add(&public, &ben).await.expect(200);
    for token in [later, public] {
        assert_eq!(anna.room(&token).await["participants"]["ben"]["name"], json!("Benjamin"));
    }
}

#[tokio::test]
async fn deleting_a_person_ends_calls_and_takes_rows_and_pairs_along() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&ben]).await;
    let (pair, group, own) =
        (anna.room_with(&ben).await, anna.group_room("team").await, ben.public_room().await);
    ben.join(&group).await;
    admin.delete(&format!("{USERS}/ben"), &[]).await.expect(200);
    ben.get("/room").await.expect(401);
    ben.post("/room", &[("roomType", "3")]).await.expect(401);
    anna.get(&format!("/room/{pair}")).await.expect(404);
    tenant.nobody().get(&format!("/room/{own}")).await.expect(404);
    assert_eq!(anna.get(&format!("/room/{group}/participants")).await.column("userId"), ["anna"]);
    assert_eq!(anna.peers(&group).await.len(), 0);
    assert_eq!(tenant.items_of_user("ben").await, 0);
    assert_eq!(admin.get(USERS).await.data(), &json!({"users": ["admin", "anna"]}));
    assert_eq!(admin.get(&format!("{GROUPS}/team")).await.data(), &json!({"users": []}));
    admin.delete(&format!("{USERS}/ben"), &[]).await.expect(400);
    // Somebody else may have the id, and nothing else of ben's.
    let ben = tenant.user("ben").await;
    assert_eq!(ben.get("/room").await.list().len(), 0);
    anna.post("/room", &[("roomType", "1"), ("invite", "ben")]).await.expect(201);
}

#[tokio::test]
async fn the_deleted_cannot_act_through_a_function_that_remembers_them() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.public_room().await;
    // Another warm function knows that ben's password was right a moment ago.
    let warm = tenant.twin(shared::domain::random::RandomSource::from_seed(7));
    let there = warm.known(&ben);
    there.get("/room").await.expect(200);
    admin.delete(&format!("{USERS}/ben"), &[]).await.expect(200);
    there.post("/room", &[("roomType", "3")]).await.expect(401);
    there.post("/room", &[("roomType", "1"), ("invite", "anna")]).await.expect(401);
    there.post(&format!("/call/{token}"), &[]).await.expect(401);
    there.get("/ocs/v2.php/core/getapppassword").await.expect(401);
    assert_eq!(tenant.items_of_user("ben").await, 0);
    tenant.wait(60);
    there.get("/room").await.expect(401);
}

#[tokio::test]
async fn app_passwords_log_in_until_they_are_forgotten() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await.with_password("password");
    let path = "/ocs/v2.php/core/getapppassword";
    let secret = anna.get(path).await.expect(200).text_at("apppassword");
    assert_eq!(secret.len(), 72);
    let app = anna.with_password(&secret);
    let bearer = async |secret: &str| {
        let authorization = format!("Bearer {secret}");
        let event = tenant.nobody().request("GET", "/ocs/v2.php/cloud/user");
        let answer = tenant.send(&event.header("authorization", &authorization)).await;
        (answer.status, answer.data()["id"].clone())
    };
    assert_eq!(bearer(&secret).await, (200, json!("anna")));
    // Whose it is stands in it, what proves it is the rest.
    let forged = format!("{}{}", "x".repeat(43), &secret[43..]);
    assert_eq!(bearer(&forged).await.0, 401);
    assert_eq!(bearer(&format!("{}{}", &secret[..43], "x".repeat(29))).await.0, 401);
    assert_eq!(bearer("password").await.0, 401);
    app.get("/room").await.expect(200);
    app.get(path).await.expect(403);
    anna.delete("/ocs/v2.php/core/apppassword", &[]).await.expect(403);
    app.get("/room").await.expect(200);
    app.delete("/ocs/v2.php/core/apppassword", &[]).await.expect(200);
    app.get("/room").await.expect(401);
    assert_eq!(bearer(&secret).await.0, 401);
    anna.get("/room").await.expect(200);
}

#[tokio::test]
async fn anybody_may_ask_what_this_server_can_do() {
    let tenant = Tenant::new().await;
    let plain = |path: &str| Event::new("GET", path);
    let status = tenant.send(&plain("/status.php")).await.expect(200);
    assert_eq!(status.json["installed"], json!(true));
    for bad in ["maintenance", "needsUpgrade", "needsDbUpgrade", "extendedSupport"] {
        assert_eq!(status.json[bad], json!(false), "{bad}");
    }
    for version in ["v1.php", "v2.php"] {
        let answer =
            tenant.send(&plain(&format!("/ocs/{version}/cloud/capabilities?format=json"))).await.expect(200);
        assert_eq!(answer.data()["version"]["string"], status.json["versionstring"]);
        assert_eq!(answer.data()["version"]["extendedSupport"], json!(false));
        let features = &answer.data()["capabilities"]["spreed"]["features"];
        let features = features.as_array().unwrap();
        assert!(["audio", "conversation-v4", "favorites"].iter().all(|name| features.contains(&json!(name))));
        // What nothing here does, no client may ask for.
        assert!(!features.contains(&json!("federation-v2")) && !features.contains(&json!("webinary-lobby")));
    }
}

#[tokio::test]
async fn everybody_with_an_account_finds_people_and_groups_by_a_part_of_their_names() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("bensfriends", &[&anna]).await;
    let find = "/ocs/v2.php/core/autocomplete/get";
    let found = ben.get(&format!("{find}?search=BEN&itemType=call&itemId=new")).await.expect(200);
    let person = json!({"id": "ben", "label": "ben's name", "icon": "icon-user", "source": "users"});
    let group =
        json!({"id": "bensfriends", "label": "bensfriends", "icon": "icon-group", "source": "groups"});
    assert_eq!(found.list(), [person.clone(), group.clone()]);
    let only_people = ben.get(&format!("{find}?search=ben&shareTypes[]=0")).await.expect(200);
    assert_eq!(only_people.list(), [person]);
    let only_groups = ben.get(&format!("{find}?search=ben&shareTypes[]=1")).await.expect(200);
    assert_eq!(only_groups.list(), [group]);
    assert_eq!(ben.get(&format!("{find}?shareTypes[]=0&limit=1")).await.expect(200).list().len(), 1);
    // Nobody without an account learns who is here.
    assert_eq!(tenant.nobody().get(find).await.status, 401);
}
