//! Signaling over WebSockets: people in a call who never wait in a function.

use std::time::Duration;

use futures_util::future::join_all;
use local::{MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, Weather};
use serde_json::{Value, json};
use tests::{Client, Fault, Person, Sockets, Tenant};

/// A public room of Anna's, with Ben.
struct Call<'a> {
    token: String,
    anna: Person<'a>,
    ben: Person<'a>,
}

impl<'a> Call<'a> {
    async fn new(tenant: &'a Tenant) -> Self {
        let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
        let token = anna.public_room().await;
        anna.add(&token, &ben).await.expect(200);
        Self { token, anna, ben }
    }

    /// Anna and Ben in the call, each with a socket.
    async fn both<'b>(&self, sockets: &'b Sockets<'_>) -> (Client<'b>, Client<'b>) {
        (sockets.member(&self.anna, &self.token).await, sockets.member(&self.ben, &self.token).await)
    }
}

/// Who is in the call, as a poll shows.
async fn polled(person: &Person<'_>, token: &str) -> Vec<String> {
    let answer = person.get(&format!("/signaling/{token}")).await;
    let list = answer.list();
    let present = list.last().unwrap()["data"].as_array().unwrap();
    present.iter().map(|user| user["sessionId"].as_str().unwrap().to_owned()).collect()
}

/// How many are in the call, as the API says without looking at sockets.
async fn peers(person: &Person<'_>, token: &str) -> usize {
    person.get(&format!("/call/{token}")).await.expect(200).list().len()
}

#[tokio::test]
async fn two_who_join_see_each_other_and_talk() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut anna = sockets.member(&call.anna, &call.token).await;
    let mut ben = sockets.client(&call.ben).await;
    let session = call.ben.join(&call.token).await;

    let answer = ben.enter(&call.token, &session).await;
    assert_eq!(answer["room"]["properties"], json!({"name": "", "type": 3}));
    let everybody = ben.event("room", "join").await;
    let named: Vec<&Value> = everybody.as_array().unwrap().iter().map(|it| &it["userid"]).collect();
    assert_eq!(everybody.as_array().unwrap().len(), 2, "{everybody}");
    assert!(named.contains(&&json!("anna")) && named.contains(&&json!("ben")));
    let own = ben.public.clone();
    let list = ben.in_call(&own, 7).await;
    assert_eq!(list["event"]["update"]["roomid"], call.token);
    assert_eq!(list["event"]["update"]["users"].as_array().unwrap().len(), 2, "{list}");
    assert!(list.get("id").is_none(), "an event has no id");

    let joined = anna.event("room", "join").await;
    assert_eq!(
        joined[0],
        json!({"sessionid": ben.public, "userid": "ben", "user": {"displayname": "ben's name"}})
    );
    anna.in_call(&ben.public, 7).await;

    anna.say(&ben.public, &json!({"type": "offer", "to": ben.public, "sid": "1"}));
    let offer = ben.next("the offer", |frame| frame["type"] == "message").await;
    let sender = json!({"type": "session", "sessionid": anna.public, "userid": "anna"});
    assert_eq!(offer["message"]["sender"], sender);
    assert_eq!(offer["message"]["data"], json!({"type": "offer", "to": ben.public, "sid": "1"}));
    ben.say(&anna.public, &json!({"type": "candidate", "n": 1.50}));
    assert_eq!(anna.hear().await, (ben.public.clone(), json!({"type": "candidate", "n": 1.50})));

    let bye = ben.ask("bye", json!({"type": "bye", "bye": {}})).await;
    assert_eq!(bye, json!({"type": "bye", "bye": {"reason": ""}, "id": "bye"}));
    assert_eq!(ben.closed().await, 1000);
    assert_eq!(anna.event("room", "leave").await, json!([ben.public]));
    anna.in_call(&ben.public, 0).await;
    assert_eq!(peers(&call.anna, &call.token).await, 1);
}

