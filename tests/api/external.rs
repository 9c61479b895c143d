//! The external signaling server: what it asks, and what it is told.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use shared::domain::secret::Secret;
use shared::gateway::Signaling;
use tests::{Answer, Event, Pace, Proxy, Scene, Service, Tenant};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const SECRET: &str = "MySecretValue";
const RANDOM: &str = "afb6b872ab03e3376b31bf0af601067222ff7990335ca02d327071b73c0119c6";
const BACKEND: &str = "/ocs/v2.php/apps/spreed/api/v1/signaling/backend";

/// The settings of a stack with this server.
pub(crate) fn with_server(server: &str) -> Signaling {
    let setting = |name: &str| match name {
        "SIGNALING_SERVER" => Some(server.to_owned()),
        "STUN_SERVERS" => Some("stun.example:3478".to_owned()),
        "TURN_SERVERS" => Some("turn.example:3478?transport=udp".to_owned()),
        _ => None,
    };
    let secret = || Some(Secret::new(SECRET));
    Signaling::new(setting, secret(), secret()).unwrap_or_else(|sentence| panic!("{sentence}"))
}

/// A tenant with a server that answers everything with this status.
async fn tenant_with_server(status: u16) -> (Tenant, MockServer) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(status)).mount(&server).await;
    (Tenant::new().await.with_signaling(with_server(&server.uri())), server)
}

fn checksum(random: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(random.as_bytes());
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn request(body: &str, checksum: &str) -> Event {
    Event::new("POST", BACKEND)
        .header("host", "api-id.execute-api.eu-central-1.amazonaws.com")
        .header("accept", "application/json")
        .header("spreed-signaling-random", RANDOM)
        .header("spreed-signaling-checksum", checksum)
        .body("application/json", body)
}

/// What the server is answered.
async fn ask(tenant: &Tenant, question: &Value) -> Value {
    let body = question.to_string();
    let answer = tenant.send(&request(&body, &checksum(RANDOM, body.as_bytes()))).await;
    answer.expect(200).data().clone()
}

fn error(answer: &Value) -> &str {
    assert_eq!(answer["type"], "error", "{answer}");
    answer["error"]["code"].as_str().expect("a code")
}

/// What the server was told of people and rooms since it was asked last.
async fn told(server: &MockServer) -> Vec<(String, Value)> {
    all_told(server).await.into_iter().filter(|(_, notice)| notice["type"] != "message").collect()
}

/// All that the server was told since it was asked last.
async fn all_told(server: &MockServer) -> Vec<(String, Value)> {
    let requests = server.received_requests().await.expect("the server listens");
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(server).await;
    requests.iter().map(genuine).collect()
}

/// The room and the content of a request whose head is as it should be.
fn genuine(request: &Request) -> (String, Value) {
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(request.method.as_str(), "POST");
    let random = header("spreed-signaling-random");
    assert!(random.len() >= 32);
    assert_eq!(header("spreed-signaling-checksum"), checksum(&random, &request.body));
    assert_eq!(header("spreed-signaling-backend"), "https://api-id.execute-api.eu-central-1.amazonaws.com/");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("content-length"), request.body.len().to_string());
    let token = request.url.path().strip_prefix("/api/v1/room/").expect("the path of a room").to_owned();
    (token, serde_json::from_slice(&request.body).expect("JSON"))
}

