//! What an attack found, and what it must not find again.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use shared::domain::secret::Secret;
use shared::gateway::Signaling;
use tests::{Answer, Event, FOR_EVER, Fault, Pauses, Person, Scene, Slow, Tenant};

const USERS: &str = "/ocs/v2.php/cloud/users";
const CORE: &str = "/ocs/v2.php/core";

/// What a client posts to write `text` to a session.
fn message(sender: &str, recipient: &str, text: &str) -> Value {
    let payload = json!({"to": recipient, "type": "offer", "text": text});
    json!({"ev": "message", "fn": payload.to_string(), "sessionId": sender})
}

async fn send(person: &Person<'_>, token: &str, messages: &[Value]) -> Answer {
    let text = Value::from(messages.to_vec()).to_string();
    person.post(&format!("/signaling/{token}"), &[("messages", &text)]).await
}

/// The texts of the messages that a poll is answered with.
async fn receive(person: &Person<'_>, token: &str) -> Vec<String> {
    let answer = person.get(&format!("/signaling/{token}")).await.expect(200);
    let messages = answer.list().iter().filter_map(|entry| entry["data"].as_str());
    let payloads = messages.map(|text| serde_json::from_str::<Value>(text).unwrap());
    payloads.map(|payload| payload["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_outsider_reads_neither_sessions_nor_names_behind_a_password() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let path = format!("/room/{}/participants", scene.token);
    let list = scene.stranger.get(&path).await.expect(200);
    assert_eq!(list.column("sessionId"), ["0"; 5]);
    assert!(list.text.contains("owner's name"), "{}", list.text);
    assert!(scene.user.get(&path).await.expect(200).text.contains(&scene.guest_session));
    scene.owner.put(&format!("/room/{}/password", scene.token), &[("password", "x")]).await.expect(200);
    let list = scene.stranger.get(&path).await.expect(200);
    assert_eq!(
        (list.column("displayName"), list.column("userId")),
        (vec![String::new(); 5], vec![String::new(); 5])
    );
    assert!(scene.follower.get(&path).await.expect(200).text.contains("owner's name"));
    for outsider in [&scene.stranger, &scene.nobody] {
        assert!(!outsider.get(&format!("/room/{}", scene.token)).await.expect(200).text.contains("name's"));
        assert_eq!(outsider.room(&scene.token).await["displayName"], "");
    }
}

#[tokio::test]
async fn of_many_polls_of_one_session_the_last_one_is_held() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    let session = guest.join(&token).await;
    let path = format!("/signaling/{token}");
    guest.get(&path).await.expect(200);
    tenant.stop_after(0);
    let mut polls: FuturesUnordered<_> = (0..8).map(|_| guest.get(&path)).collect();
    let asleep = async { tokio::join!(tenant.sleeping(8)).0 };
    tokio::select! {
        () = asleep => {}
        _ = polls.next() => panic!("nothing happened, so nobody is answered"),
    }
    // Each looks once more.
    tenant.pass(8);
    for _ in 0..7 {
        let answer = tokio::select! {
            answer = polls.next() => answer.unwrap().expect(200),
            () = tenant.sleeping(16) => panic!("all of them are still held"),
        };
        assert_eq!(answer.list().last().unwrap()["data"][0]["sessionId"], session.as_str());
    }
    // The last one is there for what comes.
    let comes = async {
        let sender = tenant.nobody();
        let own = sender.join(&token).await;
        send(&sender, &token, &[message(&own, &session, "hello")]).await.expect(200);
        tenant.go_on();
    };
    let (last, ()) = tokio::join!(polls.next(), comes);
    assert!(last.unwrap().expect(200).text.contains("hello"));
}

#[tokio::test]
async fn a_room_takes_so_many_guests_and_no_more() {
    let tenant = Tenant::new().await.with_guest_limit(3);
    let owner = tenant.user("owner").await;
    let token = owner.public_room().await;
    let join = format!("/call/{token}");
    let guests: Vec<Person<'_>> = (0..4).map(|_| tenant.nobody()).collect();
    for guest in &guests[..3] {
        guest.join(&token).await;
    }
    let refused = guests[3].post(&join, &[]).await.expect(429);
    assert!(refused.message().contains('3'), "{}", refused.text);
    // Those who are in may join again, and people with an account have a seat of their own.
    guests[0].join(&token).await;
    owner.join(&token).await;
    guests[0].leave(&token).await;
    guests[3].join(&token).await;
    guests[0].post(&join, &[]).await.expect(429);
    // The silent make room, too.
    tenant.wait(100);
    for guest in &guests[..3] {
        guest.join(&token).await;
    }
    guests[3].elsewhere().post(&join, &[]).await.expect(429);
}

#[tokio::test]
async fn guests_who_come_at_once_do_not_pass_the_limit() {
    let tenant = Tenant::new().await.with_guest_limit(5);
    let owner = tenant.user("owner").await;
    let token = owner.public_room().await;
    let guests: Vec<Person<'_>> = (0..12).map(|_| tenant.nobody()).collect();
    let path = format!("/call/{token}");
    let answers = futures_util::future::join_all(guests.iter().map(|guest| guest.post(&path, &[]))).await;
    let joined = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)));
    assert_eq!((joined, owner.get(&path).await.list().len()), (5, 5));
}

