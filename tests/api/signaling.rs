//! `/signaling...`: members of a call write to each other, and wait for one another.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Person, Scene, Tenant};

/// What somebody sends to a session.
fn message(sender: &str, recipient: &str, text: &str) -> Value {
    let payload = json!({"to": recipient, "type": "offer", "text": text, "from": "somebody else"});
    json!({"ev": "message", "fn": payload.to_string(), "sessionId": sender})
}

async fn send(person: &Person<'_>, token: &str, messages: &[Value]) -> Answer {
    let text = Value::from(messages.to_vec()).to_string();
    person.post(&format!("/signaling/{token}"), &[("messages", &text)]).await
}

async fn poll(person: &Person<'_>, token: &str) -> Answer {
    person.get(&format!("/signaling/{token}")).await
}

/// The texts of the messages in an answer, in order; each names its sender.
fn texts(answer: &Answer, sender: &str) -> Vec<String> {
    let entries = answer.list().iter().filter(|entry| entry["type"] == "message");
    let payloads = entries.map(|entry| {
        let payload: Value = serde_json::from_str(entry["data"].as_str().expect("a text")).expect("JSON");
        assert_eq!(payload["from"], sender);
        payload["text"].as_str().expect("a text").to_owned()
    });
    payloads.collect()
}

/// The sessions that an answer shows in the room.
fn sessions(answer: &Answer) -> BTreeSet<String> {
    let list = answer.list();
    let present = list.last().expect("who is there");
    assert_eq!(present["type"], "usersInRoom");
    let entries = present["data"].as_array().expect("a list").iter();
    entries.map(|entry| entry["sessionId"].as_str().expect("a session").to_owned()).collect()
}

fn set(sessions: &[&String]) -> BTreeSet<String> {
    sessions.iter().map(|&session| session.clone()).collect()
}

/// A public room with its owner and a guest in the call, who both know of each other.
struct Call<'a> {
    token: String,
    owner: Person<'a>,
    owner_session: String,
    guest: Person<'a>,
    guest_session: String,
}

impl<'a> Call<'a> {
    async fn new(tenant: &'a Tenant) -> Self {
        Self::of(tenant, tenant.user("owner").await).await
    }

    async fn of(tenant: &'a Tenant, owner: Person<'a>) -> Self {
        let guest = tenant.nobody();
        let token = owner.public_room().await;
        let (owner_session, guest_session) = (owner.join(&token).await, guest.join(&token).await);
        for person in [&owner, &guest] {
            let answer = poll(person, &token).await.expect(200);
            assert_eq!(sessions(&answer), set(&[&owner_session, &guest_session]));
        }
        Self { token, owner, owner_session, guest, guest_session }
    }

    fn to_guest(&self, text: &str) -> Value {
        message(&self.owner_session, &self.guest_session, text)
    }
}

#[tokio::test]
async fn members_of_a_call_write_to_each_other() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    send(&call.owner, &call.token, &[call.to_guest("offer")]).await.expect(200);
    let answer = poll(&call.guest, &call.token).await.expect(200);
    assert_eq!(texts(&answer, &call.owner_session), ["offer"]);
    let answers = [message(&call.guest_session, &call.owner_session, "answer")];
    assert_eq!(send(&call.guest, &call.token, &answers).await.expect(200).data(), &json!([]));
    let answer = poll(&call.owner, &call.token).await.expect(200);
    assert_eq!(texts(&answer, &call.guest_session), ["answer"]);
    let present = &answer.list()[1]["data"][0];
    let expected = json!({
        "userId": "owner", "roomId": call.owner.room(&call.token).await["id"],
        "lastPing": tenant.moment(tenant.now(), &present["lastPing"]),
        "sessionId": call.owner_session, "inCall": 7, "participantType": 1,
    });
    assert_eq!(present, &expected);
    assert_eq!(answer.list()[1]["data"][1]["participantType"], 4);
}

