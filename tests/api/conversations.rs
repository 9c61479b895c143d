//! Rooms as API v4 has them, and the same rooms seen by both APIs at once.

use serde_json::{Value, json};
use tests::{Answer, Person, Scene, Tenant};

/// A room as somebody's list of v4 shows it; null when it is not there.
async fn listed(person: &Person<'_>, token: &str) -> Value {
    let list = person.get("/v4/room").await.expect(200);
    list.list().iter().find(|room| room["token"] == token).cloned().unwrap_or_default()
}

/// The same by itself.
async fn shown(person: &Person<'_>, token: &str) -> Value {
    person.get(&format!("/v4/room/{token}")).await.expect(200).data().clone()
}

async fn made(person: &Person<'_>, fields: &[(&str, &str)]) -> String {
    person.post("/v4/room", fields).await.expect(201).text_at("token")
}

/// The attendees whom somebody sees: what kind, who, and as what.
async fn attendees(person: &Person<'_>, token: &str) -> Vec<(String, String, u64)> {
    let list = person.get(&format!("/v4/room/{token}/participants")).await.expect(200).list().to_vec();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let mut entries: Vec<_> = list
        .iter()
        .map(|it| (text(it, "actorType"), text(it, "actorId"), it["participantType"].as_u64().unwrap()))
        .collect();
    entries.sort();
    entries
}

async fn invite(person: &Person<'_>, token: &str, who: &str, source: &str) -> Answer {
    let fields = [("newParticipant", who), ("source", source)];
    person.post(&format!("/v4/room/{token}/participants"), &fields).await
}

fn row(kind: &str, id: &str, participant_type: u64) -> (String, String, u64) {
    (kind.to_owned(), id.to_owned(), participant_type)
}

#[tokio::test]
async fn one_room_is_the_same_for_clients_of_both_apis() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    // Anna's client speaks v1, Ben's v4.
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    let room = listed(&ben, &token).await;
    assert_eq!((&room["name"], &room["displayName"]), (&json!(""), &json!("anna's name")));
    anna.put(&format!("/room/{token}"), &[("roomName", "Tea")]).await.expect(200);
    anna.put(&format!("/room/{token}/description"), &[("description", "Every day")]).await.expect(200);
    anna.put(&format!("/room/{token}/password"), &[("password", "darjeeling")]).await.expect(200);
    let room = listed(&ben, &token).await;
    assert_eq!(room, shown(&ben, &token).await);
    for (name, value) in [
        ("type", json!(3)),
        ("name", json!("Tea")),
        ("displayName", json!("Tea")),
        ("description", json!("Every day")),
        ("hasPassword", json!(true)),
        ("participantType", json!(3)),
        ("actorType", json!("users")),
        ("actorId", json!("ben")),
        ("attendeeId", json!(ben.attendee_in(&token).parse::<u64>().unwrap())),
        ("permissions", json!(246)),
        ("hasCall", json!(false)),
        ("canDeleteConversation", json!(false)),
        ("canLeaveConversation", json!(true)),
    ] {
        assert_eq!(room[name], value, "{name}");
    }
    anna.promote(&token, &ben).await.expect(200);
    assert_eq!(listed(&ben, &token).await["permissions"], 254);
    // And back.
    ben.put(&format!("/v4/room/{token}"), &[("roomName", &"Tee".repeat(85))]).await.expect(200);
    assert_eq!(anna.room(&token).await["name"], "Tee".repeat(85));
    ben.delete(&format!("/v4/room/{token}/public"), &[]).await.expect(200);
    assert_eq!(anna.room(&token).await["type"], 2);
    ben.delete(&format!("/v4/room/{token}"), &[]).await.expect(200);
    anna.get(&format!("/room/{token}")).await.expect(404);
}