#[tokio::test]
async fn who_fell_silent_costs_nothing_after_a_few_looks() {
    let tenant = Tenant::new().await;
    let owner = tenant.user("owner").await;
    let token = owner.public_room().await;
    let path = format!("/room/{token}");
    let look = || owner.get(&path);
    let empty = look().await.usage.capacity_units;
    tenant.seat_guests(&token, 250, 200).await;
    assert!(look().await.usage.capacity_units > 20.0 * empty, "the dead are paid for once");
    for _ in 0..2 {
        let answer = look().await.expect(200);
        assert!(answer.usage.requests() <= 3, "bounded work for each: {:?}", answer.usage);
    }
    let usage = look().await.usage;
    assert_eq!((usage.requests(), usage.capacity_units), (2, empty));
    assert_eq!(tenant.items_of(&token).await, 3);
    // The living stay.
    tenant.seat_guests(&token, 2, 99).await;
    look().await;
    assert_eq!(tenant.items_of(&token).await, 5);
}

#[tokio::test]
async fn one_person_has_500_rooms_at_most() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let mut tokens = Vec::new();
    for _ in 0..500 {
        tokens.push(anna.public_room().await);
    }
    for fields in [&[("roomType", "3")][..], &[("roomType", "1"), ("invite", "ben")]] {
        assert!(anna.post("/room", fields).await.expect(429).message().contains("500"));
    }
    // Being invited is no fault of the invited.
    ben.room_with(&anna).await;
    anna.delete(&format!("/room/{}", tokens[7]), &[]).await.expect(200);
    anna.public_room().await;
    anna.post("/room", &[("roomType", "3")]).await.expect(429);
}

#[tokio::test]
async fn the_last_user_takes_the_room_along() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    for way in 0..3 {
        let (anna, guest) = (tenant.user(&format!("anna{way}")).await, tenant.nobody());
        let token = anna.public_room().await;
        guest.join(&token).await;
        match way {
            0 => drop(anna.delete(&format!("/room/{token}/participants/self"), &[]).await.expect(200)),
            1 => drop(admin.delete(&format!("{USERS}/anna{way}"), &[]).await.expect(200)),
            _ => {
                let ben = tenant.user("ben").await;
                anna.add(&token, &ben).await.expect(200);
                anna.promote(&token, &ben).await.expect(200);
                anna.delete(&format!("/room/{token}/participants/self"), &[]).await.expect(200);
                assert_eq!(guest.ping(&token).await, 200, "a moderator is still there");
                ben.remove(&token, &ben).await.expect(200);
            }
        }
        assert_eq!(tenant.items_of(&token).await, 0, "{way}");
        guest.get(&format!("/room/{token}")).await.expect(404);
        guest.post(&format!("/call/{token}"), &[]).await.expect(404);
        assert_eq!(guest.ping(&token).await, 404);
    }
}

