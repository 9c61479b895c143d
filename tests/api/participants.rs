//! `/room/{token}/participants` and `/moderators`: who is in a room, and as what.

use serde_json::json;
use tests::{START, Scene, Tenant};

#[tokio::test]
async fn the_list_has_users_first_with_every_field() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let path = format!("/room/{}/participants", scene.token);
    let list = scene.user.get(&path).await.expect(200);
    let entry = |id: &str, kind: u8, ping: i64| {
        json!({
            "userId": id, "displayName": format!("{id}'s name"), "participantType": kind,
            "lastPing": ping, "sessionId": "0",
        })
    };
    let mut entries = list.list().to_vec();
    assert_eq!(entries[0]["userId"], json!("follower"), "the most recent ping comes first");
    let follower_session = entries[0]["sessionId"].as_str().map(str::len);
    assert_eq!(follower_session, Some(512));
    let pings = [0, 4].map(|place: usize| tenant.moment(START, &entries[place]["lastPing"]));
    assert_eq!(entries[0]["lastPing"], pings[0]);
    assert_eq!(
        entries.split_off(1),
        [
            entry("moderator", 2, 0),
            entry("owner", 1, 0),
            entry("user", 3, 0),
            json!({
                "userId": "", "displayName": "", "participantType": 4,
                "lastPing": pings[1], "sessionId": scene.guest_session,
            }),
        ]
    );
}

#[tokio::test]
async fn adding_again_changes_nothing() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    for (person, kind) in [(&scene.owner, 1), (&scene.moderator, 2), (&scene.user, 3), (&scene.follower, 5)] {
        let answer = scene.owner.add(&scene.token, person).await.expect(200);
        assert_eq!(answer.data(), &json!([]));
        assert_eq!(person.room(&scene.token).await["participantType"], json!(kind));
    }
    let answer = scene.moderator.add(&scene.token, &scene.stranger).await.expect(200);
    assert_eq!(answer.data(), &json!([]));
    assert_eq!(scene.stranger.room(&scene.token).await["participantType"], json!(3));
    assert_eq!(scene.stranger.get("/room").await.column("token"), std::slice::from_ref(&scene.token));
}

#[tokio::test]
async fn a_third_person_makes_a_group_of_two() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo) = (tenant.user("anna").await, tenant.user("ben").await, tenant.user("cleo").await);
    let token = anna.room_with(&ben).await;
    assert_eq!(anna.add(&token, &ben).await.expect(200).data(), &json!([]));
    assert_eq!(anna.room(&token).await["type"], json!(1));
    assert_eq!(ben.add(&token, &cleo).await.expect(200).data(), &json!({"type": 2}));
    for (person, kind) in [(&anna, 1), (&ben, 1), (&cleo, 3)] {
        let room = person.room(&token).await;
        assert_eq!(
            (&room["type"], &room["name"], &room["participantType"]),
            (&json!(2), &json!(""), &json!(kind))
        );
    }
    assert_eq!(anna.room(&token).await["displayName"], json!("ben's name, cleo's name"));
    assert_ne!(anna.room_with(&ben).await, token, "the pair may have a room of its own again");
}

#[tokio::test]
async fn removing_one_of_two_deletes_the_room() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for whom in ["ben", "anna", "ghost", ""] {
        let token = anna.room_with(&ben).await;
        let path = format!("/room/{token}/participants");
        anna.delete(&path, &[("participant", whom)]).await.expect(200);
        anna.get(&format!("/room/{token}")).await.expect(404);
        assert_eq!(ben.get("/room").await.list().len(), 0);
    }
}

#[tokio::test]
async fn the_removed_are_out_of_room_and_call() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    scene.user.join(&scene.token).await;
    scene.owner.remove(&scene.token, &scene.user).await.expect(200);
    scene.owner.remove(&scene.token, &scene.user).await.expect(404);
    assert_eq!(scene.user.ping(&scene.token).await, 404);
    assert_eq!(scene.user.get("/room").await.list().len(), 0);
    assert_eq!(scene.user.room(&scene.token).await["participantType"], json!(4));
    assert_eq!(scene.owner.room(&scene.token).await["count"], json!(2));
    // Moderators may remove moderators, themselves included, and are moderators no more.
    scene.moderator.remove(&scene.token, &scene.moderator).await.expect(200);
    scene.moderator.put(&format!("/room/{}", scene.token), &[("roomName", "x")]).await.expect(404);
    // Who was a moderator comes back as a user.
    scene.owner.add(&scene.token, &scene.moderator).await.expect(200);
    assert_eq!(scene.moderator.room(&scene.token).await["participantType"], json!(3));
    // An owner cannot be removed, not even by the owner.
    scene.owner.remove(&scene.token, &scene.owner).await.expect(403);
}