#[tokio::test]
async fn hello_wants_a_ticket_of_the_same_person() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut client = sockets.open();
    let hello = |auth: Value| json!({"type": "hello", "hello": {"version": "1.0", "auth": auth}});
    let settings = call.ben.get("/signaling/settings").await.data().clone();
    let ticket = settings["ticket"].clone();
    let url = "https://talk.example/";
    for (frame, code) in [
        (json!({"type": "hello"}), "invalid_format"),
        (json!({"type": "hello", "hello": {"version": "1.0"}}), "invalid_format"),
        (
            json!({"type": "hello", "hello": {"version": "2.0", "auth": {"url": url}}}),
            "invalid_hello_version",
        ),
        (hello(json!({"params": {"userid": "ben", "ticket": ticket}})), "invalid_format"),
        (hello(json!({"url": url})), "invalid_ticket"),
        (hello(json!({"url": url, "params": {"userid": "anna", "ticket": ticket}})), "invalid_ticket"),
        (hello(json!({"url": url, "params": {"ticket": ticket}})), "invalid_ticket"),
        (hello(json!({"url": url, "params": {"userid": "ben", "ticket": "a:1:ben:00"}})), "invalid_ticket"),
        (hello(json!({"url": url, "type": "internal", "params": {}})), "invalid_client_type"),
        (json!({"type": "hello", "hello": {"version": "1.0", "resumeid": "x"}}), "no_such_session"),
    ] {
        let answer = client.ask("hello", frame.clone()).await;
        assert_eq!(answer["error"]["code"], code, "{frame}");
    }
    // It may still be right in the end.
    let answer =
        client.ask("hello", hello(json!({"url": url, "params": {"userid": "ben", "ticket": ticket}}))).await;
    assert_eq!(answer["hello"]["userid"], "ben");
    assert_eq!(answer["hello"]["version"], "1.0");
    assert_eq!(answer["hello"]["server"]["features"], json!(["incall-all", "recipient-call"]));
    assert!(answer["hello"]["server"]["version"].is_string());
    // A second hello is passed over.
    client.send(&hello(json!({"url": url, "params": {"userid": "ben", "ticket": ticket}})));
    assert_eq!(client.rest().await, Vec::<Value>::new());

    let mut guest = sockets.open();
    let answer = guest.hello(&tenant.nobody()).await;
    assert_eq!(answer["hello"]["userid"], "");
    let admin = tenant.admin().await;
    admin.put("/ocs/v2.php/cloud/users/ben/disable", &[]).await.expect(200);
    let answer = sockets
        .open()
        .ask("hello", hello(json!({"url": url, "params": {"userid": "ben", "ticket": ticket}})))
        .await;
    assert_eq!(answer["error"]["code"], "invalid_ticket", "its tickets went with its logins");
}

#[tokio::test]
async fn who_says_no_hello_or_rubbish_is_closed() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    for (text, code) in [
        ("{", "invalid_format"),
        ("[]", "invalid_format"),
        ("{\"type\":1}", "invalid_format"),
        ("{\"type\":\"room\",\"room\":{\"roomid\":\"\"}}", "hello_expected"),
        ("{\"type\":\"nonsense\"}", "hello_expected"),
    ] {
        let mut client = sockets.open();
        client.send_text(text);
        let answer = client.next("a refusal", |frame| frame["type"] == "error").await;
        assert_eq!(answer["error"]["code"], code, "{text}");
        assert_eq!(client.closed().await, 1000, "{text}");
    }
    // One who says nothing costs nothing, and the gateway cuts it.
    let mut silent = sockets.open();
    sockets.wait(599).await;
    assert_eq!(sockets.gateway.count(), 1);
    sockets.wait(1).await;
    assert_eq!(silent.closed().await, 1001);
    assert!(sockets.done().iter().all(|done| done.event != "CONNECT"));
    // One who tries for a minute has tried long enough.
    let mut trying = sockets.open();
    sockets.wait(61).await;
    let answer =
        trying.ask("hello", json!({"type": "hello", "hello": {"version": "1.0", "resumeid": "x"}})).await;
    assert_eq!(answer["error"]["code"], "no_such_session");
    trying.closed().await;
    // After hello, rubbish is refused, and what is unknown passed over.
    let mut client = sockets.client(&call.anna).await;
    client.send_text("{");
    client.next("a refusal", |frame| frame["error"]["code"] == "invalid_format").await;
    client.send(&json!({"type": "nonsense", "id": "1"}));
    for frame in [
        json!({"type": "room"}),
        json!({"type": "room", "room": {}}),
        json!({"type": "message", "message": {"recipient": {"type": "session"}, "data": 1}}),
        json!({"type": "message", "message": {"recipient": {"type": "session", "sessionid": "x"}}}),
        json!({"type": "message", "message": {"recipient": {"type": "nobody"}, "data": 1}}),
        json!({"type": "control"}),
    ] {
        assert_eq!(client.ask("2", frame.clone()).await["error"]["code"], "invalid_format", "{frame}");
    }
    assert_eq!(client.rest().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_room_is_entered_by_those_who_belong_to_it() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (guest, stranger) = (tenant.nobody(), tenant.user("stranger").await);
    let guest_session = guest.join(&call.token).await;
    let bens = call.ben.join(&call.token).await;

    // A guest does not get in by somebody else's session, nor by none.
    let mut client = sockets.client(&guest).await;
    for session in [bens.as_str(), "", "nobodys"] {
        assert_eq!(client.enter(&call.token, session).await["error"]["code"], "no_such_room");
    }
    assert_eq!(client.enter("nosuchroom", &guest_session).await["error"]["code"], "no_such_room");
    assert_eq!(client.enter("NO ROOM", &guest_session).await["error"]["code"], "no_such_room");
    assert_eq!(client.enter(&call.token, &guest_session).await["room"]["roomid"], call.token);
    let mut lost = sockets.client(&stranger).await;
    assert_eq!(lost.enter(&call.token, &guest_session).await["error"]["code"], "no_such_room");

    assert!(polled(&call.ben, &call.token).await.contains(&bens));
    // A user who shows another one's session is in the room, and not in the call.
    let mut anna = sockets.client(&call.anna).await;
    assert_eq!(anna.enter(&call.token, &bens).await["room"]["roomid"], call.token);
    let list = anna.event("participants", "update").await;
    let users: Vec<&Value> = list["users"].as_array().unwrap().iter().map(|user| &user["userId"]).collect();
    assert_eq!(users.len(), 2);
    assert!(!users.contains(&&json!("anna")), "{users:?}");
    assert!(polled(&call.ben, &call.token).await.contains(&bens), "Ben still polls");

    // Again is no error, and tells nobody anything.
    assert_eq!(client.enter(&call.token, &guest_session).await["room"]["roomid"], call.token);
    // Leaving is always answered.
    let answer = client.enter("", "").await;
    assert_eq!(answer["room"], json!({"roomid": ""}));
    assert_eq!(client.enter("", "").await["room"], json!({"roomid": ""}));
    assert_eq!(guest.ping(&call.token).await, 404, "leaving the room is leaving the call");
}

