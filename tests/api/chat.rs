//! What people write to each other: sending, reading on, changing, reacting, being meant, and what the room itself says.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Person, Scene, Tenant};

pub(crate) async fn say(person: &Person<'_>, token: &str, text: &str) -> Value {
    person.post(&format!("/chat/{token}"), &[("message", text)]).await.expect(201).data().clone()
}

pub(crate) async fn answer(person: &Person<'_>, token: &str, text: &str, id: &Value) -> Answer {
    person.post(&format!("/chat/{token}"), &[("message", text), ("replyTo", &id.to_string())]).await
}

/// What somebody reads of the chat, the latest first.
pub(crate) async fn history(person: &Person<'_>, token: &str) -> Vec<Value> {
    person.get(&format!("/chat/{token}?lookIntoFuture=0")).await.expect(200).list().to_vec()
}

/// What people wrote, the latest first.
async fn texts(person: &Person<'_>, token: &str) -> Vec<String> {
    let words = history(person, token).await.into_iter().filter(|it| it["messageType"] == "comment");
    words.map(|it| it["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What the room said, the latest first.
pub(crate) async fn said_by_the_room(person: &Person<'_>, token: &str) -> Vec<String> {
    let messages = history(person, token).await.into_iter();
    let kinds = messages.map(|it| it["systemMessage"].as_str().unwrap_or_default().to_owned());
    kinds.filter(|kind| !kind.is_empty()).collect()
}

/// The texts of an answer, in its order.
pub(crate) fn words(answer: &Answer) -> Vec<&str> {
    answer.list().iter().filter_map(|it| it["message"].as_str()).collect()
}

pub(crate) async fn future(person: &Person<'_>, token: &str, after: u64, rest: &str) -> Answer {
    let path = format!("/chat/{token}?lookIntoFuture=1&lastKnownMessageId={after}{rest}");
    person.get(&path).await
}

pub(crate) async fn room(person: &Person<'_>, token: &str) -> Value {
    person.get(&format!("/v4/room/{token}")).await.expect(200).data().clone()
}

/// A public room with Anna, who made it, and Ben.
pub(crate) async fn anna_and_ben(tenant: &Tenant) -> (Person<'_>, Person<'_>, String) {
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let fields = [("roomType", "3"), ("roomName", "Tea")];
    let token = anna.post("/v4/room", &fields).await.expect(201).text_at("token");
    anna.add(&token, &ben).await.expect(200);
    (anna, ben, token)
}

#[tokio::test]
async fn two_people_write_to_each_other() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let fields = [("message", " Tea at five? "), ("referenceId", "abc"), ("silent", "true")];
    let sent = anna.post(&format!("/chat/{token}"), &fields).await.expect(201);
    let message = sent.data();
    for (name, value) in [
        ("id", json!(3)),
        ("token", json!(token)),
        ("actorType", json!("users")),
        ("actorId", json!("anna")),
        ("actorDisplayName", json!("anna's name")),
        ("timestamp", json!(tenant.now())),
        ("message", json!("Tea at five?")),
        ("messageParameters", json!([])),
        ("systemMessage", json!("")),
        ("messageType", json!("comment")),
        ("isReplyable", json!(true)),
        ("referenceId", json!("abc")),
        ("reactions", json!({})),
        ("expirationTimestamp", json!(0)),
        ("markdown", json!(true)),
        ("silent", json!(true)),
    ] {
        assert_eq!(message[name], value, "{name}");
    }
    let reply = answer(&ben, &token, "At six", &message["id"]).await.expect(201);
    assert_eq!(reply.data()["parent"]["message"], "Tea at five?");
    assert_eq!(texts(&anna, &token).await, ["At six", "Tea at five?"]);
    assert_eq!(history(&anna, &token).await[0]["parent"]["actorDisplayName"], "anna's name");
    // Names are those of the moment at which somebody reads.
    ben.put("/ocs/v2.php/cloud/users/ben", &[("key", "displayname"), ("value", "Benjamin")])
        .await
        .expect(200);
    assert_eq!(history(&anna, &token).await[0]["actorDisplayName"], "Benjamin");
    tenant.admin().await.delete("/ocs/v2.php/cloud/users/ben", &[]).await.expect(200);
    let gone = &history(&anna, &token).await[0];
    assert_eq!((&gone["actorType"], &gone["actorDisplayName"]), (&json!("deleted_users"), &json!("")));
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_in_words() {
    let tenant = Tenant::new().await;
    let (anna, _, token) = anna_and_ben(&tenant).await;
    let chat = format!("/chat/{token}");
    let other = anna.public_room().await;
    let elsewhere = say(&anna, &other, "Here").await["id"].to_string();
    for (fields, status, error) in [
        (vec![("message", "  ".to_owned())], 400, json!({"error": "message"})),
        (vec![("message", "ä".repeat(32_001))], 413, json!([])),
        (vec![("message", "x".to_owned()), ("replyTo", "1".to_owned())], 400, json!({"error": "reply-to"})),
        (vec![("message", "x".to_owned()), ("replyTo", "99".to_owned())], 400, json!({"error": "reply-to"})),
        (vec![("message", "x".to_owned()), ("replyTo", elsewhere)], 400, json!({"error": "reply-to"})),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = anna.post(&chat, &fields).await.expect(status);
        assert_eq!(refused.data(), &error);
    }
    // The longest message is read as it was written.
    let long = "🫖".repeat(32_000);
    say(&anna, &token, &long).await;
    assert_eq!(texts(&anna, &token).await, [long]);
    anna.put(&format!("/v4/room/{token}/read-only"), &[("state", "1")]).await.expect(200);
    anna.post(&chat, &[("message", "x")]).await.expect(403);
}

#[tokio::test]
async fn pages_lead_back_to_the_beginning_and_on_to_the_end() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    for number in 1..=7 {
        say(&anna, &token, &format!("{number}")).await;
    }
    let page = async |query: &str| ben.get(&format!("/chat/{token}?lookIntoFuture=0&limit=3{query}")).await;
    let latest = page("").await.expect(200);
    assert_eq!(words(&latest), ["7", "6", "5"]);
    assert_eq!(latest.header("x-chat-last-given"), "7");
    let earlier = page("&lastKnownMessageId=7").await.expect(200);
    assert_eq!(words(&earlier), ["4", "3", "2"]);
    let with_the_last = page("&lastKnownMessageId=7&includeLastKnown=1").await.expect(200);
    assert_eq!(words(&with_the_last), ["5", "4", "3"]);
    assert_eq!(page("&lastKnownMessageId=4").await.expect(200).list().len(), 3);
    let nothing = page("&lastKnownMessageId=1").await.expect(304);
    assert!(nothing.text.is_empty());
    // On, the earliest first.
    let next = future(&ben, &token, 4, "&limit=2&timeout=0").await.expect(200);
    assert_eq!(
        (next.column("message"), next.header("x-chat-last-given")),
        (vec!["3".into(), "4".into()], "6")
    );
    future(&ben, &token, 9, "&timeout=0").await.expect(304);
}

#[tokio::test]
async fn a_reader_waits_for_what_is_said_next() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let (waited, sent) = tokio::join!(future(&ben, &token, 2, ""), say(&anna, &token, "Here I am"));
    assert_eq!(waited.expect(200).column("message"), [sent["message"].as_str().unwrap()]);
    // When nothing is said, it is over after 25 seconds at most.
    let quiet = future(&ben, &token, 3, "&timeout=30").await.expect(304);
    assert_eq!(quiet.header("x-chat-last-common-read"), "3");
    // Whoever is taken out of the room meanwhile hears nothing more.
    let (waited, _) = tokio::join!(future(&ben, &token, 3, ""), async {
        anna.remove(&token, &ben).await.expect(200);
        say(&anna, &token, "He is out").await
    });
    waited.expect(404);
}

#[tokio::test]
async fn twenty_who_write_at_once_lose_and_double_nothing() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let senders: Vec<Person<'_>> = (0..20).map(|_| anna.elsewhere()).collect();
    let sending = join_all(senders.iter().enumerate().map(|(number, sender)| {
        let token = token.clone();
        async move { say(sender, &token, &format!("message {number}")).await["id"].as_u64().unwrap() }
    }));
    // One who reads on all the while passes none by.
    let reading = async {
        let (mut known, mut read) = (2, Vec::new());
        while read.len() < 20 {
            let page = future(&ben, &token, known, "&timeout=1").await;
            if page.status == 304 {
                continue;
            }
            for message in page.expect(200).list() {
                let id = message["id"].as_u64().unwrap();
                assert!(id > known, "{id} came after {known}");
                known = id;
                read.push(message["message"].as_str().unwrap().to_owned());
            }
        }
        read
    };
    let (ids, read) = tokio::join!(sending, reading);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 20);
    assert_eq!(read.iter().collect::<BTreeSet<_>>().len(), 20);
    assert_eq!((ids.iter().min(), ids.iter().max()), (Some(&3), Some(&22)));
    future(&ben, &token, 22, "&timeout=0").await.expect(304);
    assert_eq!(room(&ben, &token).await["unreadMessages"], 0);
}

