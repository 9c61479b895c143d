//! `/call/{token}`: joining, staying, leaving.

use serde_json::json;
use tests::{START, Scene, Tenant};

#[tokio::test]
async fn peers_have_every_field_users_first() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let session = scene.owner.join(&scene.token).await;
    tenant.wait(10);
    assert_eq!(scene.owner.ping(&scene.token).await, 200);
    let peers = scene.guest.get(&format!("/call/{}", scene.token)).await.expect(200);
    let list = peers.list();
    // Here the owner's ping is the latest; where no clock can be set, it may be of the same second.
    assert_eq!((list.len(), &list[2]["userId"]), (3, &json!("")));
    let owner = list.iter().find(|peer| peer["userId"] == json!("owner")).expect("the owner");
    let ping = tenant.moment(START + 10, &owner["lastPing"]);
    assert_eq!(
        owner,
        &json!({"userId": "owner", "token": scene.token, "lastPing": ping, "sessionId": session})
    );
    let ping = tenant.moment(START, &list[2]["lastPing"]);
    let guest =
        json!({"userId": "", "token": scene.token, "lastPing": ping, "sessionId": scene.guest_session});
    assert_eq!(list[2], guest);
}

#[tokio::test]
async fn joining_again_replaces_the_session() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    scene.follower.leave(&scene.token).await;
    scene.guest.leave(&scene.token).await;
    let first = scene.owner.join(&scene.token).await;
    let second = scene.owner.elsewhere().join(&scene.token).await;
    assert_ne!(first, second);
    assert_eq!(scene.owner.peers(&scene.token).await, [second]);
    // The same browser of a guest is one guest, another browser another.
    scene.guest.join(&scene.token).await;
    let guest = scene.guest.join(&scene.token).await;
    let other = tenant.nobody().join(&scene.token).await;
    let guests = scene.owner.peers(&scene.token).await;
    assert_eq!(guests.len(), 3);
    assert!(guests.contains(&guest) && guests.contains(&other));
}

#[tokio::test]
async fn a_user_is_in_one_call_at_a_time() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let (one, two) = (anna.public_room().await, anna.public_room().await);
    let foreign = ben.public_room().await;
    ben.join(&foreign).await;
    anna.join(&one).await;
    anna.join(&foreign).await;
    let room = anna.room(&one).await;
    assert_eq!(room["sessionId"], json!("0"));
    assert_eq!(room["lastPing"], tenant.moment(START, &room["lastPing"]));
    assert_eq!(anna.room(&foreign).await["participantType"], json!(5));
    // The next call ends the visit, row and all.
    anna.join(&two).await;
    assert_eq!(ben.get(&format!("/room/{foreign}/participants")).await.column("userId"), ["ben"]);
    assert_eq!(anna.get("/room").await.list().len(), 2);
    assert_eq!(ben.peers(&foreign).await.len(), 1);
    assert_eq!(anna.ping(&one).await, 200, "a ping connects nobody");
    assert_eq!(anna.peers(&one).await.len(), 0);
}

#[tokio::test]
async fn a_refused_join_leaves_the_other_call_alone() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let (mine, locked) = (anna.public_room().await, ben.public_room().await);
    ben.put(&format!("/room/{locked}/password"), &[("password", "x")]).await.expect(200);
    let session = anna.join(&mine).await;
    anna.post(&format!("/call/{locked}"), &[("password", "y")]).await.expect(403);
    anna.post("/call/unknown1", &[]).await.expect(404);
    assert_eq!(anna.peers(&mine).await, [session]);
}

#[tokio::test]
async fn leaving_a_call_is_not_leaving_the_room() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    scene.owner.join(&scene.token).await;
    tenant.wait(5);
    scene.owner.leave(&scene.token).await;
    let room = scene.owner.room(&scene.token).await;
    assert_eq!(room["sessionId"], json!("0"));
    assert_eq!(room["lastPing"], tenant.moment(START, &room["lastPing"]));
    assert_eq!(scene.owner.peers(&scene.token).await.len(), 2);
    // A ping does not bring anybody back.
    assert_eq!(scene.owner.ping(&scene.token).await, 200);
    assert_eq!(scene.owner.peers(&scene.token).await.len(), 2);
    // A follower's row goes, a guest is gone.
    scene.follower.leave(&scene.token).await;
    assert_eq!(scene.follower.ping(&scene.token).await, 404);
    assert_eq!(scene.follower.get("/room").await.list().len(), 0);
    scene.guest.leave(&scene.token).await;
    assert_eq!(scene.guest.ping(&scene.token).await, 404);
    assert!(scene.guest.cookies().is_empty());
    // Leaving twice is no mistake, and the room stays though nobody is in the call.
    for person in [&scene.owner, &scene.follower, &scene.guest] {
        person.leave(&scene.token).await;
    }
    assert_eq!(scene.owner.peers(&scene.token).await.len(), 0);
}