#[tokio::test]
async fn a_client_that_changes_its_network_misses_nothing() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    anna.rest().await;

    ben.cut();
    for number in 0..5 {
        anna.say(
            &ben.public,
            &json!({"type": if number == 0 { "offer" } else { "candidate" }, "number": number}),
        );
        // One after the other, so that the order is the gateway's.
        anna.rest().await;
    }
    sockets.wait(29).await;
    assert_eq!(peers(&call.anna, &call.token).await, 2, "he may come back");
    let mut again = sockets.open();
    let answer = again.resume(&ben.resume).await;
    assert_eq!(answer["hello"]["sessionid"], ben.public, "the same session");
    assert_eq!((&again.resume, answer["hello"]["userid"].as_str()), (&ben.resume, Some("ben")));
    for number in 0..5 {
        assert_eq!(again.hear().await.1["number"], number);
    }
    let list = again.event("room", "join").await;
    assert_eq!(list.as_array().unwrap().len(), 2, "the first list names everybody");
    let own = again.public.clone();
    again.in_call(&own, 7).await;
    assert_eq!(again.rest().await, Vec::<Value>::new(), "each came once");
    assert_eq!(anna.rest().await, Vec::<Value>::new(), "the others saw nothing of it");

    // The news of the former socket, which comes late and twice, changes nothing.
    sockets.gateway.tell_closed(&ben.id, 0, 1001);
    sockets.gateway.tell_closed(&ben.id, 0, 1001);
    sockets.wait(60).await;
    anna.say(&ben.public, &json!({"type": "offer"}));
    again.hear().await;
    assert_eq!(peers(&call.anna, &call.token).await, 2);
    assert!(call.anna.get("/room").await.list()[0]["count"] == 2);
}

#[tokio::test]
async fn a_client_that_comes_back_too_late_has_left() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut anna = sockets.member(&call.anna, &call.token).await;
    let guest = tenant.nobody();
    let mut left = sockets.member(&guest, &call.token).await;
    left.rest().await;
    anna.in_call(&left.public, 7).await;
    sockets.weather(Weather { farewells: vec![2], ..Weather::default() });
    left.cut();
    // The function has to know of it before the time passes.
    anna.rest().await;
    sockets.wait(31).await;
    assert_eq!(peers(&call.anna, &call.token).await, 1, "nobody sees a ghost");
    assert_eq!(anna.event("room", "leave").await, json!([left.public]));
    anna.in_call(&left.public, 0).await;
    let mut late = sockets.open();
    assert_eq!(late.resume(&left.resume).await["error"]["code"], "no_such_session");
    assert_eq!(guest.ping(&call.token).await, 404);
    // A wrong secret resumes nothing.
    let (public, _) = anna.resume.split_once('.').unwrap();
    assert_eq!(late.resume(&format!("{public}.wrong")).await["error"]["code"], "no_such_session");
}

#[tokio::test]
async fn the_latest_socket_of_a_session_wins() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    let mut again = sockets.open();
    again.resume(&ben.resume).await;
    let bye = ben.next("bye", |frame| frame["type"] == "bye").await;
    assert_eq!(bye["bye"], json!({"reason": "session_resumed"}));
    ben.closed().await;
    sockets.wait(60).await;
    anna.say(&ben.public, &json!({"type": "offer"}));
    again.hear().await;

    // One socket for each session of the call: another one that shows it takes it over.
    let mut other = sockets.client(&call.ben).await;
    let session = call.ben.get(&format!("/room/{}", call.token)).await.text_at("sessionId");
    assert_eq!(other.enter(&call.token, &session).await["room"]["roomid"], call.token);
    let bye = again.next("bye", |frame| frame["type"] == "bye").await;
    assert_eq!(bye["bye"], json!({"reason": "room_session_reconnected"}));
    again.closed().await;
    anna.in_call(&other.public, 7).await;
    sockets.wait(60).await;
    assert_eq!(peers(&call.anna, &call.token).await, 2);
    assert_eq!(sockets.open().resume(&ben.resume).await["error"]["code"], "no_such_session");
}

