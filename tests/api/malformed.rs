//! Requests that nobody should send: a clear 4xx, nothing changed.

use serde_json::json;
use tests::{Event, Row, Scene, Tenant, endpoints};

/// What reads its body in a way of its own: the signaling server signs it.
const READ_NO_PARAMETERS: [Row; 1] = [Row { method: "POST", path: "/signaling/backend" }];

/// Bodies that hold no parameters, and what they are answered with.
fn broken(event: &Event) -> Vec<(&'static str, u16, Event)> {
    let event = || event.clone();
    let form = "application/x-www-form-urlencoded";
    vec![
        ("a megabyte of form", 413, event().body(form, vec![b'a'; 1 << 20])),
        ("a megabyte of JSON", 413, event().body("application/json", vec![b' '; 1 << 20])),
        ("half JSON", 400, event().body("application/json", r#"{"roomName":"#)),
        ("a JSON list", 400, event().body("application/json", "[1, 2]")),
        ("deep JSON", 400, event().body("application/json", "{\"a\":".repeat(2000))),
        ("broken UTF-8 in JSON", 400, event().body("application/json", b"{\"roomName\":\"\xff\"}".to_vec())),
        ("broken UTF-8 in a form", 400, event().body(form, b"roomName=\xff".to_vec())),
        ("broken UTF-8, encoded", 400, event().body(form, "roomName=%ff%fe")),
        ("a parameter twice", 400, event().body(form, "roomName=a&roomName=b")),
        ("a parameter twice in JSON", 400, event().body("application/json", r#"{"a":1,"a":2}"#)),
        ("plain text", 415, event().body("text/plain", "roomName=a")),
        ("no type", 415, event().untyped_body("roomName=a")),
        ("an unreadable type", 415, event().body("\u{1}", "x")),
    ]
}

#[tokio::test]
async fn broken_bodies_are_refused_and_change_nothing() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    let owner = scene.owner.with_password("password");
    scene.owner.join(&scene.token).await;
    let before = tenant.everything().await;
    for row in endpoints().into_iter().filter(|row| !READ_NO_PARAMETERS.contains(row)) {
        let (method, path) = (row.method, row.about(&scene.token, "user", "admin"));
        let person = match path.as_str() {
            "/ocs/v2.php/core/apppassword" => &scene.owner,
            path if path.contains("/core/") => &owner,
            path if path.contains("/cloud/") || path == "/call" => &admin,
            _ => &scene.owner,
        };
        // Messages may be long, so these are refused for what they say, or for what they would change.
        let may_be_long = match (method, row.path) {
            ("POST", "/signaling" | "/signaling/{token}" | "/chat/{token}") => &[400][..],
            ("PUT", "/chat/{token}/{message}") => &[400, 405],
            _ => &[],
        };
        for (what, status, event) in broken(&person.request(method, &path)) {
            let answer = person.send(&event).await;
            let fits = answer.status == status || (status == 413 && may_be_long.contains(&answer.status));
            assert!(fits, "{method} {path} with {what}: {}", answer.text);
            assert!(answer.message().ends_with('.'), "{method} {path} with {what}: {}", answer.text);
        }
        let twice = person.request(method, &format!("{path}?a=1&a=2"));
        person.send(&twice).await.expect(400);
    }
    for (_, _, event) in broken(&scene.guest.request("POST", &format!("/call/{}/ping", scene.token))) {
        assert!((400..500).contains(&scene.guest.send(&event).await.status));
    }
    assert_eq!(tenant.everything().await, before);
}

#[tokio::test]
async fn nothing_that_is_sent_is_answered_with_5xx() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    let long = "x".repeat(10_000);
    let odd = ["", "\u{0}", "💥", "../..", "%", "' OR 1=1", "#", "ROOM#", "PRESENCE#GUEST#", &long];
    for row in endpoints() {
        let (method, path) = (row.method, row.path);
        let is_about_people = path.starts_with("/room/") && path.contains("/participants");
        if method == "DELETE" && !is_about_people || path.contains("getapppassword") {
            continue;
        }
        for value in odd {
            let path = row.about(&scene.token, "user", "admin");
            let fields = [
                ("participant", value),
                ("newParticipant", value),
                ("roomName", value),
                ("password", value),
                ("invite", value),
                ("roomType", value),
                ("format", value),
                ("unknown", value),
                ("description", value),
                ("messages", value),
                ("key", "displayname"),
                ("value", value),
                ("userid", value),
                ("groupid", value),
                ("displayName", value),
                ("email", value),
                ("search", value),
                ("limit", value),
                ("offset", value),
            ];
            let person = match path.as_str() {
                path if path.contains("/cloud/") || path == "/call" => &admin,
                path if path.contains("/self") || method == "DELETE" => &scene.user,
                _ => &scene.moderator,
            };
            let answer = person.form(method, &path, &fields).await;
            assert!(answer.status < 500, "{method} {path} {value:?}: {}", answer.text);
            let list = person.request(method, &path).body(
                "application/json",
                json!({"participant": [value], "newParticipant": {value: 1}, "roomName": [], "password": {},
                       "invite": [], "roomType": {}, "format": [], "description": {}, "messages": [value], "key": [],
                       "value": {}, "userid": [], "groupid": {}, "groups": {value: []}, "limit": [], "search": {}})
                .to_string(),
            );
            let answer = person.send(&list).await;
            assert!(answer.status < 500, "{method} {path} {value:?}: {}", answer.text);
            if path == "/room" || path.ends_with("self") {
                break;
            }
        }
        if path.contains("{token}") {
            let answer = scene.owner.form(method, &path.replace("{token}", &long), &[]).await;
            assert_eq!(answer.status, 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn odd_heads_are_answered_too() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let room = || anna.request("GET", "/room");
    for (what, event, status) in [
        ("a query that is no URI", anna.request("GET", "/room?a=b c\"<>{}|\\^`ü"), 200),
        ("an empty query", anna.request("GET", "/room?&&=&"), 200),
        ("a host that is none", room().header("host", "\u{7f}not a host"), 200),
        ("no host", room().without_header("host"), 200),
        ("a scheme that is none", room().header("x-forwarded-proto", ":"), 200),
        ("letters beyond ASCII", room().header("user-agent", "Zoë"), 200),
        ("an odd cookie", room().header("cookie", ";;=;a"), 200),
        ("a path without a slash", Event::new("GET", "ocs/v2.php/cloud/capabilities"), 200),
    ] {
        let path = event.path().to_owned();
        if path.starts_with('/') {
            assert_eq!(tenant.send(&event).await.status, status, "{what}");
        }
    }
}
