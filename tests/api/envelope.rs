//! The envelope, the CSRF rule, unknown routes, wrong methods.

use serde_json::json;
use tests::{Event, Scene, Tenant, endpoints};

/// Every path, and the methods it has.
fn methods() -> Vec<(String, String)> {
    let mut methods: Vec<(String, String)> = Vec::new();
    for row in endpoints() {
        let path = row.about("abcdefgh", "anna", "team");
        match methods.last_mut() {
            Some((known, allowed)) if *known == path => *allowed = format!("{allowed}, {}", row.method),
            _ => methods.push((path, row.method.to_owned())),
        }
    }
    methods
}

#[tokio::test]
async fn both_versions_and_both_formats() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let (v1, v2) = ("/ocs/v1.php/apps/spreed/api/v1", "/ocs/v2.php/apps/spreed/api/v1");
    // 201 is a failure in version 1, although the room is there.
    let created = anna.post(&format!("{v1}/room"), &[("roomType", "3")]).await.expect(200);
    assert_eq!(created.code(), 201);
    assert_eq!(created.json.pointer("/ocs/meta/status"), Some(&json!("failure")));
    assert_eq!(created.json.pointer("/ocs/meta/totalitems"), Some(&json!("")));
    let token = created.text_at("token");
    let found = anna.get(&format!("{v1}/room/{token}")).await.expect(200);
    assert_eq!((found.code(), found.message()), (100, "OK"));
    assert_eq!(anna.get(&format!("{v2}/room/{token}")).await.code(), 200);
    let missing = anna.get(&format!("{v1}/room/unknown1")).await.expect(200);
    assert_eq!((missing.code(), missing.data()), (404, &json!([])));
    assert_eq!(tenant.nobody().get(&format!("{v1}/room")).await.expect(401).code(), 997);

    let plain = anna.request("GET", "/room/unknown1").without_header("accept");
    let answer = anna.send(&plain).await.expect(404);
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(
        answer.text,
        "<?xml version=\"1.0\"?><ocs><meta><status>failure</status><statuscode>404</statuscode>\
         <message/></meta><data/></ocs>"
    );
    let json = anna.request("GET", "/room/unknown1?format=json").without_header("accept");
    assert_eq!(anna.send(&json).await.header("content-type"), "application/json; charset=utf-8");
    let body = anna
        .request("POST", "/room")
        .without_header("accept")
        .body("application/json", r#"{"format":"json"}"#);
    assert_eq!(anna.send(&body).await.expect(400).code(), 400);
}

#[tokio::test]
async fn a_missing_login_says_so() {
    let tenant = Tenant::new().await;
    let answer = tenant.nobody().get("/room").await.expect(401);
    assert_eq!(answer.message(), "Current user is not logged in");
    assert_eq!((answer.code(), answer.data()), (997, &json!([])));
    for header in
        ["Basic", "Basic !", "Basic YW5uYQ==", "Bearer x", "Bearer", "Digest x", "nonsense", "Basic \u{e9}"]
    {
        for path in ["/room", "/room/unknown1", "/call/unknown1"] {
            let event = tenant.nobody().request("GET", path).header("authorization", header);
            assert_eq!(tenant.send(&event).await.status, 401, "{header} {path}");
        }
    }
}

#[tokio::test]
async fn without_the_api_header_nothing_happens() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let call = format!("/call/{}", scene.token);
    for person in [&scene.owner, &scene.guest, &scene.nobody] {
        for (method, path) in [("GET", format!("/room/{}", scene.token)), ("POST", call.clone())] {
            let event = person.request(method, &path);
            for event in [event.clone().without_header("ocs-apirequest"), event.header("ocs-apirequest", "1")]
            {
                let answer = person.send(&event).await.expect(412);
                assert_eq!(answer.json, json!({"message": "CSRF check failed"}));
            }
        }
    }
    // The login comes first.
    let event = scene.nobody.request("GET", "/room").without_header("ocs-apirequest");
    scene.nobody.send(&event).await.expect(401);
    let event =
        scene.owner.request("DELETE", &format!("/room/{}", scene.token)).without_header("ocs-apirequest");
    scene.owner.send(&event).await.expect(412);
    scene.owner.room(&scene.token).await;
}