#[tokio::test]
async fn the_room_tells_what_is_done_to_it_whoever_does_it() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    // Anna's client speaks v1, Ben reads along.
    anna.put(&format!("/room/{token}"), &[("roomName", "Coffee")]).await.expect(200);
    anna.put(&format!("/room/{token}/description"), &[("description", "Daily")]).await.expect(200);
    anna.put(&format!("/room/{token}/description"), &[("description", "Daily")]).await.expect(200);
    anna.put(&format!("/room/{token}/description"), &[]).await.expect(200);
    anna.put(&format!("/room/{token}/password"), &[("password", "x")]).await.expect(200);
    anna.put(&format!("/room/{token}/password"), &[]).await.expect(200);
    anna.promote(&token, &ben).await.expect(200);
    anna.demote(&token, &ben).await.expect(200);
    anna.delete(&format!("/room/{token}/public"), &[]).await.expect(200);
    anna.post(&format!("/room/{token}/public"), &[]).await.expect(200);
    anna.put(&format!("/v4/room/{token}/read-only"), &[("state", "1")]).await.expect(200);
    anna.put(&format!("/v4/room/{token}/read-only"), &[("state", "0")]).await.expect(200);
    let mut kinds = said_by_the_room(&ben, &token).await;
    kinds.reverse();
    assert_eq!(
        kinds,
        [
            "conversation_created",
            "user_added",
            "conversation_renamed",
            "description_set",
            "description_removed",
            "password_set",
            "password_removed",
            "moderator_promoted",
            "moderator_demoted",
            "guests_disallowed",
            "guests_allowed",
            "read_only",
            "read_only_off",
        ]
    );
    let messages = history(&ben, &token).await;
    let of = |kind: &str| messages.iter().find(|it| it["systemMessage"] == kind).unwrap();
    assert_eq!(
        of("conversation_renamed")["message"],
        "{actor} renamed the conversation from \"Tea\" to \"Coffee\""
    );
    assert_eq!(of("user_added")["message"], "{actor} added you");
    assert_eq!(of("user_added")["messageParameters"]["actor"]["name"], "anna's name");
    assert_eq!(
        (&of("read_only")["isReplyable"], &of("read_only")["messageType"]),
        (&json!(false), &json!("system"))
    );
    // People who come and go are told of, those who only follow a link are not.
    let carol = tenant.user("carol").await;
    carol.join(&token).await;
    carol.leave(&token).await;
    ben.delete(&format!("/room/{token}/participants/self"), &[]).await.expect(200);
    let last = &history(&anna, &token).await[0];
    assert_eq!(last["message"], "{actor} left the conversation");
    assert_eq!(room(&anna, &token).await["lastMessage"]["systemMessage"], "user_removed");
}