#[tokio::test]
async fn a_room_has_a_name_from_the_start() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&anna, &ben]).await;
    for (fields, status) in [
        (&[("roomType", "3")][..], 400),
        (&[("roomType", "2"), ("roomName", "  ")], 400),
        (&[("roomType", "2"), ("roomName", &"x".repeat(256))], 400),
        (&[("roomType", "4"), ("roomName", "Tea")], 400),
        (&[("roomType", "2"), ("invite", "nobody")], 404),
        (&[("roomType", "2"), ("invite", "team"), ("source", "circles")], 400),
        (&[("roomType", "1"), ("invite", "nobody")], 404),
        (&[("roomType", "1"), ("invite", "anna")], 403),
        (&[("roomType", "3"), ("roomName", "Tea"), ("objectType", &"x".repeat(65))], 400),
    ] {
        anna.post("/v4/room", fields).await.expect(status);
    }
    let room = anna.post("/v4/room", &[("roomType", "2"), ("invite", "team")]).await.expect(201);
    assert_eq!(room.text_at("displayName"), "team");
    assert_eq!(shown(&ben, &room.text_at("token")).await["participantType"], 3);
    let object = [("roomType", "3"), ("roomName", "Tea"), ("objectType", "event"), ("objectId", "42")];
    let room = anna.post("/v4/room", &object).await.expect(201).data().clone();
    assert_eq!((&room["objectType"], &room["objectId"]), (&json!("event"), &json!("42")));
    // What a client reads of a room that it made is what it reads later.
    assert_eq!(room, listed(&anna, room["token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn phones_ask_for_what_changed() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let old = made(&anna, &[("roomType", "3"), ("roomName", "Old")]).await;
    tenant.wait(100);
    let first = anna.get("/v4/room").await.expect(200);
    assert_eq!(first.column("token"), [old]);
    let before: i64 = first.header("x-nextcloud-talk-modified-before").parse().unwrap();
    assert_eq!(before, tenant.now());
    assert_eq!(first.header("x-nextcloud-talk-hash").len(), 40);
    let new = made(&anna, &[("roomType", "3"), ("roomName", "New")]).await;
    let since = |moment: i64| format!("/v4/room?modifiedSince={moment}&noStatusUpdate=1");
    assert_eq!(anna.get(&since(before)).await.expect(200).column("token"), [new]);
    // Nothing happened in the future, for which nothing is read but whether the login counts.
    let future = anna.get(&since(before + 2)).await.expect(200);
    assert!(future.list().is_empty() && future.usage.requests() <= 1);
}

#[tokio::test]
async fn fifty_rooms_are_two_round_trips_and_no_query_for_each() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for number in 0..50 {
        let token = made(&anna, &[("roomType", "3"), ("roomName", &format!("Room {number}"))]).await;
        anna.add(&token, &ben).await.expect(200);
    }
    ben.get("/v4/room").await.expect(200);
    let answer = ben.get("/v4/room").await.expect(200);
    assert_eq!(answer.list().len(), 50);
    let usage = &answer.usage;
    assert_eq!(usage.round_trips, 2);
    // The list of rooms, one batch of what is in them, and whether the login counts.
    assert_eq!((usage.operations["Query"], usage.operations["BatchGetItem"]), (1, 2));
    // A unit for each room and each row, one for the list, two for the login.
    assert!(usage.capacity_units <= 103.0, "{} units", usage.capacity_units);
}

#[tokio::test]
async fn a_call_shows_in_the_list_as_long_as_it_lasts() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = made(&anna, &[("roomType", "3"), ("roomName", "Tea")]).await;
    anna.add(&token, &ben).await.expect(200);
    let session = anna.join(&token).await;
    let room = listed(&anna, &token).await;
    assert_eq!((&room["hasCall"], &room["callFlag"]), (&json!(true), &json!(7)));
    assert_eq!((&room["callStartTime"], &room["sessionId"]), (&json!(tenant.now()), &json!(session)));
    assert_eq!(listed(&ben, &token).await["hasCall"], true);
    // Silence ends it, without anybody saying so; then the list does not look into the room any more.
    tenant.wait(100);
    assert_eq!(listed(&ben, &token).await["hasCall"], false);
    let at_rest = ben.get("/v4/room").await.expect(200);
    assert!(!at_rest.usage.operations.contains_key("ExecuteStatement"));
    ben.join(&token).await;
    assert_eq!(listed(&anna, &token).await["callStartTime"], tenant.now());
    ben.leave(&token).await;
    assert_eq!(listed(&anna, &token).await["hasCall"], false);
}

