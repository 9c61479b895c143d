//! What is deployed is what is tested: the same routes, and no more rights than are used.

use std::collections::{BTreeMap, BTreeSet};

use local::{TEMPLATE, WEB, functions, with_routes};
use serde_json::json;
use tests::{Answer, Scene, Stack, Tenant};

#[test]
fn the_stack_has_the_routes_of_the_functions() {
    let mut wanted: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for (function, endpoints) in functions() {
        for endpoint in endpoints {
            let route = wanted.entry(endpoint.path().to_owned()).or_default();
            route.0 = function.to_owned();
            route.1.insert(endpoint.method().to_string());
            if function != "accounts" {
                // Other methods go to the same function, which refuses them; accounts has what is left over.
                route.1.insert("ANY".to_owned());
            }
        }
    }
    for path in web::PATHS {
        wanted.insert(path.to_owned(), (WEB.to_owned(), BTreeSet::from(["ANY".to_owned()])));
    }
    wanted.insert("$default".to_owned(), ("accounts".to_owned(), BTreeSet::from(["ANY".to_owned()])));
    assert_eq!(Stack::read().routes(), wanted, "type: make routes");
    assert!(with_routes(TEMPLATE).unwrap() == TEMPLATE, "template.yaml is not what make routes writes");
}

#[tokio::test]
async fn what_is_answered_without_a_login_empties_nobody_elses_bucket() {
    let tenant = Tenant::new().await;
    let (mut open, own) = (BTreeSet::new(), Stack::read().own_buckets());
    for (path, (function, methods)) in Stack::read().routes() {
        if function == WEB {
            open.extend(methods.iter().map(|method| format!("{method} {path}")));
            continue;
        }
        let example = match path.as_str() {
            "$default" => "/nowhere".to_owned(),
            path => {
                path.replace("{version}", "v2.php").replace("{token}", "abcdefgh").replace("{message}", "1")
            }
        };
        for method in methods {
            let sent = if method == "ANY" { "PATCH" } else { &method };
            let event = tenant.nobody().request(sent, &example);
            let event = if example.starts_with("/ocs") { event } else { tests::Event::new(sent, &example) };
            if tenant.send(&event).await.status != 401 {
                open.insert(if path == "$default" { path.clone() } else { format!("{method} {path}") });
            }
        }
    }
    assert_eq!(own, open);
}

/// Notes what an answer took.
fn note(actions: &mut BTreeSet<String>, answer: &Answer) {
    assert!(answer.status < 300, "{}", answer.text);
    actions.extend(answer.usage.actions.iter().map(|&action| action.to_owned()));
}

/// What it takes to write and read, also where somebody fell silent meanwhile.
async fn actions_of_the_chat() -> BTreeSet<String> {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, path) = (&scene.owner, format!("/chat/{}", scene.token));
    let mut chat = BTreeSet::new();
    let said = owner.post(&path, &[("message", "Hello")]).await;
    note(&mut chat, &said);
    note(&mut chat, &owner.get(&path).await);
    let future = format!("{path}?lookIntoFuture=1&timeout=1&lastKnownMessageId={}", said.data()["id"]);
    let waiting = owner.get(&future).await.expect(304);
    chat.extend(waiting.usage.actions.iter().map(|&action| action.to_owned()));
    note(&mut chat, &owner.delete(&format!("{path}/{}", said.data()["id"]), &[]).await);
    note(&mut chat, &scene.user.post(&format!("{path}/read"), &[]).await);
    tenant.wait(100);
    note(&mut chat, &owner.get(&format!("{path}/mentions")).await);
    note(&mut chat, &owner.delete(&path, &[]).await);
    chat
}