#[tokio::test]
async fn a_history_that_is_cleared_is_gone_for_all() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    for number in 0..60 {
        say(&anna, &token, &format!("@ben {number}")).await;
    }
    ben.delete(&format!("/chat/{token}"), &[]).await.expect(403);
    let told = anna.delete(&format!("/chat/{token}"), &[]).await.expect(200);
    assert_eq!(told.data()["systemMessage"], "history_cleared");
    assert_eq!(said_by_the_room(&ben, &token).await, ["history_cleared"]);
    let shown = room(&ben, &token).await;
    assert_eq!((&shown["lastReadMessage"], &shown["unreadMessages"]), (&json!(-2), &json!(1)));
    assert_eq!(
        (&shown["unreadMention"], &shown["lastMessage"]["systemMessage"]),
        (&json!(false), &json!("history_cleared"))
    );
    assert_eq!(tenant.items_under(&format!("CHAT#{token}")).await, 1);
    anna.put(&format!("/chat/{token}/10"), &[("message", "x")]).await.expect(404);
    say(&anna, &token, "A new page").await;
    assert_eq!(room(&ben, &token).await["unreadMessages"], 1);
    let pair = anna.room_with(&ben).await;
    anna.delete(&format!("/chat/{pair}"), &[]).await.expect(403);
}