/// Takes the owner's row away, as releases before left rooms.
async fn abandon(tenant: &Tenant, token: &str, owner: &Person<'_>) {
    let (client, table) = tenant.database();
    let text = |text: String| AttributeValue::S(text);
    for (pk, sk) in [
        (format!("ROOM#{token}"), format!("USER#{}", owner.id())),
        (format!("USER#{}", owner.id()), format!("ROOM#{token}")),
    ] {
        client.delete_item().table_name(table).key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_look_removes_a_room_that_belongs_to_nobody() {
    let tenant = Tenant::new().await;
    for way in 0..5 {
        let (owner, follower) =
            (tenant.user(&format!("owner{way}")).await, tenant.user(&format!("follower{way}")).await);
        let guest = tenant.nobody();
        let token = owner.public_room().await;
        guest.join(&token).await;
        follower.join(&token).await;
        abandon(&tenant, &token, &owner).await;
        let status = match way {
            0 => guest.get(&format!("/room/{token}")).await.status,
            1 => guest.get(&format!("/signaling/{token}")).await.status,
            2 => follower.get(&format!("/call/{token}")).await.status,
            3 => tenant.nobody().get(&format!("/room/{token}")).await.status,
            _ => owner.get(&format!("/room/{token}/participants")).await.status,
        };
        assert_eq!((status, tenant.items_of(&token).await), (404, 0), "{way}");
        tenant.nobody().post(&format!("/call/{token}"), &[]).await.expect(404);
        assert_eq!(follower.get("/room").await.expect(200).list().len(), 0);
    }
    // What cannot be removed now is not seen all the same.
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    guest.join(&token).await;
    abandon(&tenant, &token, &owner).await;
    let dying = tenant.faulty(Fault::crash_after(0));
    dying.known(&guest).get(&format!("/room/{token}")).await.expect(404);
    guest.get(&format!("/room/{token}")).await.expect(404);
    assert_eq!(tenant.items_of(&token).await, 0);
}

#[tokio::test]
async fn a_new_room_is_not_taken_for_an_abandoned_one() {
    let tenant = Tenant::new().await;
    let owner = tenant.user("owner").await;
    let token = owner.public_room().await;
    // Just made, and read before its people are.
    abandon(&tenant, &token, &owner).await;
    tenant.nobody().get(&format!("/room/{token}")).await.expect(200);
    tenant.wait(120);
    tenant.nobody().get(&format!("/room/{token}")).await.expect(404);
}

#[tokio::test]
async fn followers_do_not_keep_a_room() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    for person in [&scene.moderator, &scene.user, &scene.owner] {
        assert_eq!(scene.follower.ping(&scene.token).await, 200);
        person.delete(&format!("/room/{}/participants/self", scene.token), &[]).await.expect(200);
    }
    assert_eq!((scene.follower.ping(&scene.token).await, tenant.items_of(&scene.token).await), (404, 0));
}

#[tokio::test]
async fn an_app_password_is_no_way_to_the_account() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let anna = tenant.user("anna").await.with_password("password");
    let secret = anna.get(&format!("{CORE}/getapppassword")).await.expect(200).text_at("apppassword");
    let app = anna.with_password(&secret);
    let path = format!("{USERS}/anna");
    let change = |password| [("key", "password"), ("value", password)];
    app.put(&path, &change("a stolen password")).await.expect(403);
    for (method, path) in
        [("GET", "/apppasswords"), ("DELETE", "/apppasswords/0"), ("GET", "/getapppassword")]
    {
        assert_eq!(app.form(method, &format!("{CORE}{path}"), &[]).await.status, 403, "{method} {path}");
    }
    anna.put(&path, &change("a new password")).await.expect(200);
    app.get("/room").await.expect(401);
    // A function that remembers the old password lets nobody change the new one with it.
    let warm = tenant.twin(shared::domain::random::RandomSource::from_seed(1));
    warm.known(&anna.with_password("a new password")).get("/room").await.expect(200);
    admin.put(&path, &change("a reset password")).await.expect(200);
    warm.known(&anna.with_password("a new password"))
        .put(&path, &change("a stolen password"))
        .await
        .expect(401);
    anna.with_password("a reset password").get("/room").await.expect(200);
    // Nor does it get a ticket, which would last a day, or an administrator's rights.
    warm.known(&anna.with_password("a new password")).get("/signaling/settings").await.expect(401);
    anna.with_password("a reset password").get("/signaling/settings").await.expect(200);
    warm.known(&anna.with_password("a new password")).get("/signaling/settings").await.expect(401);
    warm.known(&anna.with_password("a new password")).get(USERS).await.expect(401);
}

