//! What operators read, and what must never be in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Stories may be long.
#![allow(clippy::too_many_lines)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::aws::Journal;
use shared::domain::random::RandomSource;
use shared::domain::secret::Secret;
use shared::gateway::Signaling;
use tests::{Fault, Tenant};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All that our own code says in this thread, down to the finest level, until the guard goes.
fn listen() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber =
        shared::gateway::subscriber(tracing_subscriber::filter::LevelFilter::TRACE, lines.clone());
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_full_story_logs_its_course_and_no_secret() {
    let (lines, _guard) = listen();

    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let users = "/ocs/v2.php/cloud/users";
    let fields = [("userid", "anna"), ("password", "annas-first-password"), ("email", "anna@mail.example")];
    admin.post(users, &fields).await.expect(200);
    let anna = tenant.user("x").await.elsewhere_as("anna", "annas-first-password");
    let change = [("key", "password"), ("value", "annas-second-password")];
    anna.put(&format!("{users}/anna"), &change).await.expect(200);
    let anna = anna.with_password("annas-second-password");
    let app_password = anna.get("/ocs/v2.php/core/getapppassword").await.expect(200).text_at("apppassword");
    anna.with_password("wrong-password").get("/room").await.expect(401);
    let token = anna.with_password(&app_password).public_room().await;
    anna.put(&format!("/room/{token}"), &[("roomName", "the-rooms-name")]).await.expect(200);
    anna.put(&format!("/room/{token}/password"), &[("password", "rooms-password")]).await.expect(200);
    let session = anna.join(&token).await;
    let guest = tenant.nobody();
    let call = format!("/call/{token}");
    guest.post(&call, &[("password", "guessed-password")]).await.expect(403);
    let guests = guest.post(&call, &[("password", "rooms-password")]).await.expect(200).text_at("sessionId");
    assert_eq!(guest.ping(&token).await, 200);
    let ticket = guest.get("/signaling/settings").await.text_at("ticket");
    let payload = json!({"to": guests, "text": "the-messages-text"}).to_string();
    let messages = json!([{"ev": "message", "fn": payload, "sessionId": session}]).to_string();
    anna.post(&format!("/signaling/{token}"), &[("messages", &messages)]).await.expect(200);
    assert!(guest.get(&format!("/signaling/{token}")).await.expect(200).text.contains("the-messages-text"));
    // A signaling server that is not there is told of in the log, but not by its secret nor the token.
    let random = RandomSource::from_operating_system().unwrap();
    let setting = |name: &str| (name == "SIGNALING_SERVER").then(|| "http://127.0.0.1:1".to_owned());
    let secret = Some(Secret::new("the-servers-secret"));
    let alone = tenant.twin(random).with_signaling(Signaling::new(setting, None, secret).unwrap());
    alone.known(&anna).put(&format!("/room/{token}"), &[("roomName", "the-rooms-name")]).await.expect(200);
    let cookie = guest.cookies().into_values().next().unwrap();
    let dying = tenant.faulty(Fault::crash_after(0));
    dying.known(&anna).put(&format!("/room/{token}"), &[("roomName", "never-stored")]).await.expect(503);
    dying.known(&guest).post(&call, &[("password", "rooms-password")]).await.expect(503);

    // Version 1 hides the failure from the caller, not from the operator.
    let hidden = dying.known(&anna).put(&format!("/ocs/v1.php/apps/spreed/api/v1/room/{token}"), &[]).await;
    assert_eq!((hidden.status, hidden.code()), (200, 503));

    let text = lines.text();
    let headers: Vec<String> =
        [&anna, &admin].iter().map(|person| person.authorization().unwrap()[6..].to_owned()).collect();
    for secret in [
        "annas-first-password",
        "annas-second-password",
        "wrong-password",
        "rooms-password",
        "guessed-password",
        &app_password,
        &session,
        &guests,
        &cookie,
        &headers[0],
        &headers[1],
        &ticket,
        "the-messages-text",
        "the-servers-secret",
        "the-rooms-name",
        "never-stored",
        "anna@mail.example",
        &token,
        "argon2id",
    ] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }

    let requests: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let join = requests.iter().find(|line| line["function"] == json!("calls")).expect("a line of the join");
    assert_eq!(join["message"], json!("request"));
    assert_eq!(
        (&join["level"], &join["method"], &join["status"]),
        (&json!("INFO"), &json!("POST"), &json!(200))
    );
    assert_eq!(
        requests.iter().filter(|line| line["cold"] == json!(true)).count(),
        3,
        "three instances started"
    );
    assert_eq!(join["route"], json!("/ocs/v2.php/apps/spreed/api/v1/call/*"));
    assert_eq!((&join["dynamodb_requests"], &join["round_trips"]), (&json!(4), &json!(3)));
    assert!(join["room"].is_u64(), "by which calls are counted");
    let untold = requests.iter().find(|line| line["untold"] == json!(1)).expect("what the server missed");
    assert_eq!(untold["level"], json!("WARN"), "which is logged at every level that counts");
    assert!(join["milliseconds"].is_u64() && join["capacity_units"].as_f64() > Some(0.0));
    assert_eq!(requests.iter().filter(|line| line["level"] == json!("ERROR")).count(), 3);
    let failed = requests.iter().find(|line| line["status"] == json!(503)).expect("a line of the failure");
    assert_eq!(failed["level"], json!("ERROR"));
    assert!(failed["cause"].as_str().unwrap().contains("the function died"), "{failed}");
}