#[tokio::test]
async fn the_oldest_clients_need_no_token() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let both = json!([{"ev": "stunservers"}, call.to_guest("offer"), {"ev": "turnservers"}]).to_string();
    let answer = call.owner.post("/signaling", &[("messages", &both)]).await.expect(200);
    assert_eq!(answer.data(), &json!([]), "there are no servers");
    let answer = call.guest.get("/signaling").await.expect(200);
    assert_eq!(texts(&answer, &call.owner_session), ["offer"]);
    // Of several rooms of a guest it is the one last heard of.
    tenant.wait(1);
    let other = call.owner.public_room().await;
    let session = call.guest.join(&other).await;
    assert_eq!(sessions(&call.guest.get("/signaling").await.expect(200)), set(&[&session]));
}

#[tokio::test]
async fn somebody_outside_the_call_is_told_so() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let nobody = json!([{"type": "usersInRoom", "data": []}]);
    for person in [&scene.owner, &scene.stranger, &scene.nobody] {
        let answer = poll(person, &scene.token).await.expect(404);
        assert_eq!(answer.data(), &nobody);
        assert_eq!(person.get("/signaling").await.expect(404).data(), &nobody);
        let forged = [message(&scene.guest_session, &scene.guest_session, "x")];
        assert_eq!(send(person, &scene.token, &forged).await.expect(200).data(), &json!([]));
    }
    let answer = poll(&scene.guest, &scene.token).await.expect(200);
    assert_eq!(texts(&answer, ""), Vec::<String>::new());
    let leaves = scene.guest.elsewhere();
    leaves.get("/signaling/unknown1").await.expect(404);
    leaves.get("/signaling/x").await.expect(404);
}

#[tokio::test]
async fn what_is_no_message_to_a_member_is_ignored() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let elsewhere = tenant.user("ben").await;
    let other = elsewhere.public_room().await;
    let foreign = elsewhere.join(&other).await;
    let (own, to) = (&call.owner_session, &call.guest_session);
    let ignored = [
        json!({"ev": "message", "fn": {"to": to}, "sessionId": own}),
        json!({"ev": "message", "fn": "no JSON", "sessionId": own}),
        json!({"ev": "message", "fn": "[]", "sessionId": own}),
        json!({"ev": "message", "fn": "{}", "sessionId": own}),
        json!({"ev": "unknown", "fn": json!({"to": to}).to_string(), "sessionId": own}),
        json!({"fn": json!({"to": to}).to_string(), "sessionId": own}),
        json!("text"),
        message(to, to, "under the guest's name"),
        message("", to, "under no name"),
        message(own, &foreign, "to another room"),
        message(own, "nobody", "to nobody"),
        message(own, "0", "to those who are out"),
    ];
    send(&call.owner, &call.token, &ignored).await.expect(200);
    send(&call.owner, &call.token, &[call.to_guest("good")]).await.expect(200);
    assert_eq!(texts(&poll(&call.guest, &call.token).await, own), ["good"]);
    let answer = poll(&elsewhere, &other).await.expect(200);
    assert_eq!(answer.list().len(), 1, "{}", answer.text);
    for wrong in ["", "{}", "text", "[", "7"] {
        let path = format!("/signaling/{}", call.token);
        call.owner.post(&path, &[("messages", wrong)]).await.expect(400);
    }
}

#[tokio::test]
async fn messages_arrive_in_the_order_sent() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let mut sent = Vec::new();
    for request in 0..6 {
        let texts: Vec<String> = (0..20).map(|number| format!("{request}.{number}")).collect();
        let messages: Vec<Value> = texts.iter().map(|text| call.to_guest(text)).collect();
        send(&call.owner, &call.token, &messages).await.expect(200);
        sent.extend(texts);
    }
    // An answer holds a hundred at most.
    let first = texts(&poll(&call.guest, &call.token).await, &call.owner_session);
    let second = texts(&poll(&call.guest, &call.token).await, &call.owner_session);
    assert_eq!((first.len(), second.len()), (100, 20));
    assert_eq!([first, second].concat(), sent);
}