#[tokio::test]
async fn a_reset_beats_a_change_that_was_under_way() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    let anna = tenant.user("anna").await.with_password("a first password");
    let path = format!("{USERS}/anna");
    let change = |password| [("key", "password"), ("value", password)];
    admin.put(&path, &change("a first password")).await.expect(200);
    for _ in 0..6 {
        let (stolen, reset) = (change("a stolen password"), change("a reset password"));
        let thieves = (0..3).map(|_| anna.put(&path, &stolen));
        tokio::join!(futures_util::future::join_all(thieves), admin.put(&path, &reset));
        anna.with_password("a reset password").get("/room").await.expect(200);
        anna.with_password("a stolen password").get("/room").await.expect(401);
        admin.put(&path, &change("a first password")).await.expect(200);
    }
}

#[tokio::test]
async fn app_passwords_are_listed_and_taken_back() {
    let tenant = Tenant::new().await;
    let (admin, stranger) = (tenant.admin().await, tenant.user("ben").await);
    let anna = tenant.user("anna").await.with_password("password");
    tenant.wait(5);
    let ask =
        anna.request("GET", &format!("{CORE}/getapppassword")).header("user-agent", "Phone\u{202e} of Anna");
    let secret = anna.send(&ask).await.expect(200).text_at("apppassword");
    let phone = anna.with_password(&secret);
    let list = |answer: &Answer| answer.list_at("apppasswords").to_vec();
    let own = list(&anna.get(&format!("{CORE}/apppasswords")).await.expect(200));
    assert_eq!((own.len(), &own[0]["name"]), (2, &json!("tests")));
    assert_eq!((&own[1]["name"], &own[1]["created"]), (&json!("Phone of Anna"), &json!(tenant.now())));
    assert!(!own[1].to_string().contains(&secret));
    let of_anna = format!("{USERS}/anna/apppasswords");
    assert_eq!(list(&admin.get(&of_anna).await.expect(200)), own);
    stranger.get(&of_anna).await.expect(403);
    let id = own[1]["id"].as_str().unwrap();
    stranger.delete(&format!("{of_anna}/{id}"), &[]).await.expect(403);
    phone.get("/room").await.expect(200);
    admin.delete(&format!("{of_anna}/{id}"), &[]).await.expect(200);
    phone.get("/room").await.expect(401);
    admin.delete(&format!("{of_anna}/{id}"), &[]).await.expect(404);
    let first = own[0]["id"].as_str().unwrap();
    anna.delete(&format!("{CORE}/apppasswords/{first}"), &[]).await.expect(200);
    assert_eq!(list(&anna.get(&format!("{CORE}/apppasswords")).await.expect(200)), Vec::<Value>::new());
}

#[tokio::test]
async fn one_person_has_50_app_passwords_at_most() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await.with_password("password");
    let path = format!("{CORE}/getapppassword");
    for _ in 1..50 {
        anna.get(&path).await.expect(200);
    }
    assert!(anna.get(&path).await.expect(429).message().contains("50"));
    let all = anna.get(&format!("{CORE}/apppasswords")).await.expect(200);
    let id = all.list_at("apppasswords")[9]["id"].as_str().unwrap().to_owned();
    anna.delete(&format!("{CORE}/apppasswords/{id}"), &[]).await.expect(200);
    anna.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_new_password_and_disabling_end_every_login_and_ticket() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    for way in ["password", "disable", "remove"] {
        let app = tenant.user(way).await;
        app.get("/signaling/settings").await.expect(200);
        assert_eq!(tenant.everything().await.iter().filter(|item| item.contains("TICKET")).count(), 1);
        let path = format!("{USERS}/{way}");
        match way {
            "password" => {
                admin.put(&path, &[("key", "password"), ("value", "tea-for-two")]).await.expect(200)
            }
            "disable" => admin.put(&format!("{path}/disable"), &[]).await.expect(200),
            _ => admin.delete(&path, &[]).await.expect(200),
        };
        app.get("/room").await.expect(401);
        let left: Vec<String> = tenant.everything().await;
        assert!(!left.iter().any(|item| item.contains("TICKET")), "{way}");
        assert!(
            !left.iter().any(|item| item.contains("APP#") && item.contains(&format!("USER#{way}"))),
            "{way}"
        );
    }
}

