//! What becomes of a message: it is edited, taken back, answered, and reacted to.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Person, Scene, Tenant};

use crate::chat::{anna_and_ben, answer, history, room, said_by_the_room, say, words};

/// A message as somebody reads it in the history.
async fn stored(person: &Person<'_>, token: &str, id: &Value) -> Value {
    history(person, token).await.into_iter().find(|it| it["id"] == *id).unwrap()
}

#[tokio::test]
async fn a_message_is_edited_and_taken_back() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, user, token) = (&scene.owner, &scene.user, &scene.token);
    let own = say(user, token, "Tee").await["id"].clone();
    let path = format!("/chat/{token}/{own}");
    let told = user.put(&path, &[("message", "Tea, @owner")]).await.expect(200);
    assert_eq!(told.data()["systemMessage"], "message_edited");
    assert_eq!(told.data()["parent"]["message"], "Tea, {mention-user1}");
    assert_eq!(told.data()["parent"]["lastEditActorId"], "user");
    user.put(&path, &[("message", " ")]).await.expect(400);
    // Moderators change what others wrote, others do not.
    owner.put(&path, &[("message", "Tea!")]).await.expect(200);
    let by_owner = say(owner, token, "Mine").await["id"].clone();
    user.put(&format!("/chat/{token}/{by_owner}"), &[("message", "x")]).await.expect(403);
    user.delete(&format!("/chat/{token}/{by_owner}"), &[]).await.expect(403);
    let told = owner.delete(&path, &[]).await.expect(200);
    assert_eq!(told.data()["systemMessage"], "message_deleted");
    let deleted = &told.data()["parent"];
    assert_eq!((&deleted["messageType"], &deleted["deleted"]), (&json!("comment_deleted"), &json!(true)));
    assert!(!history(user, token).await.iter().any(|it| it["message"] == "Tea!"));
    owner.delete(&path, &[]).await.expect(405);
    owner.put(&path, &[("message", "x")]).await.expect(405);
    // What the room said stays, and what nobody said is not there.
    owner.delete(&format!("/chat/{token}/1"), &[]).await.expect(405);
    owner.delete(&format!("/chat/{token}/999"), &[]).await.expect(404);
    tenant.wait(24 * 60 * 60);
    owner.put(&format!("/chat/{token}/{by_owner}"), &[("message", "x")]).await.expect(400);
    owner.delete(&format!("/chat/{token}/{by_owner}"), &[]).await.expect(200);
    // Between two people, nobody changes what the other one wrote.
    let pair = owner.room_with(user).await;
    let theirs = say(user, &pair, "Hello").await["id"].clone();
    owner.delete(&format!("/chat/{pair}/{theirs}"), &[]).await.expect(403);
}

#[tokio::test]
async fn an_edit_and_a_deletion_at_once_leave_one_of_both() {
    let tenant = Tenant::new().await;
    let (anna, _, token) = anna_and_ben(&tenant).await;
    for _ in 0..10 {
        let id = say(&anna, &token, "Tea").await["id"].clone();
        let path = format!("/chat/{token}/{id}");
        let (here, there) = (anna.elsewhere(), anna.elsewhere());
        let fields = [("message", "Coffee")];
        let (edited, deleted) = tokio::join!(here.put(&path, &fields), there.delete(&path, &[]));
        deleted.expect(200);
        assert!(matches!(edited.status, 200 | 405), "{}", edited.text);
        let stored = stored(&anna, &token, &id).await;
        assert_eq!(stored["messageType"], "comment_deleted");
    }
}

#[tokio::test]
async fn thirty_people_react_to_one_message() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let mut people = Vec::new();
    for number in 0..30 {
        people.push(tenant.user(&format!("guest{number}")).await);
        anna.add(&token, &people[number]).await.expect(200);
    }
    let id = say(&anna, &token, "Cake?").await["id"].clone();
    let path = format!("/reaction/{token}/{id}");
    let fields = [("reaction", "👍")];
    let reactions = join_all(people.iter().map(|person| person.post(&path, &fields))).await;
    assert!(reactions.iter().all(|it| it.status == 201));
    let given = anna.get(&path).await.expect(200);
    assert_eq!(given.data()["👍"].as_array().unwrap().len(), 30);
    let stored = stored(&anna, &token, &id).await;
    assert_eq!(stored["reactions"], json!({"👍": 30}));
}

#[tokio::test]
async fn reactions_come_and_go() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let id = say(&anna, &token, "Cake?").await["id"].clone();
    let path = format!("/reaction/{token}/{id}");
    let react = async |person: &Person<'_>, emoji: &str| person.post(&path, &[("reaction", emoji)]).await;
    let given = react(&ben, "❤\u{fe0f}").await.expect(201);
    let entry = json!([{"actorType": "users", "actorId": "ben", "actorDisplayName": "ben's name", "timestamp": tenant.now()}]);
    assert_eq!(given.data(), &json!({"❤\u{fe0f}": entry}));
    react(&ben, "❤\u{fe0f}").await.expect(200);
    react(&anna, "☝\u{fe0f}\u{fe0f}").await.expect(201);
    let own = &stored(&ben, &token, &id).await["reactionsSelf"];
    assert_eq!(own, &json!(["❤\u{fe0f}"]));
    assert_eq!(
        ben.get(&format!("{path}?reaction=%E2%9D%A4%EF%B8%8F")).await.expect(200).data(),
        &json!({"❤\u{fe0f}": entry})
    );
    for bad in ["", "no", "👍👍"] {
        react(&ben, bad).await.expect(400);
    }
    anna.delete(&path, &[("reaction", "❤\u{fe0f}")]).await.expect(404);
    ben.delete(&path, &[("reaction", "❤\u{fe0f}")]).await.expect(200);
    let left = anna.delete(&path, &[("reaction", "☝\u{fe0f}\u{fe0f}")]).await.expect(200);
    assert_eq!(left.data(), &json!([]));
    let kinds = ["reaction_revoked", "reaction_revoked", "reaction_deleted", "reaction_deleted"];
    assert_eq!(said_by_the_room(&ben, &token).await[..4], kinds);
    ben.post(&format!("/reaction/{token}/1"), &[("reaction", "👍")]).await.expect(400);
    // None of that is what a list shows, or has to be read.
    let shown = room(&ben, &token).await;
    assert_eq!((&shown["lastMessage"]["message"], &shown["unreadMessages"]), (&json!("Cake?"), &json!(1)));
    assert_eq!(shown["lastMessage"]["reactions"], json!({}));
}

#[tokio::test]
async fn answers_to_a_long_message_come_in_pages_that_fit() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let long = say(&anna, &token, &"\"".repeat(32_000)).await;
    for number in 0..40 {
        answer(&anna, &token, &number.to_string(), &long["id"]).await.expect(201);
    }
    let (mut read, mut pages, mut known) = (Vec::new(), 0, String::new());
    loop {
        let path = format!("/chat/{token}?lookIntoFuture=0&limit=200&lastKnownMessageId={known}");
        let page = ben.get(&path).await;
        if page.status == 304 {
            break;
        }
        assert!(page.status == 200 && page.text.len() < 1_200_000);
        known = page.list().last().unwrap()["id"].to_string();
        assert_eq!(page.header("x-chat-last-given"), known);
        read.extend(words(&page).into_iter().map(str::to_owned));
        pages += 1;
    }
    let numbers: Vec<String> = (0..40).rev().map(|number| number.to_string()).collect();
    assert_eq!(read[..40], numbers);
    assert_eq!((pages, read.len()), (3, 43));
}