#[tokio::test]
async fn two_people_keep_their_room_when_one_leaves() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = made(&anna, &[("roomType", "1"), ("invite", "ben")]).await;
    for (own, other) in [(&anna, "ben"), (&ben, "anna")] {
        let room = listed(own, &token).await;
        assert_eq!((&room["name"], &room["type"]), (&json!(other), &json!(1)));
        assert_eq!(room["displayName"], format!("{other}'s name"));
        assert_eq!((&room["canDeleteConversation"], &room["notificationLevel"]), (&json!(false), &json!(1)));
    }
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    assert_eq!(listed(&ben, &token).await, Value::Null);
    ben.get(&format!("/v4/room/{token}")).await.expect(404);
    ben.get(&format!("/room/{token}")).await.expect(404);
    // The other one sees who it was, by both APIs, also under a new name.
    tenant
        .admin()
        .await
        .put("/ocs/v2.php/cloud/users/ben", &[("key", "displayname"), ("value", "Benjamin")])
        .await
        .expect(200);
    assert_eq!(listed(&anna, &token).await["displayName"], "Benjamin");
    assert_eq!(shown(&anna, &token).await["displayName"], "Benjamin");
    assert_eq!(anna.room(&token).await["displayName"], "Benjamin");
    assert_eq!(attendees(&anna, &token).await, [row("users", "anna", 1)]);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
    // Whoever asks for it again is back in the same one.
    let again = ben.post("/v4/room", &[("roomType", "1"), ("invite", "anna")]).await.expect(200);
    assert_eq!(again.text_at("token"), token);
    assert_eq!(attendees(&anna, &token).await.len(), 2);
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    assert_eq!(ben.room_with(&anna).await, token);
    assert_eq!(ben.room(&token).await["type"], 1);
    // The last one takes it along.
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    anna.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    anna.get(&format!("/room/{token}")).await.expect(404);
    assert_ne!(made(&anna, &[("roomType", "1"), ("invite", "ben")]).await, token);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn v1_goes_on_with_a_room_that_one_of_two_left() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let left = async || {
        let token = anna.room_with(&ben).await;
        ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
        token
    };
    // Adding the other one makes a group room, as it always does.
    let token = left().await;
    anna.add(&token, &ben).await.expect(200);
    assert_eq!(ben.room(&token).await["type"], 2);
    // Who follows the link of a room that was opened is a follower.
    let token = left().await;
    anna.post(&format!("/room/{token}/public"), &[]).await.expect(200);
    ben.join(&token).await;
    assert_eq!(ben.room(&token).await["participantType"], 5);
    // Leaving by v1 ends the room.
    let token = left().await;
    anna.delete(&format!("/room/{token}/participants/self"), &[]).await.expect(200);
    assert_ne!(anna.room_with(&ben).await, token);
    // And so does removing the account of the one who left.
    let token = left().await;
    tenant.admin().await.delete("/ocs/v2.php/cloud/users/ben", &[]).await.expect(200);
    anna.get(&format!("/room/{token}")).await.expect(404);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn each_keeps_marks_and_levels_for_itself() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (user, token) = (&scene.user, &scene.token);
    let own = async |person: &Person<'_>| {
        let room = shown(person, token).await;
        ["isFavorite", "notificationLevel", "notificationCalls"].map(|name| room[name].clone())
    };
    assert_eq!(own(user).await, [json!(false), json!(2), json!(1)]);
    user.post(&format!("/v4/room/{token}/favorite"), &[]).await.expect(200);
    user.post(&format!("/v4/room/{token}/notify"), &[("level", "3")]).await.expect(200);
    user.post(&format!("/v4/room/{token}/notify-calls"), &[("level", "0")]).await.expect(200);
    assert_eq!(own(user).await, [json!(true), json!(3), json!(0)]);
    assert_eq!(own(&scene.owner).await, [json!(false), json!(2), json!(1)]);
    for (path, level) in [("notify", "4"), ("notify", "-1"), ("notify-calls", "2")] {
        user.post(&format!("/v4/room/{token}/{path}"), &[("level", level)]).await.expect(400);
    }
    // Being promoted takes nothing of that away.
    scene.owner.promote(token, user).await.expect(200);
    user.delete(&format!("/v4/room/{token}/favorite"), &[]).await.expect(200);
    user.post(&format!("/v4/room/{token}/notify"), &[("level", "0")]).await.expect(200);
    assert_eq!(own(user).await, [json!(false), json!(2), json!(0)]);
}