#[tokio::test]
async fn relays_are_for_users_and_for_guests_in_a_call() {
    let setting = |name: &str| (name == "TURN_SERVERS").then(|| "turn.example:3478".to_owned());
    let signaling = Signaling::new(setting, Some(Secret::new("secret")), None).unwrap();
    let tenant = Tenant::new().await.with_signaling(signaling);
    let scene = Scene::public(&tenant).await;
    let settings = async |person: &Person<'_>| {
        let answer = person.get("/signaling/settings").await.expect(200);
        answer.list_at("turnservers").first().map(|server| server["username"].clone())
    };
    let in_an_hour = Some(json!((tenant.now() + 3_600).to_string()));
    assert_eq!(settings(&scene.stranger).await, in_an_hour);
    assert_eq!(settings(&scene.guest).await, in_an_hour);
    assert_eq!(settings(&scene.nobody).await, None);
    let ask = [json!({"ev": "turnservers"})];
    for (person, servers) in [(&scene.guest, 1), (&scene.owner, 1), (&scene.nobody, 0)] {
        assert_eq!(send(person, &scene.token, &ask).await.expect(200).list().len(), servers);
    }
    // A guest who fell silent is a stranger again.
    tenant.wait(100);
    assert_eq!(settings(&scene.guest).await, None);
    assert_eq!(send(&scene.guest, &scene.token, &ask).await.expect(200).list().len(), 0);
}

#[tokio::test]
async fn nobody_fills_the_table_with_messages() {
    let tenant = Tenant::new().await;
    let (owner, guest, other) = (tenant.user("owner").await, tenant.nobody(), tenant.nobody());
    let token = owner.public_room().await;
    let (to, own, third) = (owner.join(&token).await, guest.join(&token).await, other.join(&token).await);
    let long = "x".repeat(60 * 1024);
    let before = tenant.everything().await.len();
    // To oneself: ignored, at the price of a look.
    let answer = send(&guest, &token, &[message(&own, &own, &long)]).await.expect(200);
    assert!(answer.usage.capacity_units < 5.0, "{:?}", answer.usage);
    assert_eq!(tenant.everything().await.len(), before);
    // A request holds 256 KiB, a session's queue 512.
    let five: Vec<Value> = (0..5).map(|_| message(&own, &to, &long)).collect();
    assert!(send(&guest, &token, &five).await.expect(413).message().contains("262144"));
    assert_eq!(tenant.everything().await.len(), before);
    for _ in 0..2 {
        send(&guest, &token, &five[..4]).await.expect(200);
    }
    assert!(send(&guest, &token, &five[..1]).await.expect(429).message().contains("524288"));
    let to_third = message(&own, &third, "short");
    send(&guest, &token, std::slice::from_ref(&to_third)).await.expect(200);
    // What is taken makes room.
    assert_eq!(receive(&owner, &token).await.len(), 8);
    assert_eq!(receive(&other, &token).await, ["short"]);
    send(&guest, &token, &five[..4]).await.expect(200);
    // What nobody took within two minutes does so, too.
    for _ in 0..2 {
        tenant.wait(60);
        owner.ping(&token).await;
        guest.ping(&token).await;
        other.ping(&token).await;
    }
    assert_eq!(receive(&owner, &token).await, Vec::<String>::new());
    send(&guest, &token, &five[..4]).await.expect(200);
}

