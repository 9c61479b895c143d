//! What each endpoint costs of DynamoDB, with the caller's identity already known. A number that
//! grows is a change of the design; so is one that shrinks, and both belong here.

use serde_json::json;
use tests::{Answer, Scene, Tenant};

/// Requests and sequential round trips.
fn costs(answer: &Answer) -> (u32, u32) {
    assert!(answer.status < 300, "{}", answer.text);
    (answer.usage.requests(), answer.usage.round_trips)
}

/// A public room of one of everybody, whose logins are remembered.
async fn warm_scene(tenant: &Tenant) -> Scene<'_> {
    let scene = Scene::public(tenant).await;
    for person in [&scene.owner, &scene.moderator, &scene.user, &scene.follower, &scene.stranger] {
        person.get("/ocs/v2.php/cloud/user").await.expect(200);
    }
    scene
}

#[tokio::test]
async fn reading() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    let (room, call) = (format!("/room/{}", scene.token), format!("/call/{}", scene.token));
    // Beside the room of a user it is read whether the login still counts.
    for (person, cost) in [(&scene.owner, (2, 1)), (&scene.guest, (1, 1))] {
        assert_eq!(costs(&person.get(&room).await), cost);
        assert_eq!(costs(&person.get(&call).await), cost);
    }
    assert_eq!(costs(&scene.stranger.get(&room).await), (2, 1));
    assert_eq!(costs(&scene.owner.get(&format!("{room}/participants")).await), (2, 1));
    // However many rooms: the second round trip reads them side by side, 25 with each request.
    for _ in 0..25 {
        scene.owner.public_room().await;
    }
    assert_eq!(costs(&scene.owner.get("/room").await), (4, 2));
}

#[tokio::test]
async fn a_ping_is_one_write_and_no_read() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    for person in [&scene.follower, &scene.guest] {
        let answer = person.post(&format!("/call/{}/ping", scene.token), &[]).await.expect(200);
        assert_eq!(answer.usage.operations.into_iter().collect::<Vec<_>>(), [("UpdateItem", 1)]);
        assert!(answer.usage.capacity_units <= 1.0, "a presence is at most 1 KB");
    }
}

#[tokio::test]
async fn joining_and_leaving() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    let call = format!("/call/{}", scene.token);
    let password = [("password", "x")];
    scene.owner.put(&format!("/room/{}/password", scene.token), &password).await.expect(200);
    for person in [&scene.owner, &scene.user, &scene.follower, &scene.stranger] {
        // The last tells those who wait.
        assert_eq!(costs(&person.post(&call, &password).await), (4, 3));
    }
    for person in [&scene.guest, &scene.nobody] {
        assert_eq!(costs(&person.post(&call, &password).await), (3, 3));
    }
    // From one call straight into another.
    let other = scene.stranger.public_room().await;
    for person in [&scene.stranger, &scene.owner] {
        assert_eq!(costs(&person.post(&format!("/call/{other}"), &[]).await), (5, 4));
        assert_eq!(costs(&person.delete(&format!("/call/{other}"), &[]).await), (4, 3));
    }
    for (person, cost) in [(&scene.user, (4, 3)), (&scene.follower, (4, 3)), (&scene.guest, (3, 3))] {
        assert_eq!(costs(&person.delete(&call, &[]).await), cost);
    }
}

#[tokio::test]
async fn changing_rooms() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    let room = format!("/room/{}", scene.token);
    tenant.group("team", &[&scene.user, &scene.stranger]).await;
    assert_eq!(costs(&scene.owner.post("/room", &[("roomType", "3")]).await), (3, 2));
    let pair = [("roomType", "1"), ("invite", "user")];
    assert_eq!(costs(&scene.owner.post("/room", &pair).await), (3, 2));
    assert_eq!(costs(&scene.owner.post("/room", &pair).await), (2, 1));
    assert_eq!(costs(&scene.owner.post("/room", &[("roomType", "2"), ("invite", "team")]).await), (4, 2));
    assert_eq!(costs(&scene.owner.put(&room, &[("roomName", "x")]).await), (3, 2));
    assert_eq!(costs(&scene.owner.put(&format!("{room}/password"), &[("password", "x")]).await), (3, 2));
    assert_eq!(costs(&scene.owner.delete(&format!("{room}/public"), &[]).await), (4, 3));
    assert_eq!(costs(&scene.owner.post(&format!("{room}/public"), &[]).await), (3, 2));
    assert_eq!(costs(&scene.owner.delete(&room, &[]).await), (3, 2));
}

#[tokio::test]
async fn changing_people() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    let owner = &scene.owner;
    assert_eq!(costs(&owner.add(&scene.token, &scene.stranger).await), (3, 2));
    assert_eq!(costs(&owner.promote(&scene.token, &scene.stranger).await), (4, 3));
    assert_eq!(costs(&owner.demote(&scene.token, &scene.stranger).await), (4, 3));
    assert_eq!(costs(&owner.remove(&scene.token, &scene.stranger).await), (3, 2));
    let guest = [("participant", scene.guest_session.as_str())];
    let path = format!("/room/{}/participants", scene.token);
    assert_eq!(costs(&owner.delete(&format!("{path}/guests"), &guest).await), (4, 3));
    assert_eq!(costs(&scene.user.delete(&format!("{path}/self"), &[]).await), (3, 2));
}

#[tokio::test]
async fn a_message_and_a_poll() {
    let tenant = Tenant::new().await;
    let scene = warm_scene(&tenant).await;
    let path = format!("/signaling/{}", scene.token);
    let session = scene.follower.join(&scene.token).await;
    let payload = json!({"to": scene.guest_session, "type": "candidate"}).to_string();
    let messages = json!([{"ev": "message", "fn": payload, "sessionId": session}]).to_string();
    scene.guest.get(&path).await.expect(200);
    assert_eq!(costs(&scene.follower.post(&path, &[("messages", &messages)]).await), (4, 4));
    // A poll that finds a message: ping, look, messages, who is there, messages again to take them, whether a
    // later poll began, taking, what was told.
    assert_eq!(costs(&scene.guest.get(&path).await), (8, 8));
    // A quiet one, held for twenty seconds: what docs/operations.md calculates with.
    let usage = scene.guest.get(&path).await.expect(200).usage;
    let operations: Vec<_> = usage.operations.into_iter().collect();
    assert_eq!(operations, [("GetItem", 25), ("Query", 3), ("UpdateItem", 2)]);
    assert_eq!(usage.capacity_units, 30.0, "2 to write, 28 to read");
}

#[tokio::test]
async fn a_login_is_looked_at_before_anything_else_once_a_minute_and_beside_it_otherwise() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let path = format!("/room/{token}");
    tenant.wait(60);
    for (password, pause) in [(anna.with_password("password"), 0), (anna.elsewhere(), 61)] {
        tenant.wait(pause);
        assert_eq!(costs(&password.get(&path).await), (2, 2));
        tenant.wait(59);
        assert_eq!(costs(&password.get(&path).await), (2, 1));
        tenant.wait(1);
        assert_eq!(costs(&password.get(&path).await), (2, 2));
    }
}