#[tokio::test]
async fn two_polls_at_once_never_both_get_a_message() {
    let tenant = Tenant::new().await;
    for round in 0..8 {
        let owner = tenant.user(&format!("owner{round}")).await;
        let call = Call::of(&tenant, owner).await;
        let messages: Vec<Value> = (0..10).map(|number| call.to_guest(&number.to_string())).collect();
        send(&call.owner, &call.token, &messages).await.expect(200);
        let polls = join_all((0..4).map(|_| poll(&call.guest, &call.token))).await;
        let got: Vec<String> = polls.iter().flat_map(|answer| texts(answer, &call.owner_session)).collect();
        assert_eq!(got, (0..10).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_later_poll_gets_what_an_abandoned_one_must_not_swallow() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let returning = call.guest.elsewhere();
    for (name, value) in call.guest.cookies() {
        returning.steal_cookie(&name, &value);
    }
    tenant.stop_after(0);
    let comes_back = async {
        tenant.sleeping(1).await;
        let waits = async {
            tenant.sleeping(2).await;
            send(&call.owner, &call.token, &[call.to_guest("offer")]).await.expect(200);
            tenant.go_on();
        };
        tokio::join!(poll(&returning, &call.token), waits).0
    };
    let (abandoned, later) = tokio::join!(poll(&call.guest, &call.token), comes_back);
    assert_eq!(texts(&later, &call.owner_session), ["offer"]);
    assert_eq!(texts(&abandoned, &call.owner_session), Vec::<String>::new());
    assert_eq!(sessions(&abandoned), set(&[&call.owner_session, &call.guest_session]));
}

#[tokio::test]
async fn senders_at_once_lose_nothing() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let guests: Vec<Person<'_>> = (0..5).map(|_| tenant.nobody()).collect();
    let sessions = join_all(guests.iter().map(|guest| guest.join(&call.token))).await;
    let sending = guests.iter().zip(&sessions).map(|(guest, session)| async {
        for number in 0..5 {
            let text = format!("{number}");
            send(guest, &call.token, &[message(session, &call.owner_session, &text)]).await.expect(200);
        }
    });
    join_all(sending).await;
    let answer = poll(&call.owner, &call.token).await.expect(200);
    let mut by_sender: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for entry in answer.list().iter().filter(|entry| entry["type"] == "message") {
        let payload: Value = serde_json::from_str(entry["data"].as_str().unwrap()).unwrap();
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        by_sender.entry(text("from")).or_default().push(text("text"));
    }
    assert_eq!(by_sender.keys().cloned().collect::<BTreeSet<_>>(), sessions.into_iter().collect());
    assert!(by_sender.values().all(|texts| *texts == ["0", "1", "2", "3", "4"]), "{by_sender:?}");
}

#[tokio::test]
async fn limits_are_told_and_nothing_is_half_sent() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let third = tenant.nobody();
    let session = third.join(&call.token).await;
    let frame = json!({"to": call.guest_session, "text": ""}).to_string().len();
    let sized = |bytes: usize| {
        let payload = json!({"to": call.guest_session, "text": "x".repeat(bytes - frame)}).to_string();
        json!({"ev": "message", "fn": payload, "sessionId": call.owner_session})
    };
    send(&call.owner, &call.token, &[sized(64 * 1024)]).await.expect(200);
    let answer =
        send(&call.owner, &call.token, &[call.to_guest("a"), sized(64 * 1024 + 1)]).await.expect(413);
    assert!(answer.text.contains("65536"), "{}", answer.text);
    let many: Vec<Value> = (0..101).map(|_| call.to_guest("b")).collect();
    assert!(send(&call.owner, &call.token, &many).await.expect(413).text.contains("100"));
    // Numbers that become longer when they are written again count as they are stored.
    let numbers = format!("[{}]", vec!["1e15"; 13_000].join(","));
    let payload = format!(r#"{{"to":"{}","numbers":{numbers}}}"#, call.guest_session);
    let growing = json!({"ev": "message", "fn": payload, "sessionId": call.owner_session});
    send(&call.owner, &call.token, &vec![growing; 40]).await.expect(413);
    let taken = texts(&poll(&call.guest, &call.token).await, &call.owner_session);
    assert_eq!(taken.len(), 1, "of what was refused nothing came");
    for _ in 0..4 {
        send(&call.owner, &call.token, &many[..100]).await.expect(200);
    }
    // One recipient has no room, so nobody gets anything.
    let both = [message(&call.owner_session, &session, "c"), call.to_guest("c")];
    for _ in 0..5 {
        assert!(send(&call.owner, &call.token, &both).await.expect(429).text.contains("400"));
    }
    assert_eq!(texts(&poll(&third, &call.token).await, &call.owner_session), Vec::<String>::new());
    assert_eq!(texts(&poll(&call.guest, &call.token).await, &call.owner_session).len(), 100);
    send(&call.owner, &call.token, &both).await.expect(200);
    assert_eq!(texts(&poll(&third, &call.token).await, &call.owner_session), ["c"]);
}

#[tokio::test]
async fn joining_again_drops_what_waited_for_the_old_session() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    send(&call.owner, &call.token, &[call.to_guest("old")]).await.expect(200);
    let session = call.guest.join(&call.token).await;
    let answer = poll(&call.guest, &call.token).await.expect(200);
    assert_eq!((answer.list().len(), sessions(&answer)), (1, set(&[&call.owner_session, &session])));
    // To the old session nobody can write any more.
    send(&call.owner, &call.token, &[call.to_guest("late")]).await.expect(200);
    send(&call.owner, &call.token, &[message(&call.owner_session, &session, "new")]).await.expect(200);
    assert_eq!(texts(&poll(&call.guest, &call.token).await, &call.owner_session), ["new"]);
}