#[tokio::test]
async fn two_sockets_of_one_user_are_told_of_the_users_rooms() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let carol = tenant.user("carol").await;
    let mut both = [sockets.client(&carol).await, sockets.client(&carol).await];
    call.anna.add(&call.token, &carol).await.expect(200);
    for client in &mut both {
        let invite = client.event("roomlist", "invite").await;
        assert_eq!(invite, json!({"roomid": call.token, "properties": {"name": "", "type": 3}}));
    }
    call.anna.put(&format!("/room/{}", call.token), &[("roomName", "Team")]).await.expect(200);
    for client in &mut both {
        let update = client.event("roomlist", "update").await;
        assert_eq!(update["properties"]["name"], "Team");
    }
    call.anna.remove(&call.token, &carol).await.expect(200);
    for client in &mut both {
        let gone = client.event("roomlist", "disinvite").await;
        assert_eq!(gone, json!({"roomid": call.token, "reason": "disinvited"}));
    }
    // One of them in the call, the other one in the list of rooms.
    call.anna.add(&call.token, &carol).await.expect(200);
    let session = carol.join(&call.token).await;
    let [mut one, mut other] = both;
    one.enter(&call.token, &session).await;
    call.anna.delete(&format!("/room/{}", call.token), &[]).await.expect(200);
    for client in [&mut one, &mut other] {
        let gone = client.event("roomlist", "disinvite").await;
        assert_eq!(gone, json!({"roomid": call.token, "reason": "deleted"}));
    }
    one.next("no room", |frame| frame["type"] == "room" && frame["room"]["roomid"] == "").await;
    assert!(one.enter("", "").await["room"].is_object(), "the socket stays open");
}

#[tokio::test]
async fn one_who_polls_and_one_with_a_socket_are_in_one_call() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let path = format!("/signaling/{}", call.token);
    let polling = call.ben.join(&call.token).await;
    let mut anna = sockets.member(&call.anna, &call.token).await;

    // Each has one address, which both sides know.
    let seen = polled(&call.ben, &call.token).await;
    assert_eq!(seen.len(), 2);
    assert!(seen.contains(&anna.public) && seen.contains(&polling), "{seen:?}");

    // From the socket to the poll, in order.
    anna.say(&polling, &json!({"to": polling, "type": "offer", "from": "somebody else"}));
    anna.rest().await;
    anna.say(&polling, &json!({"to": polling, "type": "candidate"}));
    anna.rest().await;
    let answer = call.ben.get(&path).await;
    let texts: Vec<Value> = answer
        .list()
        .iter()
        .filter(|entry| entry["type"] == "message")
        .map(|entry| serde_json::from_str(entry["data"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(texts.len(), 2, "{}", answer.text);
    assert_eq!(texts[0], json!({"to": polling, "type": "offer", "from": anna.public}));
    assert_eq!(texts[1]["type"], "candidate");

    // And back, exactly once, also while the socket is cut.
    let annas = anna.public.clone();
    let message = |number: usize| {
        let text = json!({"to": annas, "type": "answer", "number": number, "from": "x"}).to_string();
        json!([{"ev": "message", "fn": text, "sessionId": polling}]).to_string()
    };
    call.ben.post(&path, &[("messages", &message(1))]).await.expect(200);
    let (sender, data) = anna.hear().await;
    assert_eq!(sender, polling);
    assert_eq!(data, json!({"to": anna.public, "type": "answer", "number": 1, "from": polling}));
    anna.cut();
    sockets.open().rest().await;
    call.ben.post(&path, &[("messages", &message(2))]).await.expect(200);
    let mut again = sockets.open();
    again.resume(&anna.resume).await;
    assert_eq!(again.hear().await.1["number"], 2);
    assert_eq!(again.rest().await.iter().filter(|frame| frame["type"] == "message").count(), 0);

    // Who polls and leaves is seen to.
    call.ben.delete(&format!("/call/{}", call.token), &[]).await.expect(200);
    again.in_call(&polling, 0).await;
}

#[tokio::test]
async fn somebody_who_is_taken_out_is_out_at_once() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let guest = tenant.nobody();
    let (mut anna, mut ben) = call.both(&sockets).await;
    let mut guests = sockets.member(&guest, &call.token).await;
    anna.in_call(&guests.public, 7).await;

    let session = call.anna.get(&format!("/room/{}/participants", call.token)).await;
    let session = session.list().iter().find(|row| row["userId"] == "").unwrap()["sessionId"].clone();
    let path = format!("/room/{}/participants/guests", call.token);
    // Before anybody with a socket is told: the right counts, not the news.
    sockets.hold_changes_back();
    call.anna.delete(&path, &[("participant", session.as_str().unwrap())]).await.expect(200);
    guests.say(&anna.public, &json!({"type": "offer"}));
    guests.say(&anna.public, &json!({"type": "candidate"}));
    let early = guests.rest().await;
    assert!(anna.rest().await.iter().all(|frame| frame["type"] != "message"));
    sockets.carry_changes();
    call.anna.remove(&call.token, &call.ben).await.expect(200);
    // What was on its way when the changes were held back may have told the guest already.
    if !early.iter().any(|frame| frame["event"]["type"] == "disinvite") {
        guests.event("roomlist", "disinvite").await;
    }
    guests.closed().await;
    ben.event("roomlist", "disinvite").await;
    ben.closed().await;
    anna.in_call(&ben.public, 0).await;
    for resume in [&ben.resume, &guests.resume] {
        assert_eq!(sockets.open().resume(resume).await["error"]["code"], "no_such_session");
    }
}

#[tokio::test]
async fn an_account_that_is_disabled_or_removed_has_no_sockets() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let admin = tenant.admin().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    admin.put("/ocs/v2.php/cloud/users/ben/disable", &[]).await.expect(200);
    ben.closed().await;
    anna.in_call(&ben.public, 0).await;
    assert_eq!(sockets.open().resume(&ben.resume).await["error"]["code"], "no_such_session");
    let carol = tenant.user("carol").await;
    let mut carols = sockets.client(&carol).await;
    admin.delete("/ocs/v2.php/cloud/users/carol", &[]).await.expect(200);
    carols.closed().await;
    assert_eq!(sockets.open().resume(&carols.resume).await["error"]["code"], "no_such_session");
    let left = tenant.everything().await;
    assert!(!left.iter().any(|item| item.contains("USER#carol") && !item.contains("SOCKETS")), "{left:?}");
}

