//! Order: the gateway hands each frame to an instance of its own, and no recipient notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use shared::gateway::Clock as _;
use tests::{Client, Dice, Tenant, VirtualClock};

/// Within this much the gateway hands over frames in any order, in milliseconds.
const SHUFFLE: u64 = 250;
/// How many exchanges are had at the same time.
const AT_ONCE: usize = 20;

/// How many exchanges are tried: sixty, or as many as the environment says.
fn exchanges() -> usize {
    std::env::var("EXCHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// What comes after an offer or answer: candidates, and what people do meanwhile.
const FOLLOWING: [&str; 3] = ["candidate", "mute", "candidate"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_comes_before_an_earlier_one_while_the_gateway_shuffles() {
    let tenant = Tenant::new().await;
    let clock = VirtualClock::default();
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let sockets = tenant.sockets_by(Arc::new(clock.clone())).await;
    let people: Vec<_> = (0..2 * AT_ONCE).map(|_| tenant.nobody()).collect();
    let mut clients: Vec<Client<'_>> = Vec::new();
    for person in &people {
        let session = person.join(&token).await;
        let mut client = sockets.open();
        // The harness hands frames over, so that it knows when all work is done.
        let settings = person.get("/signaling/settings").await.expect(200).data().clone();
        let hello = json!({"type": "hello", "hello": {"version": "1.0", "auth": {
            "url": "https://talk.example/", "params": settings["helloAuthParams"]["1.0"]}}});
        clock.at(0, sockets.invoke(sockets.gateway.event(&client.id, &hello.to_string()).unwrap()));
        clock.run().await;
        let answer = client.next("hello", |frame| frame["type"] == "hello").await;
        client.public = answer["hello"]["sessionid"].as_str().unwrap().to_owned();
        let room = json!({"type": "room", "room": {"roomid": token, "sessionid": session}});
        clock.at(0, sockets.invoke(sockets.gateway.event(&client.id, &room.to_string()).unwrap()));
        clock.run().await;
        clients.push(client);
    }
    sockets.hold_changes_back();

    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok());
    let mut dice = Dice::new(seed.unwrap_or(20_171_117));
    let mut inversions = 0;
    let mut sent = 0_u64;
    for _ in 0..exchanges().div_ceil(AT_ONCE) {
        for pair in clients.chunks(2) {
            let [caller, callee] = pair else { unreachable!() };
            for (from, to, first, begin) in [(caller, callee, "offer", 0), (callee, caller, "answer", 60)] {
                for (place, kind) in std::iter::once(first).chain(FOLLOWING).enumerate() {
                    sent += 1;
                    let frame = json!({"type": "message", "message": {
                        "recipient": {"type": "session", "sessionid": to.public}, "data": {"type": kind, "number": sent}}});
                    let said =
                        begin + 3 * i64::try_from(place).unwrap() + i64::try_from(dice.below(3)).unwrap();
                    let delay = i64::try_from(dice.below(SHUFFLE)).unwrap();
                    let mut event = sockets.gateway.event(&from.id, &frame.to_string()).unwrap();
                    event["requestContext"]["requestTimeEpoch"] = json!(clock.milliseconds() + said);
                    clock.at(said + delay, sockets.invoke(event));
                }
            }
        }
        clock.run().await;
        for client in &mut clients {
            let heard = client.rest_at_once();
            let mut last: BTreeMap<String, u64> = BTreeMap::new();
            let messages = heard.iter().filter(|frame| frame["type"] == "message");
            let mut count = 0;
            for message in messages.map(|frame| &frame["message"]) {
                count += 1;
                let number = message["data"]["number"].as_u64().unwrap();
                let sender = message["sender"]["sessionid"].as_str().unwrap().to_owned();
                inversions += usize::from(last.insert(sender, number).is_some_and(|before| before > number));
            }
            assert_eq!(count, 1 + FOLLOWING.len(), "each comes once: {heard:?}");
        }
    }
    assert_eq!(inversions, 0, "in {} exchanges", exchanges());
}