#[tokio::test]
async fn long_bodies_are_for_those_who_are_in_the_call() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let path = format!("/signaling/{}", scene.token);
    let list = format!("[{}]", " ".repeat(100 * 1024));
    for (person, status) in
        [(&scene.guest, 200), (&scene.follower, 200), (&scene.owner, 413), (&scene.nobody, 413)]
    {
        for path in [path.as_str(), "/signaling"] {
            let answer = person.post(path, &[("messages", &list)]).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
    }
    let longer = format!("[{}]", " ".repeat(1024 * 1024));
    scene.guest.post(&path, &[("messages", &longer)]).await.expect(413);
}

#[tokio::test]
async fn a_guest_writes_so_much_a_minute_and_no_more() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    let (to, own) = (owner.join(&token).await, guest.join(&token).await);
    let long = "x".repeat(62 * 1024);
    let four: Vec<Value> = (0..4).map(|_| message(&own, &to, &long)).collect();
    let mut sent = 0;
    let refused = loop {
        let answer = send(&guest, &token, &four).await;
        if answer.status != 200 {
            break answer;
        }
        sent += 4;
        assert!(sent < 100, "there is no bound");
        // The other side keeps up.
        assert_eq!(receive(&owner, &token).await.len(), 4);
    };
    assert!(refused.expect(429).message().contains("2048"));
    assert_eq!(sent, 32);
    // Joining again is no new minute.
    let again = guest.join(&token).await;
    let four_again: Vec<Value> = (0..4).map(|_| message(&again, &to, &long)).collect();
    send(&guest, &token, &four_again).await.expect(429);
    let (own, four) = (again, four_again);
    // The next minute is another one, and users are known by name.
    tenant.wait(60);
    owner.ping(&token).await;
    guest.ping(&token).await;
    send(&guest, &token, &four).await.expect(200);
    let from_owner = [message(&to, &own, &long), message(&to, &own, &long)];
    for _ in 0..20 {
        send(&owner, &token, &from_owner).await.expect(200);
        assert_eq!(receive(&guest, &token).await.len(), 2);
    }
}

#[tokio::test]
async fn what_only_spares_others_a_wait_does_not_hold_up_a_change() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    // Those who wait in the call are told by an update.
    let slow = Slow::new("UpdateItem", FOR_EVER);
    let hanging = tenant.slow(&slow);
    hanging.known(&owner).post(&format!("/call/{token}"), &[]).await.expect(200);
    assert!(slow.waited() <= Duration::from_millis(301));
    let joined = hanging.known(&guest);
    joined.join(&token).await;
    joined.leave(&token).await;
    assert!(slow.waited() <= Duration::from_millis(602));
    assert_eq!(owner.peers(&token).await.len(), 1, "the changes are there");
    hanging.known(&owner).delete(&format!("/room/{token}"), &[]).await.expect(200);
    assert!(slow.waited() <= Duration::from_millis(301));
}