#[tokio::test]
async fn nobody_speaks_in_another_ones_name_or_into_another_room() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    let mallory = tenant.user("mallory").await;
    let elsewhere = mallory.public_room().await;
    let mut mallorys = sockets.member(&mallory, &elsewhere).await;

    ben.say(&anna.public, &json!({"type": "offer", "from": mallorys.public}));
    assert_eq!(anna.hear().await, (ben.public.clone(), json!({"type": "offer", "from": ben.public})));
    mallorys.say(&anna.public, &json!({"type": "offer"}));
    mallorys.say(&anna.public, &json!({"type": "candidate"}));
    mallorys.send(
        &json!({"type": "message", "message": {"recipient": {"type": "user", "userid": "anna"}, "data": 1}}),
    );
    ben.say(&ben.public.clone(), &json!({"type": "offer"}));
    ben.say(&"0".repeat(32), &json!({"type": "offer"}));
    ben.say("nobody", &json!({"type": "offer"}));
    // Only moderators control others.
    ben.send(&json!({"type": "control", "control": {
        "recipient": {"type": "session", "sessionid": anna.public}, "data": {"action": "forceMute"}}}));
    mallorys.rest().await;
    assert!(ben.rest().await.iter().all(|frame| frame["type"] != "message" && frame["type"] != "error"));
    assert!(anna.rest().await.iter().all(|frame| frame["type"] != "message" && frame["type"] != "control"));
    anna.send(&json!({"type": "control", "control": {
        "recipient": {"type": "session", "sessionid": ben.public}, "data": {"action": "forceMute"}}}));
    let control = ben.next("control", |frame| frame["type"] == "control").await;
    assert_eq!(control["control"]["data"], json!({"action": "forceMute"}));
    assert_eq!(control["control"]["sender"]["sessionid"], anna.public);

    // To a user, to the room, to the call.
    let mut listener = sockets.client(&call.ben).await;
    listener.enter(&call.token, "").await;
    listener.rest().await;
    for (recipient, is_for_listener) in [
        (json!({"type": "user", "userid": "ben"}), true),
        (json!({"type": "room"}), true),
        (json!({"type": "call"}), false),
    ] {
        anna.send(
            &json!({"type": "message", "message": {"recipient": recipient, "data": {"type": "raiseHand"}}}),
        );
        let heard = ben.next("a message", |frame| frame["type"] == "message").await;
        assert_eq!(heard["message"]["sender"]["type"], recipient["type"]);
        let others = listener.rest().await;
        assert_eq!(others.iter().any(|frame| frame["type"] == "message"), is_for_listener, "{recipient}");
    }
    assert!(mallorys.rest().await.iter().all(|frame| frame["type"] != "message"));
}