#[tokio::test]
async fn leaving_one_call_leaves_another_alone() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let (one, two) = (anna.public_room().await, anna.public_room().await);
    let session = anna.join(&one).await;
    anna.leave(&two).await;
    assert_eq!(anna.peers(&one).await, [session]);
    assert_eq!(anna.peers(&two).await.len(), 0, "peers elsewhere are no error");
}

#[tokio::test]
async fn a_guest_can_be_in_several_rooms() {
    let tenant = Tenant::new().await;
    let (anna, guest) = (tenant.user("anna").await, tenant.nobody());
    let (one, two) = (anna.public_room().await, anna.public_room().await);
    let sessions = [guest.join(&one).await, guest.join(&two).await];
    assert_eq!(guest.ping(&one).await, 200);
    assert_eq!(guest.ping(&two).await, 200);
    assert_eq!(guest.peers(&one).await, [sessions[0].clone()]);
    guest.leave(&one).await;
    assert_eq!(guest.peers(&two).await, [sessions[1].clone()]);
}

#[tokio::test]
async fn the_session_id_is_no_credential() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (name, value) = scene.guest.cookies().into_iter().next().unwrap();
    let (id, secret) = value.split_once('.').unwrap();
    for forged in [
        format!("{id}."),
        format!("{id}.{}", "a".repeat(secret.len())),
        format!("{id}.{}", scene.guest_session),
        id.to_owned(),
        scene.guest_session.clone(),
        format!("{}.{secret}", "0".repeat(64)),
        String::new(),
    ] {
        let thief = tenant.nobody();
        thief.steal_cookie(&name, &forged);
        assert_eq!(thief.ping(&scene.token).await, 404, "{forged}");
        thief.get(&format!("/call/{}", scene.token)).await.expect(404);
        thief.leave(&scene.token).await;
        thief.steal_cookie(&name, &forged);
        thief.join(&scene.token).await;
        assert_eq!(scene.guest.ping(&scene.token).await, 200, "{forged}");
    }
    // A guest of one room is nobody in the next.
    let other = scene.stranger.public_room().await;
    let thief = tenant.nobody();
    thief.steal_cookie(&format!("__Host-guest-{other}"), &value);
    assert_eq!(thief.ping(&other).await, 404);
}

#[tokio::test]
async fn the_cookie_is_for_https() {
    let tenant = Tenant::new().await;
    let (anna, guest) = (tenant.user("anna").await, tenant.nobody());
    let token = anna.public_room().await;
    let join = guest.request("POST", &format!("/call/{token}"));
    let cookie = guest.send(&join).await.expect(200).cookies[0].clone();
    assert!(cookie.starts_with(&format!("__Host-guest-{token}=")), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn the_cookie_is_for_plain_http_on_loopback() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let join = tenant.nobody().request("POST", &format!("/call/{token}"));
    for (host, scheme, is_plain) in [
        ("127.0.0.1:9000", None, true),
        ("localhost", None, true),
        ("[::1]:9000", Some("http"), true),
        ("127.0.0.1:9000", Some("https"), false),
        ("example.org", Some("http"), false),
        ("127.0.0.1.example.org", None, false),
    ] {
        let mut event = join.clone().header("host", host).without_header("x-forwarded-proto");
        if let Some(scheme) = scheme {
            event = event.header("x-forwarded-proto", scheme);
        }
        let cookie = tenant.nobody().send(&event).await.expect(200).cookies[0].clone();
        assert_eq!(cookie.starts_with("guest-") && !cookie.contains("Secure"), is_plain, "{host} {cookie}");
    }
}