#[tokio::test]
async fn unknown_routes_are_998_in_xml() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for path in [
        "/index.php",
        "/ocs",
        "/ocs/v2.php",
        "/ocs/v3.php/apps/spreed/api/v1/room",
        "/ocs/v2.php/apps/spreed/api/v0/room",
        "/ocs/v2.php/apps/spreed/api/v1",
        "/ocs/v2.php/apps/spreed/api/v1/rooms",
        "/ocs/v2.php/apps/spreed/api/v1/room/abc",
        "/ocs/v2.php/apps/spreed/api/v1/room/ABCDEFGH",
        "/ocs/v2.php/apps/spreed/api/v1/room/abcdefgh/nothing",
        "/ocs/v2.php/apps/spreed/api/v1/room/abcd%2Fefgh",
        "/ocs/v2.php/apps/spreed/api/v1/room/%ff%fe",
        "/ocs/v2.php/apps/spreed/api/v1/call/abcdefgh/pong",
        "/ocs/v2.php/cloud",
        "/ocs/v2.php/cloud/users/a/b",
        "/index.php",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let event = anna.request(method, "/ocs").header("accept", "application/json");
            let event = Event::new(method, path)
                .header("authorization", anna.authorization().unwrap())
                .header("accept", "application/json")
                .header("ocs-apirequest", event.method());
            let answer = tenant.send(&event).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert!(answer.text.contains("<statuscode>998</statuscode>"), "{method} {path} {}", answer.text);
        }
    }
    let json = tenant.send(&Event::new("GET", "/ocs/v2.php/nothing?format=json")).await.expect(404);
    assert_eq!(json.code(), 998);
    let one = tenant.send(&Event::new("GET", "/ocs/v1.php/nothing?format=json")).await.expect(200);
    assert_eq!(one.code(), 998);
}

#[tokio::test]
async fn wrong_methods_are_405_without_a_body() {
    let tenant = Tenant::new().await;
    for (path, allowed) in methods() {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"] {
            // Not even a login is asked for.
            let answer = tenant.nobody().form(method, &path, &[]).await;
            let as_good_as = if method == "HEAD" { "GET" } else { method };
            if allowed.split(", ").any(|known| known == as_good_as) {
                assert_ne!(answer.status, 405, "{method} {path}");
            } else {
                assert_eq!((answer.status, answer.text.as_str()), (405, ""), "{method} {path}");
                assert_eq!(answer.header("allow"), allowed);
            }
        }
    }
}

#[tokio::test]
async fn options_are_405() {
    let tenant = Tenant::new().await;
    for (path, allowed) in methods() {
        let answer = tenant.nobody().form("OPTIONS", &path, &[]).await;
        assert_eq!((answer.status, answer.text.as_str()), (405, ""), "{path}");
        assert_eq!(answer.header("allow"), allowed);
    }
}

#[tokio::test]
async fn parameters_come_from_anywhere() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let path = format!("/room/{token}");
    let form = "application/x-www-form-urlencoded";
    for (name, event) in [
        ("query", anna.request("PUT", &format!("{path}?roomName=query"))),
        ("form", anna.request("PUT", &path).body(form, "roomName=form")),
        ("json", anna.request("PUT", &path).body("application/json", r#"{"roomName":"json"}"#)),
        ("body", anna.request("PUT", &format!("{path}?roomName=query")).body(form, "roomName=body")),
        ("7", anna.request("PUT", &path).body("application/json; charset=utf-8", r#"{"roomName":7}"#)),
        // The path is the path, whatever a body says.
        ("path", anna.request("PUT", &path).body(form, "roomName=path&token=unknown1")),
    ] {
        anna.send(&event).await.expect(200);
        assert_eq!(anna.room(&token).await["name"], json!(name));
    }
    let other = tenant.user("ben").await;
    let ben = other.id_on_the_wire();
    let multipart =
        format!("--x\r\nContent-Disposition: form-data; name=\"newParticipant\"\r\n\r\n{ben}\r\n--x--\r\n");
    let event = anna.request("POST", &format!("{path}/participants"));
    anna.send(&event.body("multipart/form-data; boundary=x", multipart)).await.expect(200);
    let event = anna.request("DELETE", &format!("{path}/participants?participant={ben}"));
    anna.send(&event).await.expect(200);
    assert_eq!(other.get("/room").await.list().len(), 0);
    let room = anna.request("POST", "/room").body("application/json", r#"{"roomType":3}"#);
    anna.send(&room).await.expect(201);
}

#[tokio::test]
async fn xml_answers_have_the_same_content() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    anna.put(&format!("/room/{token}"), &[("roomName", "a <b> & c")]).await.expect(200);
    let event = anna.request("GET", &format!("/room/{token}")).header("accept", "application/xml");
    let text = anna.send(&event).await.expect(200).text;
    assert!(text.contains("<name>a &lt;b&gt; &amp; c</name>"), "{text}");
    assert!(
        text.contains("<hasPassword/>") && text.contains("<participantType>1</participantType>"),
        "{text}"
    );
    assert!(
        text.contains(
            "<participants><anna><name>anna&apos;s name</name><type>1</type></anna></participants>"
        ),
        "{text}"
    );
}