#[tokio::test]
async fn a_story_over_sockets_logs_its_course_and_no_secret() {
    let (lines, _guard) = listen();

    let tenant = Tenant::new().await;
    let (anna, guest) = (tenant.user("anna").await, tenant.nobody());
    let token = anna.public_room().await;
    let sockets = tenant.sockets().await;
    let mut annas = sockets.member(&anna, &token).await;
    let guests = sockets.member(&guest, &token).await;
    let ticket = anna.get("/signaling/settings").await.text_at("ticket");
    guests.say(&annas.public, &json!({"type": "candidate", "text": "the-messages-text"}));
    annas.hear().await;
    // One frame that the gateway kept for longer than it may, and one that it does not take.
    let frame = json!({"type": "message", "message": {
        "recipient": {"type": "session", "sessionid": annas.public}, "data": {"type": "mute"}}});
    let late = sockets.gateway.event(&guests.id, &frame.to_string()).unwrap();
    tenant.wait(1);
    sockets.invoke(late).await;
    sockets.weather(local::Weather { refusals: vec![413], ..Default::default() });
    guests.say(&annas.public, &json!({"type": "offer"}));
    annas.rest().await;
    sockets.wait(240).await;

    let text = lines.text();
    for secret in
        [&token, &ticket, &annas.public, &annas.resume, &guests.public, &guests.resume, &annas.id, &guests.id]
    {
        assert!(!text.contains(secret.as_str()), "{secret} is in the log");
    }
    assert!(!text.contains("the-messages-text") && !text.contains("anna"));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|line| line["event"] == name).collect::<Vec<_>>();
    assert!(of("frame").iter().all(|line| line["message"] == "event" && line["dynamodb_requests"].is_u64()));
    assert_eq!(of("frame").iter().filter(|line| line["overtaken"] == 1).count(), 1);
    assert_eq!(of("frame").iter().filter(|line| line["undelivered"] == 1).count(), 1);
    assert!(!of("changes").is_empty() && !of("tick").is_empty());
}

#[tokio::test]
async fn who_fails_to_log_in_is_written_into_a_log_of_its_own_and_nowhere_else() {
    let (lines, _guard) = listen();
    let cloudwatch = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&cloudwatch).await;
    let journal = Journal::new(tests::aws_at(&cloudwatch.uri()), "/spreed/acme/failed-logins", "instance");
    let tenant = Tenant::new().await.with_failed_logins(journal);
    let (admin, anna) = (tenant.admin().await, tenant.user("Anna").await);
    anna.get("/room").await.expect(200);
    anna.with_password("a wrong one").get("/room").await.expect(401);
    anna.elsewhere_as("nobody", "a wrong one").get("/room").await.expect(401);
    admin.put("/ocs/v2.php/cloud/users/Anna/disable", &[]).await.expect(200);
    anna.with_password("password").get("/room").await.expect(401);
    let requests = cloudwatch.received_requests().await.unwrap();
    let bodies: Vec<Value> =
        requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    let target = |request: &Request| request.headers["x-amz-target"].to_str().unwrap().to_owned();
    assert_eq!(target(&requests[0]), "Logs_20140328.CreateLogStream");
    let events: Vec<Value> = bodies[1..]
        .iter()
        .map(|body| serde_json::from_str(body["logEvents"][0]["message"].as_str().unwrap()).unwrap())
        .collect();
    let hash = |id: &str| hex::encode(Sha256::digest(id));
    let line = |id: &str, reason: &str| json!({"event": "failed_login", "address": "192.0.2.1", "id": hash(id), "reason": reason});
    assert_eq!(
        events,
        [
            line("anna", "wrong"),
            json!({"event": "failed_login", "address": "192.0.2.1", "id": null, "reason": "unknown"}),
            line("anna", "disabled")
        ]
    );
    assert_eq!(bodies[1]["logEvents"][0]["timestamp"], tests::START * 1000);
    assert!(!lines.text().contains("192.0.2.1"), "{}", lines.text());

    // A log that cannot be written to keeps nobody from an answer.
    cloudwatch.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&cloudwatch).await;
    anna.with_password("another wrong one").get("/room").await.expect(401);
    assert!(lines.text().contains("a line of the log of failed logins was lost"));
}