/// The types of what the server was told, in order.
fn types(told: &[(String, Value)]) -> Vec<&str> {
    told.iter().map(|(_, notice)| notice["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn settings_name_the_server_and_internal_signaling_is_off() {
    let tenant = Tenant::new().await.with_signaling(with_server("wss://signaling.example/"));
    let scene = Scene::public(&tenant).await;
    let answer = scene.guest.get("/signaling/settings").await.expect(200);
    assert_eq!(answer.data()["server"], "wss://signaling.example");
    assert_eq!(answer.data()["stunservers"], json!([{"url": "stun:stun.example:3478"}]));
    let turn = &answer.data()["turnservers"][0];
    assert_eq!(turn["urls"], json!(["turn:turn.example:3478?transport=udp"]));
    assert_eq!(turn["username"], (tenant.now() + 3_600).to_string());
    for answer in [
        scene.guest.get(&format!("/signaling/{}", scene.token)).await,
        scene.guest.get("/signaling").await,
        scene.guest.post(&format!("/signaling/{}", scene.token), &[("messages", "[]")]).await,
    ] {
        assert_eq!(answer.expect(400).data(), &json!("Internal signaling disabled."));
    }
    // The server learns how many pings it may send at once, and for how long that holds.
    let answer = tenant.nobody().get("/ocs/v2.php/cloud/capabilities").await.expect(200);
    let spreed = &answer.data()["capabilities"]["spreed"];
    assert_eq!(spreed["config"]["signaling"]["session-ping-limit"], 200);
    assert!(!spreed["features"].as_array().unwrap().contains(&json!("signaling-v3")));
    assert_eq!(answer.header("cache-control"), "private, max-age=3600");
}

#[tokio::test]
async fn only_the_server_may_ask() {
    let tenant = Tenant::new().await.with_signaling(with_server("https://signaling.example"));
    // The published example, byte for byte.
    let body = r#"{"type":"auth","auth":{"version":"1.0","params":{"hello":"world"}}}"#;
    let published = "3c4a69ff328299803ac2879614b707c807b4758cf19450755c60656cac46e3bc";
    let genuine = tenant.send(&request(body, published)).await.expect(200);
    assert_eq!(error(genuine.data()), "invalid_ticket");
    let spaced = body.replace(':', ": ");
    for forged in [
        request(&spaced, published),
        request(body, &published.replace('3', "4")),
        request(body, ""),
        request(body, published).without_header("spreed-signaling-random"),
        request(body, published).without_header("spreed-signaling-checksum"),
        request(body, &checksum("short", body.as_bytes())).header("spreed-signaling-random", "short"),
        request("", published),
    ] {
        let answer: Answer = tenant.send(&forged).await.expect(200);
        assert_eq!(error(answer.data()), "invalid_request");
    }
    assert_eq!(error(&ask(&tenant, &json!({"type": "unknown"})).await), "unknown_type");
    assert_eq!(error(&ask(&tenant, &json!([])).await), "unknown_type");
    let text = "no JSON";
    let answer = tenant.send(&request(text, &checksum(RANDOM, text.as_bytes()))).await.expect(200);
    assert_eq!(error(answer.data()), "invalid_request");
    // A stack without a server is asked by nobody.
    let other = Tenant::new().await;
    let answer = other.send(&request(body, published)).await.expect(200);
    assert_eq!(error(answer.data()), "invalid_request");
}

#[tokio::test]
async fn a_ticket_says_who_somebody_is() {
    let tenant = Tenant::new().await.with_signaling(with_server("https://signaling.example"));
    let (admin, anna, guest) = (tenant.admin().await, tenant.user("anna").await, tenant.nobody());
    let auth = |userid: &str, ticket: &str| json!({"type": "auth", "auth": {"version": "1.0", "params": {"userid": userid, "ticket": ticket}}});
    let ticket = anna.get("/signaling/settings").await.text_at("ticket");
    let expected = json!({"type": "auth", "auth": {
        "version": "1.0", "userid": "anna", "user": {"displayname": "anna's name"}}});
    assert_eq!(ask(&tenant, &auth("anna", &ticket)).await, expected);
    let guests = guest.get("/signaling/settings").await.text_at("ticket");
    assert_eq!(ask(&tenant, &auth("", &guests)).await, json!({"type": "auth", "auth": {"version": "1.0"}}));
    for (userid, ticket) in [
        ("ben", ticket.clone()),
        ("", ticket.clone()),
        ("anna", guests.clone()),
        ("ben", ticket.replace("anna", "ben")),
        ("anna", ticket.replace(':', "::")),
        ("anna", ticket[..ticket.len() - 2].to_owned()),
        ("anna", String::new()),
    ] {
        assert_eq!(error(&ask(&tenant, &auth(userid, &ticket)).await), "invalid_ticket", "{userid} {ticket}");
    }
    // It is good for a day, and goes with the account, also when somebody else gets the id.
    tenant.wait(86_399);
    assert_eq!(ask(&tenant, &auth("anna", &ticket)).await, expected);
    tenant.wait(1);
    assert_eq!(error(&ask(&tenant, &auth("anna", &ticket)).await), "invalid_ticket");
    let ticket = anna.get("/signaling/settings").await.text_at("ticket");
    assert_eq!(ask(&tenant, &auth("anna", &ticket)).await, expected);
    admin.form("PUT", "/ocs/v2.php/cloud/users/anna/disable", &[]).await.expect(200);
    assert_eq!(error(&ask(&tenant, &auth("anna", &ticket)).await), "invalid_ticket");
    admin.delete("/ocs/v2.php/cloud/users/anna", &[]).await.expect(200);
    assert_eq!(error(&ask(&tenant, &auth("anna", &ticket)).await), "invalid_ticket");
    tenant.user("anna").await.get("/signaling/settings").await.expect(200);
    assert_eq!(error(&ask(&tenant, &auth("anna", &ticket)).await), "invalid_ticket");
}

#[tokio::test]
async fn the_server_asks_who_may_enter_and_tells_who_left() {
    let (tenant, server) = tenant_with_server(200).await;
    let scene = Scene::public(&tenant).await;
    let session = scene.user.join(&scene.token).await;
    scene.owner.put(&format!("/room/{}", scene.token), &[("roomName", "Team")]).await.expect(200);
    let room = |token: &str, userid: &str, session: &str, action: &str| {
        json!({"type": "room", "room": {
            "version": "1.0", "roomid": token, "userid": userid, "sessionid": session, "action": action}})
    };
    let good = json!({"type": "room", "room": {
        "version": "1.0", "roomid": scene.token, "properties": {"name": "Team", "type": 3}}});
    for (userid, session) in [("user", session.as_str()), ("owner", ""), ("", &scene.guest_session)] {
        for action in ["", "join"] {
            assert_eq!(ask(&tenant, &room(&scene.token, userid, session, action)).await, good, "{userid}");
        }
    }
    for (token, userid, session) in [
        ("unknown1", "user", session.as_str()),
        ("", "user", &session),
        (scene.token.as_str(), "stranger", ""),
        (&scene.token, "", &session),
        (&scene.token, "", "0"),
        (&scene.token, "ghost", &scene.guest_session),
        (&scene.token, "stranger", &scene.guest_session),
        (&scene.token, "no/user", &scene.guest_session),
    ] {
        assert_eq!(error(&ask(&tenant, &room(token, userid, session, "join")).await), "no_such_room");
    }
    // The server skipped the join, since it did not know the session; it hears of it with the first ping.
    let ping = json!({"type": "ping", "ping": {"roomid": scene.token, "entries": [
        {"userid": "user", "sessionid": session}, {"sessionid": scene.guest_session}]}});
    told(&server).await;
    ask(&tenant, &ping).await;
    let joined = told(&server).await;
    let mut sessions: Vec<_> = joined
        .iter()
        .filter_map(|(_, notice)| notice["incall"]["changed"][0]["sessionId"].as_str())
        .collect();
    sessions.sort_unstable();
    let mut entered = [session.as_str(), scene.guest_session.as_str()];
    entered.sort_unstable();
    assert_eq!(sessions, entered);
    ask(&tenant, &ping).await;
    assert!(told(&server).await.is_empty(), "it is told once");
    // Entering is a ping.
    tenant.wait(20);
    ask(&tenant, &room(&scene.token, "user", &session, "join")).await;
    assert_eq!(scene.user.room(&scene.token).await["lastPing"], tenant.now());
    // Leaving by another session than the present one is old news.
    let newer = scene.user.join(&scene.token).await;
    assert_eq!(ask(&tenant, &room(&scene.token, "user", &session, "leave")).await, good);
    assert_eq!(scene.user.room(&scene.token).await["sessionId"], newer);
    told(&server).await;
    assert_eq!(ask(&tenant, &room(&scene.token, "user", &newer, "leave")).await, good);
    assert_eq!(scene.user.room(&scene.token).await["sessionId"], "0");
    assert_eq!(types(&told(&server).await), ["incall", "participants"]);
    assert_eq!(ask(&tenant, &room(&scene.token, "", &scene.guest_session, "leave")).await, good);
    assert_eq!(scene.guest.ping(&scene.token).await, 404);
}

#[tokio::test]
async fn the_server_pings_for_many() {
    let tenant = Tenant::new().await.with_signaling(with_server("http://127.0.0.1:1"));
    let scene = Scene::public(&tenant).await;
    let session = scene.user.join(&scene.token).await;
    tenant.wait(20);
    let entries = json!([
        {"userid": "user", "sessionid": session},
        {"userid": "user", "sessionid": session},
        {"sessionid": scene.guest_session},
        {"userid": "ghost", "sessionid": "nothing"},
        {"userid": "follower", "sessionid": "not the follower's"},
        {},
    ]);
    let ping = |token: &str| json!({"type": "ping", "ping": {"version": "1.0", "roomid": token, "entries": entries}});
    let body = ping(&scene.token).to_string();
    let answer = tenant.send(&request(&body, &checksum(RANDOM, body.as_bytes()))).await.expect(200);
    let good = json!({"type": "room", "room": {"version": "1.0", "roomid": scene.token}});
    assert_eq!(answer.data(), &good);
    assert!(answer.usage.operations["UpdateItem"] <= 5, "one write for each entry at most");
    let list = scene.owner.get(&format!("/room/{}/participants", scene.token)).await;
    let ping_of = |id: &str| {
        list.list().iter().find(|entry| entry["userId"] == id).map(|entry| entry["lastPing"].clone())
    };
    let now = json!(tenant.now());
    assert_eq!((ping_of("user"), ping_of("")), (Some(now.clone()), Some(now)));
    assert_eq!(ping_of("follower"), Some(json!(tenant.now() - 20)));
    assert_eq!(error(&ask(&tenant, &ping("unknown1")).await), "no_such_room");
    // Nobody who was silent for too long comes back by a ping.
    tenant.wait(100);
    ask(&tenant, &ping(&scene.token)).await;
    assert_eq!(scene.guest.ping(&scene.token).await, 404);
    assert_eq!(scene.user.room(&scene.token).await["sessionId"], "0");
}

#[tokio::test]
async fn the_server_is_told_that_something_was_said() {
    let (tenant, server) = tenant_with_server(200).await;
    let scene = Scene::public(&tenant).await;
    all_told(&server).await;
    scene.user.post(&format!("/chat/{}", scene.token), &[("message", "Hello")]).await.expect(201);
    let refresh =
        json!({"type": "message", "message": {"data": {"type": "chat", "chat": {"refresh": true}}}});
    assert_eq!(all_told(&server).await, [(scene.token.clone(), refresh)]);
    // What the room itself says comes first, then what it is about.
    scene.owner.promote(&scene.token, &scene.user).await.expect(200);
    assert_eq!(types(&all_told(&server).await), ["message", "participants"]);
}

#[tokio::test]
async fn the_server_learns_of_every_change() {
    let (tenant, server) = tenant_with_server(200).await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    let room = format!("/room/{}", scene.token);
    told(&server).await;

    let session = scene.owner.join(&scene.token).await;
    let joined = told(&server).await;
    assert_eq!(types(&joined), ["incall", "participants"]);
    assert_eq!(joined[0].0, scene.token);
    let call = &joined[0].1["incall"];
    assert_eq!(
        (&call["changed"][0]["sessionId"], &call["changed"][0]["inCall"]),
        (&json!(session), &json!(7))
    );
    assert_eq!(call["users"].as_array().unwrap().len(), 3);
    scene.owner.leave(&scene.token).await;
    let call = &told(&server).await[0].1["incall"];
    assert_eq!(
        (&call["changed"][0]["sessionId"], &call["changed"][0]["inCall"]),
        (&json!(session), &json!(0))
    );
    assert_eq!(call["users"].as_array().unwrap().len(), 2);

    scene.owner.add(&scene.token, &scene.stranger).await.expect(200);
    let invited = &told(&server).await[0].1;
    assert_eq!((&invited["type"], &invited["invite"]["userids"]), (&json!("invite"), &json!(["stranger"])));
    assert_eq!(invited["invite"]["alluserids"].as_array().unwrap().len(), 5);
    assert_eq!(invited["invite"]["properties"], json!({"name": "", "type": 3}));

    scene.owner.put(&room, &[("roomName", "Team")]).await.expect(200);
    let updated = &told(&server).await[0].1;
    assert_eq!(updated["update"]["properties"], json!({"name": "Team", "type": 3}));
    assert_eq!(updated["update"]["userids"].as_array().unwrap().len(), 5);

    scene.owner.promote(&scene.token, &scene.stranger).await.expect(200);
    assert_eq!(types(&told(&server).await), ["participants"]);
    scene.owner.demote(&scene.token, &scene.stranger).await.expect(200);
    assert_eq!(types(&told(&server).await), ["participants"]);

    scene.owner.remove(&scene.token, &scene.stranger).await.expect(200);
    let removed = &told(&server).await[0].1["disinvite"];
    assert_eq!((&removed["userids"], &removed["sessionids"]), (&json!(["stranger"]), &json!([])));

    let second = tenant.nobody();
    let session = second.join(&scene.token).await;
    told(&server).await;
    let guest = [("participant", session.as_str())];
    scene.owner.delete(&format!("{room}/participants/guests"), &guest).await.expect(200);
    let removed = &told(&server).await[0].1["disinvite"];
    assert_eq!((&removed["userids"], &removed["sessionids"]), (&json!([]), &json!([session])));

    scene.owner.delete(&format!("{room}/public"), &[]).await.expect(200);
    let closed = told(&server).await;
    assert_eq!(types(&closed), ["disinvite", "update"]);
    assert_eq!(closed[0].1["disinvite"]["userids"], json!(["follower"]));
    assert_eq!(closed[0].1["disinvite"]["sessionids"], json!([scene.guest_session]));
    scene.owner.delete(&format!("{room}/public"), &[]).await.expect(200);
    assert!(told(&server).await.is_empty(), "it was closed already");
    scene.owner.post(&format!("{room}/public"), &[]).await.expect(200);
    assert_eq!(told(&server).await[0].1["update"]["properties"]["type"], 3);

    scene.user.delete(&format!("{room}/participants/self"), &[]).await.expect(200);
    assert_eq!(told(&server).await[0].1["disinvite"]["userids"], json!(["user"]));
    admin.delete("/ocs/v2.php/cloud/users/moderator", &[]).await.expect(200);
    assert_eq!(told(&server).await[0].1["disinvite"]["userids"], json!(["moderator"]));
    scene.owner.delete(&room, &[]).await.expect(200);
    assert_eq!(told(&server).await[0].1, json!({"type": "delete", "delete": {"userids": ["owner"]}}));
}

#[tokio::test]
async fn new_rooms_are_invitations_and_the_next_call_ends_the_last() {
    let (tenant, server) = tenant_with_server(200).await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&anna, &ben]).await;
    let pair = anna.room_with(&ben).await;
    let invited = told(&server).await;
    assert_eq!((invited[0].0.as_str(), &invited[0].1["invite"]["userids"]), (pair.as_str(), &json!(["ben"])));
    anna.group_room("team").await;
    assert_eq!(told(&server).await[0].1["invite"]["userids"], json!(["ben"]));
    let public = anna.public_room().await;
    assert!(told(&server).await.is_empty(), "nobody else is in it");
    let session = anna.join(&pair).await;
    told(&server).await;
    anna.join(&public).await;
    let moved = told(&server).await;
    assert_eq!(types(&moved), ["incall", "participants", "incall", "participants"]);
    assert_eq!(
        (moved[0].0.as_str(), &moved[0].1["incall"]["changed"][0]["sessionId"]),
        (pair.as_str(), &json!(session))
    );
    assert_eq!(moved[2].0, public);
    // Joining again ends the session before.
    let former = anna.room(&public).await["sessionId"].clone();
    anna.join(&public).await;
    let again = told(&server).await;
    assert_eq!(types(&again), ["incall", "participants", "incall", "participants"]);
    let changed = &again[0].1["incall"]["changed"][0];
    assert_eq!((&changed["sessionId"], &changed["inCall"]), (&former, &json!(0)));
    let guest = tenant.nobody();
    let former = guest.join(&public).await;
    told(&server).await;
    guest.join(&public).await;
    assert_eq!(told(&server).await[0].1["incall"]["changed"][0]["sessionId"], json!(former));
    guest.leave(&public).await;
    told(&server).await;
    // Two people minus one is no room.
    anna.remove(&pair, &ben).await.expect(200);
    assert_eq!(told(&server).await[0].1["delete"]["userids"], json!(["anna", "ben"]));
}

