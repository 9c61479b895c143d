//! More people than fit one transaction, one batch or one page.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::json;
use tests::{Person, Tenant};

#[tokio::test]
async fn a_group_of_500_gets_a_room_and_loses_it() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut members: Vec<Person<'_>> = Vec::new();
    for number in 0..500 {
        members.push(tenant.user(&format!("member{number}")).await);
    }
    tenant.group("everybody", &members.iter().collect::<Vec<_>>()).await;
    let token = anna.group_room("everybody").await;
    let rows = anna.get(&format!("/room/{token}/participants")).await.expect(200);
    assert_eq!(rows.list().len(), 501);
    let room = members[499].room(&token).await;
    assert_eq!(room["participants"].as_object().map(serde_json::Map::len), Some(501));
    for member in members.iter().take(40) {
        member.join(&token).await;
    }
    assert_eq!(anna.peers(&token).await.len(), 40);
    anna.delete(&format!("/room/{token}"), &[]).await.expect(200);
    for member in &members {
        member.get(&format!("/room/{token}")).await.expect(404);
    }
    assert_eq!(tenant.items_of(&token).await, 0);
    // Everybody who was in the call can join another one.
    let other = members[0].public_room().await;
    members[0].join(&other).await;
    // The group goes, too, with all that says who was in it.
    let admin = tenant.admin().await;
    admin.delete("/ocs/v2.php/cloud/groups/everybody", &[]).await.expect(200);
    assert!(!tenant.everything().await.iter().any(|item| item.contains("everybody")));
}

#[tokio::test]
async fn a_call_that_fills_more_than_one_page_is_seen_whole() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let guests = 1_500;
    tenant.seat_guests(&token, guests, 0).await;
    let answer = anna.get(&format!("/call/{token}")).await.expect(200);
    assert_eq!(answer.list().len(), guests);
    assert!(answer.usage.operations["Query"] > 1, "one page was enough, so this shows nothing");
    assert_eq!(anna.room(&token).await["numGuests"], json!(guests));
    anna.delete(&format!("/room/{token}/public"), &[]).await.expect(200);
    assert_eq!(tenant.items_of(&token).await, 3, "the room, the owner's row and its mirror");
}

#[tokio::test]
async fn an_answer_that_lambda_could_not_carry_is_refused_or_shortened() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let (client, table) = tenant.database();
    // 40 rooms with 1,000 people each: more than 5 MB of ids and names.
    let mut tokens = Vec::new();
    for _ in 0..40 {
        tokens.push(anna.public_room().await);
    }
    for token in &tokens {
        let item = |number: usize| {
            let item = HashMap::from([
                ("pk".to_owned(), AttributeValue::S(format!("ROOM#{token}"))),
                ("sk".to_owned(), AttributeValue::S(format!("USER#somebody{number:040}"))),
                ("participant_type".to_owned(), AttributeValue::N("3".to_owned())),
                ("display_name".to_owned(), AttributeValue::S("n".repeat(64))),
            ]);
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        for batch in (0..1000).collect::<Vec<_>>().chunks(25) {
            let writes: Vec<_> = batch.iter().map(|&number| item(number)).collect();
            client.batch_write_item().request_items(table, writes).send().await.unwrap();
        }
    }
    let rooms = anna.get("/room").await.expect(200);
    assert_eq!(rooms.list().len(), 40);
    for room in rooms.list() {
        assert_eq!(room["participants"], json!([]), "the map is undocumented and goes first");
    }
    assert_eq!(anna.room(&tokens[0]).await["participants"].as_object().map(serde_json::Map::len), Some(1001));
}