#[tokio::test]
async fn ten_silent_minutes_and_two_hours_cost_a_client_a_reconnect_at_most() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.rest().await;
    ben.rest().await;
    sockets.wait(100 * 60).await;
    assert_eq!(sockets.gateway.count(), 2, "nobody was cut");
    assert_eq!(peers(&call.anna, &call.token).await, 2, "nobody pinged, and both are there");
    let quiet = json!({"type": "event", "event": {"target": "room", "type": "join", "join": []}});
    assert!(anna.rest().await.iter().all(|frame| *frame == quiet));

    // Before the gateway's two hours are over, the client is asked to open another socket, and then has to.
    sockets.wait(12 * 60).await;
    assert_eq!(ben.closed().await, 1000, "closed by the function and not by the gateway");
    assert!(ben.rest().await.iter().any(|frame| frame["error"]["code"] == "hello_expected"));
    let mut again = sockets.open();
    assert_eq!(again.resume(&ben.resume).await["type"], "hello");
    anna.closed().await;
    let mut annas = sockets.open();
    annas.resume(&anna.resume).await;
    sockets.wait(60).await;
    assert_eq!(peers(&call.anna, &call.token).await, 2);
    annas.say(&again.public.clone(), &json!({"type": "offer"}));
    again.hear().await;
}

#[tokio::test]
async fn a_socket_of_whose_end_nobody_is_told_is_no_ghost_for_long() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    ben.rest().await;
    sockets.weather(Weather { farewells: vec![0], ..Weather::default() });
    ben.cut();
    sockets.wait(12 * 60).await;
    assert_eq!(peers(&call.anna, &call.token).await, 1);
    anna.in_call(&ben.public, 0).await;
    assert_eq!(anna.event("room", "leave").await, json!([ben.public]));
    assert_eq!(sockets.open().resume(&ben.resume).await["error"]["code"], "no_such_session");
    // Even when the clock does not tick, the presence ends.
    let carol = tenant.user("carol").await;
    call.anna.add(&call.token, &carol).await.expect(200);
    sockets.member(&carol, &call.token).await;
    tenant.wait(15 * 60);
    assert_eq!(peers(&call.anna, &call.token).await, 0);
}

#[tokio::test]
async fn somebody_who_pings_is_held_to_the_pings() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let guest = tenant.nobody();
    sockets.member(&call.anna, &call.token).await;
    sockets.member(&guest, &call.token).await;
    assert_eq!(guest.ping(&call.token).await, 200);
    tenant.wait(29);
    assert_eq!(peers(&call.anna, &call.token).await, 2);
    tenant.wait(1);
    assert_eq!(peers(&call.anna, &call.token).await, 1, "silent for 30 seconds");
    assert_eq!(guest.ping(&call.token).await, 200);
    assert_eq!(peers(&call.anna, &call.token).await, 2);
    sockets.wait(240).await;
    assert_eq!(guest.ping(&call.token).await, 404, "silent for 100 seconds, whatever the clock writes");
}

#[tokio::test]
async fn what_was_committed_is_told_when_the_function_that_did_it_died() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut anna = sockets.member(&call.anna, &call.token).await;
    let carol = tenant.user("carol").await;
    let mut carols = sockets.client(&carol).await;
    let dying = tenant.faulty(Fault::crash_after(1));
    // It commits, and then nothing that it asks for is done any more.
    dying.known(&call.anna).add(&call.token, &carol).await;
    carols.event("roomlist", "invite").await;
    sockets.member(&call.ben, &call.token).await;
    let dying = tenant.faulty(Fault::crash_after(1));
    dying
        .known(&call.anna)
        .post(&format!("/room/{}/moderators", call.token), &[("participant", "ben")])
        .await;
    let is_promoted = |frame: &Value| {
        let users = frame["event"]["update"]["users"].as_array();
        let is_it = |user: &Value| user["userId"] == "ben" && user["participantType"] == 2;
        users.is_some_and(|users| users.iter().any(is_it))
    };
    anna.next("the promotion", is_promoted).await;
    let dying = tenant.faulty(Fault::crash_after(1));
    dying.known(&call.anna).remove(&call.token, &carol).await;
    carols.event("roomlist", "disinvite").await;
}

#[tokio::test]
async fn a_hundred_in_a_room_are_told_in_batches() {
    const MEMBERS: usize = 100;
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let sockets = tenant.sockets().await;
    let people: Vec<Person<'_>> = (0..MEMBERS).map(|_| tenant.nobody()).collect();
    let joining = people.iter().map(|person| sockets.member(person, &token));
    let mut clients: Vec<Client<'_>> = join_all(joining).await;
    let last = clients.iter().map(|client| client.public.clone()).collect::<Vec<_>>();
    // In the end everybody knows of everybody.
    for client in &mut clients {
        for public in &last {
            if *public != client.public {
                client.learn(public).await;
            }
        }
    }
    let told = sockets.done().iter().filter(|done| done.event == "changes").count();
    assert!(told < 2 * MEMBERS, "{told} events told of {MEMBERS} who came");
    // A message to the room reaches all of them, once.
    clients[0].send(&json!({"type": "message", "message": {"recipient": {"type": "room"}, "data": {"type": "raiseHand"}}}));
    for client in &mut clients[1..] {
        client.hear().await;
    }
}