/// The list reads as much of a room as it shows; whatever somebody sets, it shows the same as the room by itself.
#[tokio::test]
async fn the_list_and_the_room_itself_say_the_same() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let object = [("roomType", "3"), ("roomName", "Tea"), ("objectType", "event"), ("objectId", "42")];
    let token = made(&anna, &object).await;
    anna.add(&token, &ben).await.expect(200);
    let same = async || {
        for person in [&anna, &ben] {
            assert_eq!(listed(person, &token).await, shown(person, &token).await);
        }
    };
    same().await;
    let attendee = ben.attendee_in(&token);
    let room = format!("/v4/room/{token}");
    for (path, fields) in [
        ("/description", &[("description", "Bring a cup.")][..]),
        ("/password", &[("password", "earl-grey-at-five")]),
        ("/permissions/default", &[("permissions", "143")]),
        ("/permissions/call", &[("mode", "set"), ("permissions", "11")]),
        ("/attendees/permissions", &[("attendeeId", &attendee), ("method", "set"), ("permissions", "131")]),
        ("/read-only", &[("state", "1")]),
        ("/read-only", &[("state", "0")]),
    ] {
        anna.put(&format!("{room}{path}"), fields).await.expect(200);
        same().await;
    }
    for (path, fields) in
        [("/favorite", &[][..]), ("/notify", &[("level", "1")]), ("/notify-calls", &[("level", "0")])]
    {
        ben.post(&format!("{room}{path}"), fields).await.expect(200);
        same().await;
    }
    for message in ["Who comes?", "@ben brings the cups", "@all at five"] {
        anna.post(&format!("/chat/{token}"), &[("message", message)]).await.expect(201);
        same().await;
    }
    ben.post(&format!("/chat/{token}/read"), &[]).await.expect(200);
    same().await;
}

#[tokio::test]
async fn a_locked_room_takes_no_calls_and_can_be_managed() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, token) = (&scene.owner, &scene.token);
    let lock = format!("/v4/room/{token}/read-only");
    owner.put(&lock, &[("state", "2")]).await.expect(400);
    owner.put(&lock, &[("state", "1")]).await.expect(200);
    let room = shown(&scene.user, token).await;
    assert_eq!((&room["readOnly"], &room["canStartCall"]), (&json!(1), &json!(false)));
    owner.post(&format!("/call/{token}"), &[]).await.expect(403);
    tenant.nobody().post(&format!("/call/{token}"), &[]).await.expect(403);
    owner.put(&format!("/v4/room/{token}"), &[("roomName", "Quiet")]).await.expect(200);
    owner.put(&lock, &[("state", "0")]).await.expect(200);
    owner.join(token).await;
}

