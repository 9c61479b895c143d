//! Requests that nobody should send: a clear 4xx, nothing changed.

use serde_json::json;
use tests::{Event, Scene, Tenant};

/// Method and path of every endpoint of the API; `{token}` stands for the room.
const ENDPOINTS: [(&str, &str); 18] = [
    ("GET", "/room"),
    ("POST", "/room"),
    ("GET", "/room/{token}"),
    ("PUT", "/room/{token}"),
    ("DELETE", "/room/{token}"),
    ("PUT", "/room/{token}/password"),
    ("POST", "/room/{token}/public"),
    ("DELETE", "/room/{token}/public"),
    ("GET", "/room/{token}/participants"),
    ("POST", "/room/{token}/participants"),
    ("DELETE", "/room/{token}/participants"),
    ("DELETE", "/room/{token}/participants/guests"),
    ("DELETE", "/room/{token}/participants/self"),
    ("POST", "/room/{token}/moderators"),
    ("DELETE", "/room/{token}/moderators"),
    ("GET", "/call/{token}"),
    ("POST", "/call/{token}"),
    ("POST", "/call/{token}/ping"),
];

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
    let before = tenant.everything().await;
    for (method, path) in ENDPOINTS {
        let path = path.replace("{token}", &scene.token);
        for (what, status, event) in broken(&scene.owner.request(method, &path)) {
            let answer = scene.owner.send(&event).await;
            assert_eq!(answer.status, status, "{method} {path} with {what}: {}", answer.text);
            assert!(answer.message().ends_with('.'), "{method} {path} with {what}: {}", answer.text);
        }
        let twice = scene.owner.request(method, &format!("{path}?a=1&a=2"));
        scene.owner.send(&twice).await.expect(400);
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
    let long = "x".repeat(10_000);
    let odd = ["", "\u{0}", "💥", "../..", "%", "' OR 1=1", "#", "ROOM#", "PRESENCE#GUEST#", &long];
    for (method, path) in ENDPOINTS {
        if method == "DELETE" && !path.contains("/participants") {
            continue;
        }
        for value in odd {
            let path = path.replace("{token}", &scene.token);
            let fields = [
                ("participant", value),
                ("newParticipant", value),
                ("roomName", value),
                ("password", value),
                ("invite", value),
                ("roomType", value),
                ("format", value),
                ("unknown", value),
            ];
            let answer = scene.user.form(method, &path, &fields).await;
            assert!(answer.status < 500, "{method} {path} {value:?}: {}", answer.text);
            let list = scene.user.request(method, &path).body(
                "application/json",
                json!({"participant": [value], "newParticipant": {value: 1}, "roomName": [], "password": {},
                       "invite": [], "roomType": {}, "format": []})
                .to_string(),
            );
            let answer = scene.user.send(&list).await;
            assert!(answer.status < 500, "{method} {path} {value:?}: {}", answer.text);
            if path == "/room" || path.ends_with("self") {
                break;
            }
        }
        let answer = scene.owner.form(method, &path.replace("{token}", &long), &[]).await;
        assert!(matches!(answer.status, 404) || path == "/room", "{method} {path}");
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