#[tokio::test]
async fn after_two_minutes_a_message_is_worth_nothing() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    send(&call.owner, &call.token, &[call.to_guest("old")]).await.expect(200);
    for _ in 0..2 {
        tenant.wait(60);
        call.guest.ping(&call.token).await;
    }
    let session = call.owner.join(&call.token).await;
    assert_eq!(poll(&call.guest, &call.token).await.expect(200).list().len(), 1);
    // What DynamoDB has not deleted yet is in nobody's way.
    send(&call.owner, &call.token, &[message(&session, &call.guest_session, "new")]).await.expect(200);
    assert_eq!(texts(&poll(&call.guest, &call.token).await, &session), ["new"]);
}

#[tokio::test]
async fn a_quiet_poll_waits_and_keeps_everybody_in() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let begun = tenant.now();
    for _ in 0..8 {
        let polls = join_all([poll(&call.owner, &call.token), poll(&call.guest, &call.token)]).await;
        for answer in &polls {
            assert_eq!(answer.list().len(), 1);
            assert_eq!(sessions(answer), set(&[&call.owner_session, &call.guest_session]));
        }
    }
    assert!(tenant.now() - begun > 60, "so nobody pinged but by polling");
    // One item a second at most, and no more than a ping and three looks beside that.
    let answer = poll(&call.owner, &call.token).await.expect(200);
    let reads = answer.usage.operations["GetItem"];
    assert!((20..=26).contains(&reads), "{reads} reads in 20 seconds");
    assert!(answer.usage.requests() <= reads + 5, "{:?}", answer.usage.operations);
}

#[tokio::test]
async fn a_message_ends_the_waiting() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let begun = tenant.now();
    tenant.stop_after(3);
    let sends = async {
        tenant.sleeping(4).await;
        // Older clients ping beside their polls, which is no poll.
        assert_eq!(call.guest.ping(&call.token).await, 200);
        send(&call.owner, &call.token, &[call.to_guest("offer")]).await.expect(200);
        tenant.go_on();
    };
    let (answer, ()) = tokio::join!(poll(&call.guest, &call.token), sends);
    assert_eq!(texts(&answer, &call.owner_session), ["offer"]);
    assert!(tenant.now() - begun <= 2, "not at the end of the twenty seconds");
}