#[tokio::test]
async fn permissions_come_from_the_nearest_word() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, user, token) = (&scene.owner, &scene.user, &scene.token);
    let of = async |person: &Person<'_>| {
        let room = shown(person, token).await;
        (room["permissions"].as_u64().unwrap(), room["attendeePermissions"].as_u64().unwrap())
    };
    let attendee = user.attendee_in(token);
    let set = async |path: &str, fields: &[(&str, &str)]| {
        owner.put(&format!("/v4/room/{token}/{path}"), fields).await.expect(200);
    };
    assert_eq!(of(user).await, (246, 0));
    set("permissions/default", &[("permissions", "128")]).await;
    assert_eq!(of(user).await, (129, 0));
    set("permissions/call", &[("permissions", "16"), ("mode", "set")]).await;
    assert_eq!(of(user).await, (17, 0));
    let own = |permissions, method| {
        [("attendeeId", attendee.as_str()), ("permissions", permissions), ("method", method)]
    };
    set("attendees/permissions", &own("4", "set")).await;
    assert_eq!(of(user).await, (5, 5));
    set("attendees/permissions", &own("128", "add")).await;
    set("attendees/permissions", &own("4", "remove")).await;
    assert_eq!(of(user).await, (129, 129));
    // Everybody who manages nothing; a follower who is told what to do stays.
    set("attendees/permissions/all", &[("permissions", "32"), ("method", "add")]).await;
    assert_eq!(of(user).await, (161, 161));
    assert_eq!((of(&scene.moderator).await, of(&scene.follower).await), ((254, 0), (49, 49)));
    assert_eq!(shown(&scene.follower, token).await["participantType"], 3);
    // Less or more is that of what somebody may do, whoever said so.
    set("attendees/permissions", &own("0", "set")).await;
    set("attendees/permissions", &own("128", "add")).await;
    assert_eq!(of(user).await, (145, 145));
    // A new word for the room ends what was said to each.
    set("permissions/call", &[("permissions", "0")]).await;
    assert_eq!(of(user).await, (129, 0));
    // So does a promotion, for good.
    set("attendees/permissions", &own("4", "set")).await;
    owner.promote(token, user).await.expect(200);
    owner.demote(token, user).await.expect(200);
    assert_eq!(of(user).await, (129, 0));
    for (path, fields) in [
        ("permissions/default", &[("permissions", "256")][..]),
        ("permissions/other", &[("permissions", "1")]),
        ("attendees/permissions", &[("attendeeId", attendee.as_str()), ("permissions", "512")]),
        ("attendees/permissions", &own("4", "toggle")),
    ] {
        owner.put(&format!("/v4/room/{token}/{path}"), fields).await.expect(400);
    }
}

#[tokio::test]
async fn a_group_comes_and_goes_with_those_who_are_there_by_it_alone() {
    let tenant = Tenant::new().await;
    let people = [
        tenant.user("anna").await,
        tenant.user("ben").await,
        tenant.user("carol").await,
        tenant.user("dora").await,
    ];
    let [anna, ben, carol, dora] = &people;
    tenant.group("tea", &[anna, ben, carol]).await;
    tenant.group("coffee", &[carol, dora]).await;
    let token = made(anna, &[("roomType", "2"), ("invite", "tea")]).await;
    invite(anna, &token, "coffee", "groups").await.expect(200);
    let everybody = [
        row("groups", "coffee", 3),
        row("groups", "tea", 3),
        row("users", "anna", 1),
        row("users", "ben", 3),
        row("users", "carol", 3),
        row("users", "dora", 3),
    ];
    assert_eq!(attendees(ben, &token).await, everybody);
    // v1 lists the people, as ever.
    assert_eq!(ben.get(&format!("/room/{token}/participants")).await.expect(200).list().len(), 4);
    let list = anna.get(&format!("/v4/room/{token}/participants")).await.expect(200).list().to_vec();
    let tea = list.iter().find(|entry| entry["actorId"] == "tea").unwrap()["attendeeId"].to_string();
    anna.delete(&format!("/v4/room/{token}/attendees"), &[("attendeeId", &tea)]).await.expect(200);
    // Carol stays by the other group, Anna by owning the room.
    let left = [
        row("groups", "coffee", 3),
        row("users", "anna", 1),
        row("users", "carol", 3),
        row("users", "dora", 3),
    ];
    assert_eq!(attendees(anna, &token).await, left);
    ben.get(&format!("/v4/room/{token}")).await.expect(404);
    for (path, method) in [("moderators", "POST"), ("attendees/permissions", "PUT")] {
        let fields = [("attendeeId", tea.as_str()), ("permissions", "4")];
        anna.form(method, &format!("/v4/room/{token}/{path}"), &fields).await.expect(404);
    }
    invite(anna, &token, "ben", "emails").await.expect(400);
    anna.delete(&format!("/v4/room/{token}"), &[]).await.expect(200);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_large_group_is_invited_in_parts() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut members = Vec::new();
    for number in 0..120 {
        members.push(tenant.user(&format!("member{number}")).await);
    }
    tenant.group("crowd", &members.iter().collect::<Vec<_>>()).await;
    let token = made(&anna, &[("roomType", "2"), ("roomName", "Tea")]).await;
    invite(&anna, &token, "crowd", "groups").await.expect(200);
    assert_eq!(attendees(&anna, &token).await.len(), 122);
    assert_eq!(shown(&members[0], &token).await["displayName"], "Tea");
    let list = anna.get(&format!("/v4/room/{token}/participants")).await.expect(200).list().to_vec();
    let group = list.iter().find(|entry| entry["actorType"] == "groups").unwrap()["attendeeId"].to_string();
    // Also all of them at once can be told what to do.
    anna.put(&format!("/v4/room/{token}/attendees/permissions/all"), &[("permissions", "4")])
        .await
        .expect(200);
    anna.put(&format!("/v4/room/{token}/permissions/default"), &[("permissions", "128")]).await.expect(200);
    assert_eq!(shown(&members[119], &token).await["permissions"], 129);
    anna.delete(&format!("/v4/room/{token}/attendees"), &[("attendeeId", &group)]).await.expect(200);
    assert_eq!(attendees(&anna, &token).await.len(), 1);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_allowed_during_a_call_ends_with_it() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, user, token) = (&scene.owner, &scene.user, &scene.token);
    owner.put(&format!("/v4/room/{token}/permissions/call"), &[("permissions", "16")]).await.expect(200);
    owner.join(token).await;
    assert_eq!(listed(user, token).await["permissions"], 17);
    tenant.wait(120);
    assert_eq!(listed(user, token).await["hasCall"], false);
    let after = listed(user, token).await;
    assert_eq!((&after["permissions"], &after["callPermissions"]), (&json!(246), &json!(0)));
}

