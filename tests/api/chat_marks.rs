//! How far people have read in a chat, and who is meant in it.

use futures_util::future::join_all;
use serde_json::json;
use tests::{Person, Tenant};

use crate::chat::{anna_and_ben, answer, future, room, say};

/// Whether somebody is meant at all, and in particular, by what is not read.
async fn marks(person: &Person<'_>, token: &str) -> [bool; 2] {
    let room = room(person, token).await;
    ["unreadMention", "unreadMentionDirect"].map(|name| room[name].as_bool().unwrap())
}

#[tokio::test]
async fn who_is_meant_finds_a_mark() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let carol = tenant.user("Carol C.").await;
    anna.add(&token, &carol).await.expect(200);
    let marks = async |person: &Person<'_>| marks(person, &token).await;
    let sent = say(&anna, &token, "@ben and @\"Carol C.\", not @ghost: @ben!").await;
    assert_eq!(sent["message"], "{mention-user1} and {mention-user2}, not @ghost: {mention-user1}!");
    let meant = json!({"type": "user", "id": "ben", "name": "ben's name", "mention-id": "ben"});
    assert_eq!(sent["messageParameters"]["mention-user1"], meant);
    assert_eq!((marks(&ben).await, marks(&carol).await), ([true, true], [true, true]));
    assert_eq!(marks(&anna).await, [false, false]);
    for person in [&ben, &carol] {
        person.post(&format!("/chat/{token}/read"), &[]).await.expect(200);
    }
    let all = say(&ben, &token, "@all").await;
    assert_eq!(all["messageParameters"]["mention-call1"]["name"], "Tea");
    assert_eq!((marks(&anna).await, marks(&ben).await), ([true, false], [false, false]));
    anna.post(&format!("/chat/{token}/read"), &[]).await.expect(200);
    // An answer means whoever is answered.
    answer(&carol, &token, "Yes", &all["id"]).await.expect(201);
    assert_eq!((marks(&ben).await, marks(&anna).await), ([true, true], [false, false]));
    // Somebody who left in between is answered all the same.
    let farewell = say(&ben, &token, "Bye").await["id"].clone();
    anna.remove(&token, &ben).await.expect(200);
    answer(&anna, &token, "Bye", &farewell).await.expect(201);
}

#[tokio::test]
async fn candidates_are_the_others_in_the_room() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let found = async |person: &Person<'_>, token: &str, search: &str| {
        person.get(&format!("/chat/{token}/mentions?search={search}")).await.expect(200).column("id")
    };
    assert_eq!(found(&anna, &token, "").await, ["all", "ben"]);
    assert_eq!(found(&anna, &token, "BEN").await, ["ben"]);
    assert_eq!(found(&anna, &token, "tea").await, ["all"]);
    assert!(found(&anna, &token, "x").await.is_empty());
    let pair = anna.room_with(&ben).await;
    assert_eq!(found(&ben, &pair, "").await, ["anna"]);
}

#[tokio::test]
async fn each_knows_what_is_new() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let unread = async |person: &Person<'_>| {
        let room = room(person, &token).await;
        (room["unreadMessages"].as_u64().unwrap(), room["lastReadMessage"].as_i64().unwrap())
    };
    assert_eq!((unread(&anna).await, unread(&ben).await), ((0, 0), (0, 1)));
    for text in ["one", "two", "three"] {
        say(&anna, &token, text).await;
    }
    assert_eq!((unread(&anna).await, unread(&ben).await), ((0, 5), (3, 1)));
    let read = format!("/chat/{token}/read");
    ben.post(&read, &[("lastReadMessage", "4")]).await.expect(200);
    assert_eq!(unread(&ben).await, (1, 4));
    // One that is taken back is not new to anybody.
    anna.delete(&format!("/chat/{token}/5"), &[]).await.expect(200);
    assert_eq!(unread(&ben).await, (0, 4));
    ben.delete(&read, &[]).await.expect(200);
    assert_eq!(unread(&ben).await, (1, 3));
    ben.post(&read, &[("lastReadMessage", "{5}")]).await.expect(200);
    assert_eq!(unread(&ben).await, (0, 6));
    // Waiting for what comes after a message says that it is read; asking not to say so does not.
    say(&anna, &token, "four").await;
    future(&ben, &token, 7, "&timeout=0&setReadMarker=0").await.expect(304);
    assert_eq!(unread(&ben).await.0, 1);
    future(&ben, &token, 7, "&timeout=0").await.expect(304);
    assert_eq!(unread(&ben).await, (0, 7));
}

#[tokio::test]
async fn a_marker_and_a_message_at_once_count_right() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    for _ in 0..10 {
        let known = say(&anna, &token, "x").await["id"].to_string();
        let read = format!("/chat/{token}/read");
        let fields = [("lastReadMessage", known.as_str())];
        let (marked, _) = tokio::join!(ben.post(&read, &fields), say(&anna, &token, "y"));
        marked.expect(200);
        assert_eq!(room(&ben, &token).await["unreadMessages"], 1);
    }
}