#[tokio::test]
async fn each_function_may_do_what_it_does_and_nothing_else() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    let (owner, room, call) =
        (&scene.owner, format!("/room/{}", scene.token), format!("/call/{}", scene.token));
    let (mut rooms, mut participants, mut calls, mut signaling, mut accounts) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());

    note(&mut rooms, &owner.post("/room", &[("roomType", "3")]).await);
    note(&mut rooms, &owner.get("/room").await);
    note(&mut rooms, &owner.put(&room, &[("roomName", "x")]).await);
    note(&mut participants, &owner.get(&format!("{room}/participants")).await);
    note(&mut participants, &owner.add(&scene.token, &scene.stranger).await);
    note(&mut participants, &owner.remove(&scene.token, &scene.stranger).await);
    note(&mut calls, &scene.stranger.post(&call, &[]).await);
    note(&mut calls, &scene.stranger.post(&format!("{call}/ping"), &[]).await);
    note(&mut calls, &scene.stranger.get(&call).await);
    note(&mut calls, &scene.stranger.delete(&call, &[]).await);
    note(&mut calls, &owner.post(&call, &[]).await);
    note(&mut calls, &admin.get("/call").await);
    let mut chat = actions_of_the_chat().await;
    let waits = format!("/signaling/{}", scene.token);
    let text = json!({"to": scene.guest_session}).to_string();
    let messages =
        json!([{"ev": "message", "fn": text, "sessionId": owner.room(&scene.token).await["sessionId"]}]);
    note(&mut signaling, &owner.get("/signaling/settings").await);
    note(&mut signaling, &owner.post(&waits, &[("messages", &messages.to_string())]).await);
    note(&mut signaling, &scene.guest.get(&waits).await);
    note(&mut rooms, &owner.delete(&room, &[]).await);
    let fields = [("userid", "anna"), ("password", "tea-for-two"), ("groups[]", "admin")];
    note(&mut accounts, &admin.post("/ocs/v2.php/cloud/users", &fields).await);
    note(&mut accounts, &admin.get("/ocs/v2.php/cloud/users/anna/groups").await);
    note(&mut accounts, &admin.delete("/ocs/v2.php/cloud/users/anna", &[]).await);

    // A login that no warm function remembers is part of what each does.
    for actions in [&mut rooms, &mut participants, &mut calls, &mut chat, &mut signaling, &mut accounts] {
        actions.insert("BatchGetItem".to_owned());
    }
    let stack = Stack::read();
    for (function, actions) in [
        ("rooms", rooms),
        ("participants", participants),
        ("calls", calls),
        ("chat", chat),
        ("signaling", signaling),
        ("accounts", accounts),
    ] {
        assert_eq!(stack.actions(function), actions, "{function}");
    }
}

#[test]
fn the_page_has_no_rights_in_the_table() {
    assert_eq!(Stack::read().actions(WEB), BTreeSet::new());
}

#[tokio::test]
async fn the_function_behind_the_sockets_may_do_what_it_does_and_nothing_else() {
    let tenant = Tenant::new().await;
    let sockets = tenant.sockets().await;
    let anna = tenant.user("anna").await;
    let guest = tenant.nobody();
    let token = anna.public_room().await;
    let mut annas = sockets.member(&anna, &token).await;
    let guests = sockets.member(&guest, &token).await;
    guests.say(&annas.public, &json!({"type": "candidate"}));
    annas.hear().await;
    guests.cut();
    annas.say(&guests.public, &json!({"type": "offer"}));
    annas.rest().await;
    let mut again = sockets.open();
    again.resume(&guests.resume).await;
    again.hear().await;
    again.ask("bye", json!({"type": "bye"})).await;
    annas.ask("bye", json!({"type": "bye"})).await;
    sockets.wait(240).await;
    // What was said in a room that is gone is removed.
    anna.delete(&format!("/room/{token}"), &[]).await.expect(200);
    sockets.caught_up().await;
    sockets.idle().await;

    // What Lambda does in the function's name, to read the stream.
    let of_the_stream = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    let mut actions: BTreeSet<String> = of_the_stream.map(str::to_owned).into();
    actions
        .extend(sockets.done().iter().flat_map(|done| &done.usage.actions).map(|&action| action.to_owned()));
    assert_eq!(Stack::read().actions("sockets"), actions);

    // Beside the table, it writes to the sockets of its own stack and closes them, and no other function does.
    let gateway = "${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SocketApi}/spreed";
    for method in ["POST", "DELETE"] {
        assert!(TEMPLATE.contains(&format!("- !Sub \"arn:{gateway}/{method}/@connections/*\"")), "{method}");
    }
    assert_eq!(TEMPLATE.matches("execute-api:ManageConnections").count(), 1);
    assert_eq!(TEMPLATE.matches("/@connections/").count(), 2);
}
