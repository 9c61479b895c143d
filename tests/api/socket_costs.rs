//! What events of sockets ask of DynamoDB: figures that docs/operations.md computes with.

use serde_json::json;
use tests::{Done, Person, Sockets, Tenant};

/// Requests to DynamoDB, and how many of them wait for one another, of the events of a kind since a moment.
fn costs(sockets: &Sockets<'_>, since: usize, event: &str) -> Vec<(u32, u32)> {
    let of_kind = |done: &&Done| done.event == event;
    let done = sockets.done();
    done[since..].iter().filter(of_kind).map(|done| (done.usage.requests(), done.usage.round_trips)).collect()
}

#[tokio::test]
async fn each_step_of_a_session_costs_this() {
    let tenant = Tenant::new().await;
    let sockets = tenant.sockets().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    let mut annas = sockets.member(&anna, &token).await;
    annas.rest().await;
    // Else chance decides who tells of Ben: his own frame, or the stream.
    sockets.hold_changes_back();
    sockets.idle().await;
    let bens = sockets.member(&ben, &token).await;
    annas.in_call(&bens.public, 7).await;
    annas.rest().await;
    assert_eq!(costs(&sockets, 0, "hello"), [(3, 3), (3, 3)]);
    assert_eq!(costs(&sockets, 0, "room")[1], (10, 8));

    // An offer: two round trips, and then one frame.
    let since = sockets.done().len();
    let mut bens = bens;
    annas.say(&bens.public, &json!({"type": "offer"}));
    bens.hear().await;
    annas.rest().await;
    assert_eq!(costs(&sockets, since, "message"), [(3, 2)]);

    // A candidate is kept until it is due.
    let since = sockets.done().len();
    annas.say(&bens.public, &json!({"type": "candidate"}));
    bens.hear().await;
    annas.rest().await;
    assert_eq!(costs(&sockets, since, "message"), [(10, 10)]);

    // The clock: the list of sockets, the accounts, a read and a write for each session, and three reads for each room.
    let since = sockets.done().len();
    sockets.wait(240).await;
    assert_eq!(costs(&sockets, since, "tick").first().map(|cost| cost.0), Some(1 + 1 + 2 * 2 + 3));

    let since = sockets.done().len();
    annas.cut();
    bens.rest().await;
    let mut again = sockets.open();
    again.resume(&annas.resume).await;
    again.rest().await;
    assert_eq!(costs(&sockets, since, "hello"), [(15, 14)]);

    let since = sockets.done().len();
    again.ask("bye", json!({"type": "bye"})).await;
    bens.rest().await;
    assert_eq!(costs(&sockets, since, "bye"), [(8, 8)]);
}

#[tokio::test]
async fn an_idle_tenant_pays_for_one_look_at_an_empty_list() {
    let tenant = Tenant::new().await;
    let sockets = tenant.sockets().await;
    sockets.wait(240).await;
    assert_eq!(costs(&sockets, 0, "tick"), [(1, 1)]);
}

#[tokio::test]
async fn telling_a_room_costs_as_many_requests_whatever_its_size() {
    let mut all = Vec::new();
    for members in [2, 20] {
        let tenant = Tenant::new().await;
        let anna = tenant.user("anna").await;
        let token = anna.public_room().await;
        let sockets = tenant.sockets().await;
        let people: Vec<Person<'_>> = (0..members).map(|_| tenant.nobody()).collect();
        let mut clients = Vec::new();
        for person in &people {
            clients.push(sockets.member(person, &token).await);
        }
        let newest = clients.last().unwrap().public.clone();
        for client in &mut clients[..members - 1] {
            client.learn(&newest).await;
        }
        clients[0].rest().await;
        sockets.hold_changes_back();
        let since = sockets.done().len();
        let late = tenant.nobody();
        let late = sockets.member(&late, &token).await;
        for client in &mut clients {
            client.learn(&late.public).await;
        }
        clients[0].rest().await;
        all.push(costs(&sockets, since, "room"));
    }
    assert_eq!(all[0], all[1], "telling two or twenty takes as many requests");
}