#[tokio::test]
async fn a_flood_ends_in_errors_for_the_one_who_sends_it() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let guest = tenant.nobody();
    let (mut anna, mut ben) = call.both(&sockets).await;
    let mut guests = sockets.member(&guest, &call.token).await;

    // What is too long: the gateway closes, or the function refuses.
    let long = "x".repeat(MAX_FRAME_BYTES);
    ben.say(&anna.public, &json!({"type": "offer", "text": long}));
    assert_eq!(ben.closed().await, 1009);
    let annas = anna.public.clone();
    let frame = |text: &str| {
        json!({"id": "1", "type": "message", "message": {
            "recipient": {"type": "session", "sessionid": annas}, "data": {"type": "offer", "text": text}}})
    };
    sockets.gateway.send_in_frames(&guests.id, &frame(&"x".repeat(64 * 1024)).to_string());
    let refusal = guests.next("a refusal", |answer| answer["id"] == "1").await;
    assert_eq!(refusal["error"]["code"], "invalid_format");

    // A guest writes two megabytes a minute.
    let text = "x".repeat(60 * 1024);
    let mut refused = 0;
    for _ in 0..40 {
        sockets.gateway.send_in_frames(&guests.id, &frame(&text).to_string());
        let answer = tokio::time::timeout(Duration::from_secs(10), async {
            tokio::select! {
                heard = anna.hear() => { assert!(heard.1["text"] == text); false }
                _ = guests.next("a refusal", |answer| answer["error"]["code"] == "too_many_requests") => true,
            }
        })
        .await;
        refused += usize::from(answer.unwrap());
    }
    assert_eq!(refused, 40 - 33, "2,048 KiB in pieces of 61");

    // Four hundred messages wait for somebody who was cut, and no more.
    let carol = tenant.user("carol").await;
    call.anna.add(&call.token, &carol).await.expect(200);
    let carols = sockets.member(&carol, &call.token).await;
    carols.cut();
    anna.rest().await;
    let sends = (0..410).map(|number| {
        let text = json!({"type": "message", "message": {
            "recipient": {"type": "session", "sessionid": carols.public}, "data": {"type": "offer", "n": number}}});
        text.to_string()
    });
    for text in sends {
        sockets.gateway.send(&anna.id, &text);
    }
    let mut errors = 0;
    while errors < 10 {
        anna.next("an error", |answer| answer["error"]["code"] == "too_many_requests").await;
        errors += 1;
    }
    let mut again = sockets.open();
    again.resume(&carols.resume).await;
    for _ in 0..400 {
        again.hear().await;
    }
    assert!(again.rest().await.iter().all(|frame| frame["type"] != "message"));
    sockets.gateway.send_in_frames(&anna.id, &"x".repeat(MAX_MESSAGE_BYTES + 1));
    assert_eq!(anna.closed().await, 1009);
}

#[tokio::test]
async fn a_gateway_that_is_slow_or_full_loses_no_message() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    ben.rest().await;
    sockets.weather(Weather { refusals: vec![429, 429], ..Weather::default() });
    anna.say(&ben.public, &json!({"type": "offer", "number": 1}));
    assert_eq!(ben.hear().await.1["number"], 1);
    // One that stays full is closed; its client comes back for what it missed.
    sockets.weather(Weather { refusals: vec![429; 4], ..Weather::default() });
    anna.say(&ben.public, &json!({"type": "offer", "number": 2}));
    ben.closed().await;
    let mut again = sockets.open();
    again.resume(&ben.resume).await;
    assert_eq!(again.hear().await.1["number"], 2);
}

#[tokio::test]
async fn moving_from_room_to_room_leaves_nothing_behind() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets: Sockets<'_> = tenant.sockets().await;
    let other = call.anna.public_room().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    let session = call.ben.join(&other).await;
    assert_eq!(ben.enter(&other, &session).await["room"]["roomid"], other);
    assert_eq!(anna.event("room", "leave").await, json!([ben.public]));
    anna.in_call(&ben.public, 0).await;
    anna.say(&ben.public, &json!({"type": "offer"}));
    anna.rest().await;
    assert!(ben.rest().await.iter().all(|frame| frame["type"] != "message"));
    ben.ask("bye", json!({"type": "bye", "bye": {}})).await;
    anna.ask("bye", json!({"type": "bye", "bye": {}})).await;
    sockets.wait(300).await;
    let left = tenant.everything().await;
    let is_live = |item: &&String| {
        ["SESSION#", "\"pk\": S(\"SOCKETS\")", "OUTBOX#", "QUEUE#", "\"socket\"", "connected_until"]
            .iter()
            .any(|part| item.contains(part))
            && !item.contains("ROSTER")
    };
    assert_eq!(left.iter().filter(is_live).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn what_concerns_nobody_with_a_socket_does_not_reach_the_function() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let mut anna = sockets.member(&call.anna, &call.token).await;
    call.ben.join(&call.token).await;
    polled(&call.ben, &call.token).await;
    anna.rest().await;
    let changes = || sockets.done().iter().filter(|done| done.event == "changes").count();
    let before = changes();
    for _ in 0..3 {
        assert_eq!(call.ben.ping(&call.token).await, 200);
    }
    call.anna.get("/signaling/settings").await.expect(200);
    anna.say("nobody", &json!({"type": "candidate"}));
    sockets.wait(240).await;
    anna.rest().await;
    assert_eq!(changes(), before, "pings, tickets, what is held and the clock are nobody's news");
}

