//! `GET /call`: the calls of a tenant at this moment, which only a tenant of the test's own can be asked for.

use serde_json::json;
use tests::Tenant;

#[tokio::test]
async fn an_administrator_sees_the_calls_of_this_moment() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let busy = anna.public_room().await;
    let quiet = anna.public_room().await;
    anna.put(&format!("/room/{busy}"), &[("roomName", "Tea at five")]).await.expect(200);
    assert_eq!(admin.get("/call").await.expect(200).list().len(), 0);
    anna.join(&busy).await;
    let guest = tenant.nobody();
    guest.join(&busy).await;
    ben.join(&quiet).await;
    ben.leave(&quiet).await;
    let calls = admin.get("/call").await.expect(200);
    let tea = json!({"token": busy, "type": 3, "name": "Tea at five", "users": [{"userId": "anna", "displayName": "anna's name"}], "numGuests": 1});
    assert_eq!(calls.list(), [tea]);
    // Nobody shows a ghost.
    guest.leave(&busy).await;
    tenant.wait(31);
    assert_eq!(admin.get("/call").await.expect(200).list().len(), 0);
}

#[tokio::test]
async fn a_call_of_guests_alone_is_seen_by_their_sockets() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let sockets = tenant.sockets().await;
    let guest = tenant.nobody();
    let guests = sockets.member(&guest, &token).await;
    let calls = admin.get("/call").await.expect(200);
    assert_eq!((calls.list().len(), &calls.list()[0]["numGuests"]), (1, &json!(1)));
    drop(guests);
}