#[tokio::test]
async fn a_group_that_is_invited_keeps_its_followers() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("tea", &[&ben]).await;
    let token = made(&anna, &[("roomType", "3"), ("roomName", "Tea")]).await;
    ben.join(&token).await;
    assert_eq!(shown(&ben, &token).await["participantType"], 5);
    invite(&anna, &token, "tea", "groups").await.expect(200);
    assert_eq!(shown(&ben, &token).await["participantType"], 3);
    ben.leave(&token).await;
    assert_eq!(shown(&ben, &token).await["participantType"], 3);
}

#[tokio::test]
async fn a_call_brings_the_other_one_of_two_back() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = made(&anna, &[("roomType", "1"), ("invite", "ben")]).await;
    ben.delete(&format!("/v4/room/{token}/participants/self"), &[]).await.expect(200);
    assert_eq!(listed(&ben, &token).await, Value::Null);
    anna.join(&token).await;
    assert_eq!(listed(&ben, &token).await["hasCall"], true);
    assert_eq!(
        ben.post("/v4/room", &[("roomType", "1"), ("invite", "anna")]).await.expect(200).text_at("token"),
        token
    );
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_room_with_people_in_it_keeps_a_moderator() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = made(&anna, &[("roomType", "3"), ("roomName", "Tea")]).await;
    invite(&anna, &token, "ben", "users").await.expect(200);
    let itself = format!("/v4/room/{token}/participants/self");
    anna.delete(&itself, &[]).await.expect(400);
    let own = anna.attendee_in(&token);
    anna.delete(&format!("/v4/room/{token}/attendees"), &[("attendeeId", &own)]).await.expect(400);
    anna.post(&format!("/v4/room/{token}/moderators"), &[("attendeeId", &ben.attendee_in(&token))])
        .await
        .expect(200);
    anna.delete(&itself, &[]).await.expect(200);
    assert_eq!(attendees(&ben, &token).await, [row("users", "ben", 2)]);
    // With the last one it goes.
    ben.delete(&itself, &[]).await.expect(200);
    ben.get(&format!("/v4/room/{token}")).await.expect(404);
}