#[tokio::test]
async fn something_of_another_app_is_shown() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let share = async |kind: &str, id: &str, about: &str| {
        let fields = [("objectType", kind), ("objectId", id), ("metaData", about)];
        anna.post(&format!("/chat/{token}/share"), &fields).await
    };
    let place = r#"{"name": "Tea house", "latitude": "52.5", "longitude": "13.4", "floor": 3}"#;
    let shared = share("geo-location", "geo:52.5,13.4", place).await.expect(201);
    let object = json!({"id": "geo:52.5,13.4", "latitude": "52.5", "longitude": "13.4", "name": "Tea house", "type": "geo-location"});
    assert_eq!(shared.data()["messageParameters"]["object"], object);
    assert_eq!(
        (&shared.data()["message"], &shared.data()["messageType"]),
        (&json!("{object}"), &json!("comment"))
    );
    assert_eq!(room(&ben, &token).await["unreadMessages"], 1);
    for (kind, id, about) in [
        ("", "1", r#"{"name": "x"}"#),
        ("deck-card", "", r#"{"name": "x"}"#),
        ("deck-card", "1", ""),
        ("deck-card", "1", "[]"),
        ("deck-card", "1", "{}"),
        ("call", "1", r#"{"name": "x"}"#),
        ("geo-location", "1", r#"{"name": "x"}"#),
    ] {
        share(kind, id, about).await.expect(400);
    }
    let id = &shared.data()["id"];
    anna.put(&format!("/chat/{token}/{id}"), &[("message", "x")]).await.expect(405);
    anna.delete(&format!("/chat/{token}/{id}"), &[]).await.expect(200);
}

#[tokio::test]
async fn the_other_one_of_two_comes_back_for_a_message() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.room_with(&ben).await;
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    say(&anna, &token, "Are you there, @ben?").await;
    assert_eq!(texts(&ben, &token).await.len(), 1);
    assert_eq!(room(&ben, &token).await["unreadMessages"], 1);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
    // Leaving and asking again works as before.
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    assert_eq!(ben.room_with(&anna).await, token);
    say(&ben, &token, "Yes").await;
}

#[tokio::test]
async fn whoever_may_not_write_may_read() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, user, token) = (&scene.owner, &scene.user, &scene.token);
    let id = say(user, token, "Hello").await["id"].clone();
    owner.put(&format!("/v4/room/{token}/permissions/default"), &[("permissions", "4")]).await.expect(200);
    user.post(&format!("/chat/{token}"), &[("message", "x")]).await.expect(403);
    user.post(&format!("/reaction/{token}/{id}"), &[("reaction", "👍")]).await.expect(403);
    user.put(&format!("/chat/{token}/{id}"), &[("message", "x")]).await.expect(403);
    assert_eq!(texts(user, token).await, ["Hello"]);
    say(owner, token, "Quiet, please").await;
    // What was allowed and taken back again, for the room or for one, is in nobody's way.
    for path in ["permissions/default", "permissions/call", "attendees/permissions/all"] {
        for permissions in ["128", "0"] {
            let fields = [("permissions", permissions)];
            owner.put(&format!("/v4/room/{token}/{path}"), &fields).await.expect(200);
            say(user, token, "Thanks").await;
        }
    }
}

#[tokio::test]
async fn a_chat_of_a_thousand_answers_like_one_of_ten() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let cost = async |limit: &str| {
        ben.get(&format!("/chat/{token}?limit={limit}")).await;
        let answer = ben.get(&format!("/chat/{token}?limit={limit}")).await.expect(200);
        (answer.usage.requests(), answer.usage.round_trips)
    };
    for number in 0..10 {
        say(&anna, &token, &format!("{number}")).await;
    }
    let few = cost("5").await;
    let sent = anna.post(&format!("/chat/{token}"), &[("message", "x")]).await.expect(201).usage;
    for number in 0..90 {
        say(&anna, &token, &format!("{number}")).await;
    }
    assert_eq!(cost("5").await, few);
    let later = anna.post(&format!("/chat/{token}"), &[("message", "x")]).await.expect(201).usage;
    assert_eq!(sent.requests(), later.requests());
    assert!((sent.capacity_units - later.capacity_units).abs() < 0.01);
}