#[tokio::test]
async fn a_table_that_hangs_costs_five_seconds_at_most() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let admin = tenant.admin().await;
    for operation in ["", "BatchGetItem", "Query", "GetItem", "TransactWriteItems", "UpdateItem"] {
        let slow = Slow::new(operation, FOR_EVER);
        let hanging = tenant.slow(&slow);
        for (person, method, path) in [
            (&scene.owner, "GET", "/room".to_owned()),
            (&scene.guest, "GET", format!("/room/{}", scene.token)),
            (&scene.guest, "POST", format!("/call/{}", scene.token)),
            (&scene.guest, "POST", format!("/call/{}/ping", scene.token)),
            (&scene.owner, "PUT", format!("/room/{}?roomName=x", scene.token)),
            (&scene.guest, "GET", format!("/signaling/{}", scene.token)),
            (&scene.owner, "DELETE", format!("/call/{}", scene.token)),
            (&admin, "DELETE", format!("{USERS}/stranger")),
        ] {
            let answer = hanging.known(person).form(method, &path, &[]).await;
            let waited = slow.waited();
            let limit = Duration::from_millis(5_305);
            assert!(waited <= limit, "{method} {path} with {operation}: {waited:?}");
            assert!(answer.status < 500 || answer.status == 503, "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_slow_poll_loses_no_message() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    let (own, to) = (owner.join(&token).await, guest.join(&token).await);
    for delay in [500, 1_500, 2_500, 3_000, 3_400, 3_700, 3_900, 4_100, 4_400, 4_900] {
        let text = format!("after {delay} ms");
        send(&owner, &token, &[message(&own, &to, &text)]).await.expect(200);
        let slow = Slow::new("", Duration::from_millis(delay));
        let twin = tenant.slow(&slow);
        let answer = twin.known(&guest).get(&format!("/signaling/{token}")).await;
        assert!(slow.waited() < Duration::from_secs(27), "Lambda would have ended it");
        let is_handed_over = answer.text.contains(&text);
        let later = receive(&guest, &token).await;
        assert_eq!(later.len(), usize::from(!is_handed_over), "{delay} ms: {} and {later:?}", answer.text);
        for person in [&owner, &guest] {
            person.ping(&token).await;
        }
    }
}

#[tokio::test]
async fn a_failed_request_to_the_table_is_tried_again_soon() {
    let tenant = Tenant::new().await;
    let owner = tenant.user("owner").await;
    let token = owner.public_room().await;
    let pauses = Pauses::default();
    let faulty = tenant.pausing(Fault::five_percent(), &pauses);
    let (guest, mut waits) = (faulty.nobody(), Vec::new());
    for _ in 0..200 {
        guest.join(&token).await;
        waits.push(pauses.take());
    }
    waits.sort_unstable();
    assert!(waits[199] > Duration::ZERO, "nothing failed, so this shows nothing");
    assert!(waits[189] <= Duration::from_millis(100), "p95 is {:?}", waits[189]);
}

#[tokio::test]
async fn names_change_nothing_around_them() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let (dirty, clean) =
        ("Te\u{202e}a\u{0} \u{2066}👩\u{200d}💻\u{2069}\n\u{200f}שלום", "Tea 👩\u{200d}💻\u{200f}שלום");
    anna.put(&format!("/room/{token}"), &[("roomName", dirty)]).await.expect(200);
    assert_eq!(anna.room(&token).await["name"], clean);
    anna.put(&format!("{USERS}/anna"), &[("key", "displayname"), ("value", dirty)]).await.expect(200);
    assert_eq!(anna.room(&token).await["participants"]["anna"]["name"], clean);
    let admin = tenant.admin().await;
    admin
        .post(USERS, &[("userid", "ben"), ("password", "tea-for-two"), ("displayName", dirty)])
        .await
        .expect(200);
    assert_eq!(admin.get(&format!("{USERS}/ben")).await.data()["displayname"], clean);
    admin.post("/ocs/v2.php/cloud/groups", &[("groupid", "a\u{202e}b")]).await.expect(400);
    let nothing = [("key", "displayname"), ("value", "\u{202e}\u{7}")];
    anna.put(&format!("{USERS}/anna"), &nothing).await.expect(400);
}

#[tokio::test]
async fn a_guests_cookie_lasts_a_day_from_the_join() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    for _ in 0..2 {
        let joined = guest.post(&format!("/call/{token}"), &[]).await.expect(200);
        assert!(joined.cookies[0].contains("; Max-Age=86400;"), "{}", joined.cookies[0]);
    }
    let left = guest.delete(&format!("/call/{token}"), &[]).await.expect(200);
    assert!(left.cookies[0].contains("; Max-Age=0;"), "{}", left.cookies[0]);
}

#[tokio::test]
async fn answers_say_how_they_may_be_used() {
    let tenant = Tenant::new().await;
    let nobody = tenant.nobody();
    let answer = nobody.get("/room").await.expect(401);
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert!(answer.header("www-authenticate").starts_with("Basic realm="));
    // A browser would open its own dialogue over the page.
    let page = nobody.request("GET", "/room").header("x-requested-with", "XMLHttpRequest");
    assert_eq!(nobody.send(&page).await.expect(401).header("www-authenticate"), "");
    let laptop =
        nobody.request("GET", "/room").header("host", "127.0.0.1:9000").without_header("x-forwarded-proto");
    let answer = nobody.send(&laptop).await.expect(401);
    assert_eq!(answer.header("strict-transport-security"), "");
    assert_eq!(nobody.get("/ocs/v2.php/cloud/capabilities").await.expect(200).header("www-authenticate"), "");
}