#[tokio::test]
async fn a_follower_who_is_invited_stays() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, follower, token) = (&scene.owner, &scene.follower, &scene.token);
    invite(owner, token, "follower", "users").await.expect(200);
    assert_eq!(shown(follower, token).await["participantType"], 3);
    // Leaving the call, and joining another one, leaves the row.
    follower.leave(token).await;
    follower.join(token).await;
    let other = follower.public_room().await;
    follower.join(&other).await;
    assert_eq!(shown(follower, token).await["participantType"], 3);
    assert_eq!(tenant.lacks().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_guest_is_seen_and_removed_by_number() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (owner, token) = (&scene.owner, &scene.token);
    let room = shown(&scene.guest, token).await;
    assert_eq!((&room["participantType"], &room["actorType"]), (&json!(4), &json!("guests")));
    assert_eq!(room["sessionId"], scene.guest_session);
    let list = owner.get(&format!("/v4/room/{token}/participants")).await.expect(200).list().to_vec();
    let guest = list.iter().find(|entry| entry["actorType"] == "guests").unwrap();
    assert_eq!((&guest["attendeeId"], &guest["actorId"]), (&room["attendeeId"], &room["actorId"]));
    assert_eq!((&guest["inCall"], &guest["sessionIds"]), (&json!(7), &json!([scene.guest_session])));
    let number = guest["attendeeId"].to_string();
    owner.post(&format!("/v4/room/{token}/moderators"), &[("attendeeId", &number)]).await.expect(400);
    owner.delete(&format!("/v4/room/{token}/attendees"), &[("attendeeId", &number)]).await.expect(200);
    assert_eq!(scene.guest.ping(token).await, 404);
    // Nobody from outside learns a number or a session.
    let outside = shown(&scene.stranger, token).await;
    assert_eq!((&outside["attendeeId"], &outside["sessionId"]), (&json!(0), &json!("0")));
    assert_eq!((&outside["permissions"], &outside["canLeaveConversation"]), (&json!(1), &json!(false)));
}

#[tokio::test]
async fn people_say_of_themselves_that_they_are_away() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = made(&anna, &[("roomType", "1"), ("invite", "ben")]).await;
    let base = "/ocs/v2.php/apps/user_status/api/v1/user_status";
    ben.put(&format!("{base}/status?statusType=away"), &[]).await.expect(200);
    let until = (tenant.now() + 60).to_string();
    let why = [("message", "Lunch"), ("statusIcon", "🍜"), ("clearAt", until.as_str())];
    let said = ben.put(&format!("{base}/message/custom"), &why).await.expect(200);
    assert_eq!((&said.data()["status"], &said.data()["message"]), (&json!("away"), &json!("Lunch")));
    assert_eq!(listed(&anna, &token).await["status"], Value::Null, "nobody asked");
    let shown = async || {
        let rooms = anna.get("/v4/room?includeStatus=true").await.expect(200);
        let people = anna.get(&format!("/v4/room/{token}/participants?includeStatus=1")).await.expect(200);
        assert_eq!(people.header("x-nextcloud-has-user-statuses"), "1");
        let ben = people.list().iter().find(|it| it["actorId"] == "ben").unwrap();
        let names = ["status", "statusIcon", "statusMessage"];
        let of = |entry: &Value| names.map(|name| entry[name].clone());
        assert_eq!(of(&rooms.list()[0]), of(ben));
        of(ben)
    };
    assert_eq!(shown().await, [json!("away"), json!("🍜"), json!("Lunch")]);
    // In a call the list reads the room as a whole, and shows the same.
    anna.join(&token).await;
    assert_eq!(shown().await, [json!("away"), json!("🍜"), json!("Lunch")]);
    tenant.wait(60);
    assert_eq!(shown().await, [json!("away"), Value::Null, Value::Null]);
    ben.put(&format!("{base}/status"), &[("statusType", "invisible")]).await.expect(200);
    assert_eq!(shown().await[0], "offline");
    assert_eq!(ben.get(base).await.expect(200).data()["status"], "invisible");
    ben.put(&format!("{base}/status"), &[("statusType", "gone")]).await.expect(400);
    ben.put(&format!("{base}/message/custom"), &[("message", &"x".repeat(81))]).await.expect(400);
    ben.put(&format!("{base}/message/custom"), &[("statusIcon", "x")]).await.expect(400);
    ben.delete(&format!("{base}/message"), &[]).await.expect(200);
    // With the account goes what it said.
    tenant.admin().await.delete("/ocs/v2.php/cloud/users/ben", &[]).await.expect(200);
    assert_eq!(tenant.items_under("USER#ben").await, 0);
}
