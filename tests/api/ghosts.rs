//! Nobody who left, was removed or fell silent is seen; nothing expired is visible though it is stored.

use serde_json::json;
use tests::{START, Scene, Tenant};

#[tokio::test]
async fn a_call_of_two_users_and_two_guests_with_pings_and_silence() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let (gina, gus) = (tenant.nobody(), tenant.nobody());
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    let annas = anna.join(&token).await;
    let bens = ben.join(&token).await;
    let ginas = gina.join(&token).await;
    let guss = gus.join(&token).await;
    let sorted = |mut sessions: Vec<&String>| {
        sessions.sort();
        sessions.into_iter().cloned().collect::<Vec<_>>()
    };
    // Everybody pings; everybody is there.
    for _ in 0..10 {
        tenant.wait(10);
        for person in [&anna, &ben, &gina, &gus] {
            assert_eq!(person.ping(&token).await, 200);
        }
    }
    assert_eq!(anna.peers(&token).await, sorted(vec![&annas, &bens, &ginas, &guss]));
    // Ben and Gus fall silent. After 29 seconds they are there, after 30 they are not.
    tenant.wait(29);
    assert_eq!((anna.ping(&token).await, gina.ping(&token).await), (200, 200));
    assert_eq!(anna.peers(&token).await.len(), 4);
    tenant.wait(1);
    assert_eq!(anna.peers(&token).await, sorted(vec![&annas, &ginas]));
    assert_eq!(gus.peers(&token).await.len(), 2, "the silent may still look");
    let room = anna.room(&token).await;
    assert_eq!(
        (&room["count"], &room["numGuests"], &room["guestList"]),
        (&json!(2), &json!(1), &json!("1 guest"))
    );
    // Up to 100 seconds a late ping brings them back.
    tenant.wait(69);
    assert_eq!((ben.ping(&token).await, gus.ping(&token).await), (200, 200));
    assert_eq!(anna.peers(&token).await, sorted(vec![&bens, &guss]));
    // From 100 seconds on a guest is gone and a user has to join again.
    tenant.wait(100);
    assert_eq!((ben.ping(&token).await, gus.ping(&token).await), (200, 404));
    assert_eq!(ben.peers(&token).await.len(), 0);
    gus.get(&format!("/call/{token}")).await.expect(404);
    let rows = ben.get(&format!("/room/{token}/participants")).await;
    assert_eq!(rows.column("userId"), ["anna", "ben"]);
    assert_eq!(rows.column("sessionId"), ["0", "0"]);
    assert_eq!(ben.room(&token).await["lastPing"], json!(tenant.now() - 100));
    ben.join(&token).await;
    assert_eq!(ben.peers(&token).await.len(), 1);
}

#[tokio::test]
async fn the_expired_are_dead_though_dynamodb_has_not_deleted_them() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    scene.owner.join(&scene.token).await;
    tenant.wait(100);
    let (client, table) = tenant.database();
    let stored = client
        .scan()
        .table_name(table)
        .filter_expression("expires_at <= :now")
        .expression_attribute_values(
            ":now",
            aws_sdk_dynamodb::types::AttributeValue::N(tenant.now().to_string()),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(stored.count(), 1, "the guest is still stored");
    assert_eq!(scene.owner.room(&scene.token).await["numGuests"], json!(0));
    assert_eq!(scene.owner.get(&format!("/room/{}/participants", scene.token)).await.list().len(), 4);
    assert_eq!(scene.guest.room(&scene.token).await["sessionId"], json!("0"));
    let guests = format!("/room/{}/participants/guests", scene.token);
    scene.owner.delete(&guests, &[("participant", &scene.guest_session)]).await.expect(404);
    // A dead guest does not keep a room: the owner is the last one out.
    for person in [&scene.moderator, &scene.user, &scene.follower, &scene.owner] {
        person.delete(&format!("/room/{}/participants/self", scene.token), &[]).await.expect(200);
    }
    scene.nobody.get(&format!("/room/{}", scene.token)).await.expect(404);
}

#[tokio::test]
async fn a_last_ping_sorts_lists_for_30_days() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    anna.join(&token).await;
    tenant.wait(30 * 24 * 60 * 60 - 1);
    assert_eq!(anna.room(&token).await["lastPing"], json!(START));
    tenant.wait(1);
    assert_eq!(anna.room(&token).await["lastPing"], json!(0));
    // DynamoDB may delete the presence now; the call item that is left must not be in the way.
    let (client, table) = tenant.database();
    let key = |sk: &str| {
        std::collections::HashMap::from([
            ("pk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(format!("ROOM#{token}"))),
            ("sk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(sk.to_owned())),
        ])
    };
    client.delete_item().table_name(table).set_key(Some(key("PRESENCE#USER#anna"))).send().await.unwrap();
    let other = anna.public_room().await;
    anna.join(&other).await;
    assert_eq!(anna.peers(&other).await.len(), 1);
    anna.join(&token).await;
    assert_eq!(anna.peers(&token).await.len(), 1);
}

#[tokio::test]
async fn a_silent_follower_comes_back_by_the_password() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    scene.owner.put(&format!("/room/{}/password", scene.token), &[("password", "x")]).await.expect(200);
    tenant.wait(200);
    assert_eq!(scene.follower.ping(&scene.token).await, 200, "the row is still there");
    let call = format!("/call/{}", scene.token);
    scene.follower.post(&call, &[]).await.expect(403);
    scene.follower.post(&call, &[("password", "x")]).await.expect(200);
    assert_eq!(scene.follower.room(&scene.token).await["participantType"], json!(5));
}