#[tokio::test]
async fn a_removed_guest_is_out_and_may_come_back() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let path = format!("/room/{}/participants/guests", scene.token);
    let session = scene.follower.join(&scene.token).await;
    scene.owner.delete(&path, &[("participant", &session)]).await.expect(403);
    for unknown in ["", "0", "x", "guest"] {
        scene.owner.delete(&path, &[("participant", unknown)]).await.expect(404);
    }
    scene.moderator.delete(&path, &[("participant", &scene.guest_session)]).await.expect(200);
    scene.moderator.delete(&path, &[("participant", &scene.guest_session)]).await.expect(404);
    assert_eq!(scene.guest.ping(&scene.token).await, 404);
    scene.guest.get(&format!("/call/{}", scene.token)).await.expect(404);
    assert_eq!(scene.owner.room(&scene.token).await["numGuests"], json!(0));
    scene.guest.join(&scene.token).await;
    assert_eq!(scene.owner.room(&scene.token).await["numGuests"], json!(1));
    // The session of a guest elsewhere is nobody here.
    let other = scene.stranger.public_room().await;
    let elsewhere = tenant.nobody().join(&other).await;
    scene.owner.delete(&path, &[("participant", &elsewhere)]).await.expect(404);
}

#[tokio::test]
async fn the_last_one_out_takes_the_room_along() {
    let tenant = Tenant::new().await;
    let (anna, ben, guest) = (tenant.user("anna").await, tenant.user("ben").await, tenant.nobody());
    let leave = |token: &str| format!("/room/{token}/participants/self");
    // Alone: gone.
    let token = anna.public_room().await;
    anna.delete(&leave(&token), &[]).await.expect(200);
    guest.get(&format!("/room/{token}")).await.expect(404);
    // Guests stay in no room that belongs to nobody.
    let token = anna.public_room().await;
    guest.join(&token).await;
    anna.delete(&leave(&token), &[]).await.expect(200);
    guest.get(&format!("/room/{token}")).await.expect(404);
    assert_eq!((guest.ping(&token).await, tenant.items_of(&token).await), (404, 0));
    // Nobody inherits ownership.
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    anna.delete(&leave(&token), &[]).await.expect(200);
    assert_eq!(ben.room(&token).await["participantType"], json!(3));
    // Two minus one is no room.
    let token = anna.room_with(&ben).await;
    anna.delete(&leave(&token), &[]).await.expect(200);
    ben.get(&format!("/room/{token}")).await.expect(404);
    assert_eq!(anna.get("/room").await.list().len(), 0);
}

#[tokio::test]
async fn moderators_come_and_go() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let rename = format!("/room/{}", scene.token);
    scene.moderator.promote(&scene.token, &scene.user).await.expect(200);
    scene.moderator.promote(&scene.token, &scene.user).await.expect(412);
    scene.user.put(&rename, &[("roomName", "x")]).await.expect(200);
    scene.user.demote(&scene.token, &scene.user).await.expect(403);
    scene.moderator.demote(&scene.token, &scene.user).await.expect(200);
    scene.moderator.demote(&scene.token, &scene.user).await.expect(412);
    scene.user.put(&rename, &[("roomName", "y")]).await.expect(403);
    scene.moderator.demote(&scene.token, &scene.follower).await.expect(412);
    // Rank does not touch the session.
    let session = scene.user.join(&scene.token).await;
    scene.owner.promote(&scene.token, &scene.user).await.expect(200);
    assert!(
        scene
            .owner
            .get(&format!("/room/{}/participants", scene.token))
            .await
            .column("sessionId")
            .contains(&session)
    );
}