#[tokio::test]
async fn all_know_up_to_where_everybody_has_read() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let common = async || room(&anna, &token).await["lastCommonReadMessage"].as_i64().unwrap();
    let id = say(&anna, &token, "Tea?").await["id"].as_i64().unwrap();
    assert_eq!(common().await, 1);
    ben.post(&format!("/chat/{token}/read"), &[]).await.expect(200);
    assert_eq!(common().await, id);
    // Who waits for that alone is told.
    let told = future(&anna, &token, 3, "&timeout=0&lastCommonReadId=1").await.expect(200);
    assert_eq!((told.list().len(), told.header("x-chat-last-common-read")), (0, "3"));
    // To write is to have read.
    say(&ben, &token, "Yes").await;
    say(&anna, &token, "Good").await;
    assert_eq!(common().await, 4);
    let both = [anna.elsewhere(), ben.elsewhere()];
    join_all(both.iter().map(|person| {
        let path = format!("/chat/{token}/read");
        async move { person.post(&path, &[]).await.expect(200) }
    }))
    .await;
    assert_eq!(common().await, 5);
}

#[tokio::test]
async fn a_head_marks_nothing_as_read() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let id = say(&anna, &token, "Hello").await["id"].clone();
    let path = format!("/chat/{token}?lookIntoFuture=1&lastKnownMessageId={id}");
    ben.send(&ben.request("HEAD", &path)).await.expect(304);
    assert_eq!(room(&ben, &token).await["unreadMessages"], 1);
}

#[tokio::test]
async fn an_edit_means_others_and_a_deletion_nobody() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let carol = tenant.user("carol").await;
    anna.add(&token, &carol).await.expect(200);
    let is_meant = async |person: &Person<'_>| <(bool, bool)>::from(marks(person, &token).await);
    let id = say(&anna, &token, "@ben, tea?").await["id"].clone();
    let path = format!("/chat/{token}/{id}");
    anna.put(&path, &[("message", "@ben and @carol, tea?")]).await.expect(200);
    assert_eq!((is_meant(&ben).await, is_meant(&carol).await), ((true, true), (true, true)));
    anna.delete(&path, &[]).await.expect(200);
    assert_eq!((is_meant(&ben).await, is_meant(&carol).await), ((false, false), (false, false)));
    let id = say(&anna, &token, "Cake").await["id"].clone();
    let path = format!("/chat/{token}/{id}");
    anna.put(&path, &[("message", "Cake, @all")]).await.expect(200);
    assert_eq!(is_meant(&ben).await, (true, false));
    anna.delete(&path, &[]).await.expect(200);
    assert_eq!(is_meant(&ben).await, (false, false));
    // What is meant by a later message stays so.
    let earlier = say(&anna, &token, "one").await["id"].clone();
    let later = say(&anna, &token, "@ben two").await["id"].clone();
    anna.put(&format!("/chat/{token}/{earlier}"), &[("message", "@ben one")]).await.expect(200);
    ben.post(&format!("/chat/{token}/read"), &[("lastReadMessage", &earlier.to_string())]).await.expect(200);
    assert!(later.as_u64() > earlier.as_u64());
    assert_eq!(is_meant(&ben).await, (true, true));
}

#[tokio::test]
async fn the_list_names_whom_an_edit_names_and_who_made_it() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let last = async || room(&ben, &token).await["lastMessage"].clone();
    let id = say(&ben, &token, "Tea?").await["id"].clone();
    let path = format!("/chat/{token}/{id}");
    // Anna manages the room.
    anna.put(&path, &[("message", "Tea, @anna?")]).await.expect(200);
    let edited = last().await;
    assert_eq!(edited["lastEditActorType"], "users");
    assert_eq!(edited["messageParameters"]["mention-user1"]["type"], "user");
    assert_ne!(room(&anna, &token).await["unreadMentionDirect"], true, "nobody is told of their own words");
    anna.delete(&path, &[]).await.expect(200);
    assert_eq!(last().await["messageParameters"]["actor"]["id"], "anna");
}

#[tokio::test]
async fn the_slowest_reader_leaves_and_everybody_has_read() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let common = async || room(&anna, &token).await["lastCommonReadMessage"].as_i64().unwrap();
    let removed = async |id: &str| {
        let carol = tenant.user(id).await;
        anna.add(&token, &carol).await.expect(200);
        let before = common().await;
        let last = say(&anna, &token, "Tea?").await["id"].as_i64().unwrap();
        ben.post(&format!("/chat/{token}/read"), &[]).await.expect(200);
        // Carol's own marker is as far as the message with which she came.
        carol.post(&format!("/chat/{token}/read"), &[("lastReadMessage", "1")]).await.expect(200);
        assert_eq!((common().await, before < last), (1, true));
        (carol, last)
    };
    let (carol, last) = removed("carol").await;
    anna.remove(&token, &carol).await.expect(200);
    assert_eq!(common().await, last);
    let (dora, last) = removed("dora").await;
    dora.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    assert_eq!(common().await, last);
    let (_, last) = removed("emil").await;
    tenant.admin().await.delete("/ocs/v2.php/cloud/users/emil", &[]).await.expect(200);
    assert_eq!(common().await, last);
}