#[tokio::test]
async fn a_stack_that_keeps_messages_for_days_forgets_them_in_time() {
    let tenant = Tenant::new().await.keeping_messages_for(7);
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let sent = say(&anna, &token, "Soon gone").await;
    assert_eq!(sent["expirationTimestamp"], tenant.now() + 7 * 24 * 60 * 60);
    assert_eq!(texts(&ben, &token).await, ["Soon gone"]);
    // DynamoDB may take days to delete it; nobody reads it in the meantime.
    tenant.wait(7 * 24 * 60 * 60);
    ben.get(&format!("/chat/{token}")).await.expect(304);
    assert_eq!(room(&ben, &token).await["lastMessage"], json!([]));
    anna.delete(&format!("/chat/{token}/3"), &[]).await.expect(404);
}

#[tokio::test]
async fn sockets_are_told_that_something_was_said() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut bens = sockets.member(&ben, &token).await;
    bens.rest().await;
    say(&anna, &token, "Here").await;
    let refresh = bens.event("room", "message").await;
    assert_eq!(refresh, json!({"roomid": token, "data": {"type": "chat", "chat": {"refresh": true}}}));
    // With the room goes what was said in it.
    let used = tenant.items_under(&format!("CHAT#{token}")).await;
    assert!(used > 0);
    anna.delete(&format!("/v4/room/{token}"), &[]).await.expect(200);
    sockets.caught_up().await;
    sockets.idle().await;
    assert_eq!(tenant.items_under(&format!("CHAT#{token}")).await, 0);
}

#[tokio::test]
async fn somebody_who_waits_is_out_when_the_login_ends() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let admin = tenant.admin().await;
    // A login of this very request is looked at again before the answer, like one that is remembered.
    let waited = async {
        let stranger = ben.elsewhere();
        future(&stranger, &token, 2, "").await
    };
    let (waited, _) = tokio::join!(waited, async {
        admin.put("/ocs/v2.php/cloud/users/ben/disable", &[]).await.expect(200);
        say(&anna, &token, "He is out").await
    });
    waited.expect(401);
}

#[tokio::test]
async fn a_reader_of_what_is_forgotten_waits_all_the_same() {
    let tenant = Tenant::new().await.keeping_messages_for(1);
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    say(&anna, &token, "Soon gone").await;
    tenant.wait(24 * 60 * 60);
    let before = tenant.now();
    future(&ben, &token, 0, "&timeout=5").await.expect(304);
    assert!(tenant.now() >= before + 5, "an answer at once would be asked for again at once");
}

#[tokio::test]
async fn a_stranger_learns_nothing_by_odd_parameters() {
    let tenant = Tenant::new().await;
    let (_, _, token) = anna_and_ben(&tenant).await;
    let carol = tenant.user("carol").await;
    for (method, path) in [
        ("GET", format!("/chat/{token}?limit=1&limit=2")),
        ("POST", format!("/chat/{token}?a=1&a=2")),
        ("POST", format!("/chat/{token}/share?a=1&a=2")),
        ("PUT", format!("/chat/{token}/1?a=1&a=2")),
        ("DELETE", format!("/chat/{token}/1?a=1&a=2")),
        ("POST", format!("/reaction/{token}/1?a=1&a=2")),
    ] {
        carol.send(&carol.request(method, &path)).await.expect(404);
    }
}

#[tokio::test]
async fn a_text_of_signs_costs_no_more_than_its_length() {
    let tenant = Tenant::new().await;
    let (anna, ben, token) = anna_and_ben(&tenant).await;
    let signs = "@".repeat(32_000);
    say(&anna, &token, &signs).await;
    assert_eq!(texts(&ben, &token).await, [signs]);
    // What is too long to be said is not searched for names.
    let json = json!({"message": "@".repeat(900_000)}).to_string();
    let event = anna.request("POST", &format!("/chat/{token}")).body("application/json", json);
    anna.send(&event).await.expect(413);
}