#[tokio::test]
async fn a_dead_server_takes_no_change_back() {
    let (refusing, _server) = tenant_with_server(500).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent =
        Tenant::new().await.with_signaling(with_server(&format!("http://{}", silent.local_addr().unwrap())));
    let absent = Tenant::new().await.with_signaling(with_server("http://127.0.0.1:1"));
    for tenant in [&refusing, &silent, &absent] {
        let anna = tenant.user("anna").await;
        let token = anna.public_room().await;
        anna.put(&format!("/room/{token}"), &[("roomName", "Team")]).await.expect(200);
        assert_eq!(anna.room(&token).await["name"], "Team");
    }
}

#[tokio::test]
async fn a_bad_network_to_the_server_takes_no_change_back_and_tells_nothing_false() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let network = Proxy::before(*server.address(), Service::Other, Pace::Tenth).await;
    let address = format!("http://{}", network.address());
    let tenant = Tenant::new().await.with_signaling(with_server(&address));
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let mut rooms = Vec::new();
    // Late, broken, refused, half an answer, none at all.
    for seed in 0..12 {
        network.spoil(700, seed);
        let token = anna.public_room().await;
        anna.add(&token, &ben).await.expect(200);
        ben.join(&token).await;
        let name = format!("name {seed}");
        anna.put(&format!("/room/{token}"), &[("roomName", &name)]).await.expect(200);
        ben.leave(&token).await;
        rooms.push((token, name));
    }
    assert!(network.mishaps() > 12, "{} mishaps of {}", network.mishaps(), network.requests());
    for (token, name) in &rooms {
        let room = ben.room(token).await;
        assert_eq!((&room["name"], &room["sessionId"]), (&json!(name), &json!("0")));
    }
    network.spoil(0, 0);
    network.settled().await;
    for (token, notice) in told(&server).await {
        let room = rooms.iter().find(|(known, _)| *known == token).expect("a room of ours");
        let properties = &notice[notice["type"].as_str().unwrap()]["properties"];
        let is_known =
            properties.is_null() || properties["name"] == "" || properties["name"] == room.1.as_str();
        assert!(is_known, "{notice}");
    }
}