#[tokio::test]
async fn a_room_takes_nine_hundred_sockets_and_tells_all_of_them() {
    const SEATED: usize = 899;
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    sockets.hold_changes_back();
    tenant.seat_guests(&call.token, SEATED, 0).await;
    let mut seated = sockets.seat(&call.token, SEATED).await;
    sockets.carry_changes();
    let mut anna = sockets.member(&call.anna, &call.token).await;
    for client in &mut seated {
        client.learn(&anna.public).await;
    }
    anna.rest().await;
    let told =
        sockets.done().iter().filter(|done| done.event == "changes").map(|done| done.usage.requests()).max();
    assert!(told.is_some_and(|requests| requests < 20), "{told:?} requests to tell nine hundred");

    let session = call.ben.join(&call.token).await;
    let mut ben = sockets.client(&call.ben).await;
    let answer = ben.enter(&call.token, &session).await;
    assert_eq!(answer["error"]["code"], "room_join_failed");
    assert_eq!(answer["error"]["message"], "The room has 900 sessions, which is the most it takes.");
}

#[tokio::test]
async fn what_was_said_before_bye_is_heard() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (anna, mut ben) = call.both(&sockets).await;
    anna.say(&ben.public, &json!({"type": "unshareScreen"}));
    anna.send(&json!({"type": "bye", "bye": {}}));
    assert_eq!(ben.hear().await.1, json!({"type": "unshareScreen"}));
    ben.in_call(&anna.public, 0).await;
}

#[tokio::test]
async fn a_cut_that_a_message_meets_first_ends_the_session_in_time_all_the_same() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    sockets.weather(Weather { farewells: vec![0], ..Weather::default() });
    ben.cut();
    anna.say(&ben.public, &json!({"type": "offer"}));
    anna.rest().await;
    tenant.wait(2);
    sockets.gateway.tell_closed(&ben.id, 0, 1001);
    anna.rest().await;
    tenant.wait(29);
    assert_eq!(anna.event("room", "leave").await, json!([ben.public]));
    anna.in_call(&ben.public, 0).await;
    assert_eq!(peers(&call.anna, &call.token).await, 1);
}

#[tokio::test]
async fn a_frame_that_the_gateway_never_takes_harms_nobody() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    anna.in_call(&ben.public, 7).await;
    ben.rest().await;
    sockets.weather(Weather { refusals: vec![413], ..Weather::default() });
    anna.say(&ben.public, &json!({"type": "offer", "number": 1}));
    anna.rest().await;
    anna.say(&ben.public, &json!({"type": "offer", "number": 2}));
    assert_eq!(ben.hear().await.1["number"], 2, "on the same socket");
}

#[tokio::test]
async fn what_the_stream_lost_the_clock_makes_good() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let admin = tenant.admin().await;
    let (mut anna, mut ben) = call.both(&sockets).await;
    let guest = tenant.nobody();
    let mut guests = sockets.member(&guest, &call.token).await;
    anna.in_call(&guests.public, 7).await;
    anna.rest().await;
    sockets.hold_changes_back();
    admin.put("/ocs/v2.php/cloud/users/ben/disable", &[]).await.expect(200);
    guest.delete(&format!("/call/{}", call.token), &[]).await.expect(200);
    sockets.wait(240).await;
    ben.closed().await;
    guests.closed().await;
    let list = anna.in_call(&ben.public, 0).await.to_string();
    assert!(list.contains(&guests.public), "both in one list: {list}");
}

#[tokio::test]
async fn a_guest_who_writes_when_the_minute_turns_is_heard() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let sockets = tenant.sockets().await;
    let guest = tenant.nobody();
    let mut anna = sockets.member(&call.anna, &call.token).await;
    let guests = sockets.member(&guest, &call.token).await;
    let table = tenant.table();
    let token = shared::domain::room::Token::parse(&call.token).unwrap();
    guests.say(&anna.public, &json!({"type": "offer"}));
    anna.hear().await;
    // Another instance, whose clock is a second ahead, has begun the next minute.
    let session = sockets.session_of(&guests.public).await;
    let now = shared::domain::time::Timestamp(tenant.now());
    assert!(table.count_guest(&token, &session, 1, now.plus(60)).await.unwrap());
    assert!(table.count_guest(&token, &session, 1, now).await.unwrap());
}
