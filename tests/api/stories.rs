//! Rooms from creation to deletion.

use serde_json::json;
use tests::Tenant;

#[tokio::test]
async fn a_public_room_from_creation_to_deletion() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let guest = tenant.nobody();
    let token = anna.public_room().await;
    assert_eq!(anna.room(&token).await["displayName"], json!("You"));

    anna.put(&format!("/room/{token}"), &[("roomName", "Tea at five")]).await.expect(200);
    anna.add(&token, &ben).await.expect(200);
    let session = guest.join(&token).await;
    assert_eq!(session.len(), 512);
    let (first, second) = (anna.join(&token).await, ben.join(&token).await);
    let mut sessions = vec![session.clone(), first, second];
    sessions.sort();
    assert_eq!(anna.peers(&token).await, sessions);
    assert_eq!(guest.peers(&token).await, sessions);
    assert_eq!(guest.ping(&token).await, 200);

    anna.delete(&format!("/room/{token}"), &[]).await.expect(200);
    for person in [&anna, &ben, &guest] {
        person.get(&format!("/room/{token}")).await.expect(404);
        assert_eq!(person.ping(&token).await, 404);
    }
    assert_eq!(anna.get("/room").await.expect(200).list().len(), 0);
}