#[tokio::test]
async fn a_head_is_a_get_that_hands_nothing_over() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let session = scene.user.join(&scene.token).await;
    send(&scene.user, &scene.token, &[message(&session, &scene.guest_session, "kept")]).await.expect(200);
    let admin = tenant.admin().await;
    let anna = scene.owner.with_password("password");
    let (token, before) = (&scene.token, tenant.everything().await);
    for (person, path) in [
        (&scene.nobody, "/status.php".to_owned()),
        (&scene.nobody, "/ocs/v2.php/cloud/capabilities".to_owned()),
        (&scene.owner, "/room".to_owned()),
        (&scene.nobody, format!("/room/{token}")),
        (&scene.owner, format!("/room/{token}/participants")),
        (&scene.guest, format!("/call/{token}")),
        (&scene.guest, format!("/signaling/{token}")),
        (&scene.guest, "/signaling".to_owned()),
        (&scene.guest, "/signaling/settings".to_owned()),
        (&admin, USERS.to_owned()),
        (&admin, format!("{USERS}/owner")),
        (&admin, format!("{USERS}/owner/groups")),
        (&admin, format!("{USERS}/owner/apppasswords")),
        (&admin, "/ocs/v2.php/cloud/groups".to_owned()),
        (&admin, "/ocs/v2.php/cloud/groups/admin".to_owned()),
        (&anna, "/ocs/v2.php/cloud/user".to_owned()),
        (&anna, format!("{CORE}/apppasswords")),
        (&anna, format!("{CORE}/getapppassword")),
    ] {
        let mut event = person.request("HEAD", &path);
        if path == "/status.php" {
            event = Event::new("HEAD", &path);
        }
        let answer = person.send(&event).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
    }
    assert_eq!(tenant.everything().await, before);
    assert_eq!(receive(&scene.guest, token).await, ["kept"]);
}

#[tokio::test]
async fn odd_cookies_of_others_hide_nobodys_own() {
    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    guest.join(&token).await;
    let own = guest.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<String>();
    let anonymous = tenant.nobody();
    for list in [
        own.clone(),
        format!("a=b;{own}"),
        format!("a=b; {own};c=d"),
        format!("odd=\u{e9}\u{fffd}; {own}"),
        format!(";;=;a;{own};"),
    ] {
        let path = format!("/call/{token}/ping");
        let header = anonymous.request("POST", &path).header("cookie", &list);
        assert_eq!(anonymous.send(&header).await.status, 200, "{list}");
        let (name, value) = list.split_once('=').unwrap();
        let moved = anonymous.request("POST", &path).cookie(name, value);
        assert_eq!(anonymous.send(&moved).await.status, 200, "{list}");
    }
}

#[tokio::test]
async fn whole_numbers_are_whole_however_they_are_written() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for (body, status) in [
        (r#"{"roomType":3}"#, 201),
        (r#"{"roomType":3.0}"#, 201),
        (r#"{"roomType":3e0}"#, 201),
        (r#"{"roomType":"3"}"#, 201),
        (r#"{"roomType":3.5}"#, 400),
        (r#"{"roomType":1e400}"#, 400),
    ] {
        let event = anna.request("POST", "/room").body("application/json", body);
        assert_eq!(anna.send(&event).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn bodies_in_no_known_encoding_are_refused() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let utf_16: Vec<u8> = r#"{"roomName":"x"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x2a];
    for body in [utf_16, gzip, b"\xff\xfe".to_vec()] {
        for content_type in ["application/json", "application/x-www-form-urlencoded"] {
            let event = anna.request("PUT", &format!("/room/{token}")).body(content_type, body.clone());
            let answer = anna.send(&event).await;
            // A form of letters and zeros is one, of a name that nobody knows.
            let is_form = content_type.ends_with("urlencoded") && std::str::from_utf8(&body).is_ok();
            assert_eq!(answer.status, if is_form { 200 } else { 400 }, "{body:?}");
        }
    }
}