#[tokio::test]
async fn coming_and_going_ends_the_waiting() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let ben = tenant.user("ben").await;
    tenant.stop_after(0);
    let joins = async {
        tenant.sleeping(1).await;
        let session = ben.join(&call.token).await;
        tenant.go_on();
        session
    };
    let (answer, session) = tokio::join!(poll(&call.guest, &call.token), joins);
    assert_eq!(sessions(&answer), set(&[&call.owner_session, &call.guest_session, &session]));
    tenant.stop_after(0);
    let leaves = async {
        tenant.sleeping(1).await;
        ben.leave(&call.token).await;
        tenant.go_on();
    };
    let (answer, ()) = tokio::join!(poll(&call.guest, &call.token), leaves);
    assert_eq!(sessions(&answer), set(&[&call.owner_session, &call.guest_session]));
}

#[tokio::test]
async fn what_happens_between_two_polls_is_told_at_the_next() {
    let tenant = Tenant::new().await;
    let call = Call::new(&tenant).await;
    let begun = tenant.now();
    let ben = tenant.nobody();
    let session = ben.join(&call.token).await;
    let answer = poll(&call.guest, &call.token).await.expect(200);
    assert_eq!(sessions(&answer), set(&[&call.owner_session, &call.guest_session, &session]));
    ben.leave(&call.token).await;
    let answer = poll(&call.guest, &call.token).await.expect(200);
    assert_eq!(sessions(&answer), set(&[&call.owner_session, &call.guest_session]));
    assert_eq!(tenant.now(), begun, "nobody waited");
}

#[tokio::test]
async fn the_removed_are_told_while_they_wait() {
    let tenant = Tenant::new().await;
    for way in 0..4 {
        let owner = tenant.user(&format!("owner{way}")).await;
        let call = Call::of(&tenant, owner).await;
        let room = format!("/room/{}", call.token);
        tenant.stop_after(0);
        let removes = async {
            tenant.sleeping(1).await;
            match way {
                0 => {
                    let guest = [("participant", call.guest_session.as_str())];
                    call.owner.delete(&format!("{room}/participants/guests"), &guest).await.expect(200);
                }
                1 => {
                    call.owner.delete(&format!("{room}/public"), &[]).await.expect(200);
                }
                2 => {
                    call.owner.delete(&room, &[]).await.expect(200);
                }
                _ => {
                    call.guest.join(&call.token).await;
                }
            }
            tenant.go_on();
        };
        let waiting = call.guest.elsewhere();
        for (name, value) in call.guest.cookies() {
            waiting.steal_cookie(&name, &value);
        }
        let (answer, ()) = tokio::join!(poll(&waiting, &call.token), removes);
        assert_eq!(answer.status, 404, "{way}: {}", answer.text);
        assert_eq!(answer.data(), &json!([{"type": "usersInRoom", "data": []}]));
    }
}

#[tokio::test]
async fn settings_name_the_servers_and_give_a_ticket() {
    let tenant = Tenant::new().await;
    let (anna, guest) = (tenant.user("anna").await, tenant.nobody());
    for (person, id) in [(&anna, "anna"), (&guest, "")] {
        let answer = person.get("/signaling/settings").await.expect(200);
        let data = answer.data();
        // A deployed stack has sockets of its own.
        assert!(data["server"] == json!([]) || data["server"].as_str().unwrap().contains(".execute-api."));
        assert_eq!((&data["stunservers"], &data["turnservers"]), (&json!([]), &json!([])));
        let ticket = answer.text_at("ticket");
        let hello = &data["helloAuthParams"]["1.0"];
        assert_eq!(hello["ticket"], ticket);
        assert!(hello["userid"].as_str().unwrap().starts_with(id));
        let parts: Vec<&str> = ticket.split(':').collect();
        assert_eq!((parts[0].len(), parts[2], parts[3].len()), (16, id, 64), "{ticket}");
    }
    anna.elsewhere_as("anna", "wrong").get("/signaling/settings").await.expect(401);
}
