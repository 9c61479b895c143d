//! A function that dies in the middle leaves nothing visible and loses nothing.

use std::collections::BTreeSet;

use serde_json::json;
use tests::{Fault, Person, Scene, Tenant};

/// More people than one transaction holds.
const MEMBERS: usize = 70;

async fn team(tenant: &Tenant) -> Vec<Person<'_>> {
    let mut members = Vec::new();
    for number in 0..MEMBERS {
        members.push(tenant.user(&format!("member{number}")).await);
    }
    tenant.group("team", &members.iter().collect::<Vec<_>>()).await;
    members
}

#[tokio::test]
async fn a_group_room_that_is_not_finished_is_nowhere() {
    let tenant = Tenant::new().await;
    let members = team(&tenant).await;
    let anna = tenant.user("anna").await;
    let before = tenant.everything().await;
    for transactions in 0.. {
        let dying = tenant.faulty(Fault::crash_after(transactions));
        let fields = [("roomType", "2"), ("invite", "team")];
        let answer = dying.known(&anna).post("/room", &fields).await;
        if answer.status == 201 {
            assert!(transactions > 3, "the room did not fit one transaction");
            break;
        }
        assert_eq!(answer.status, 503);
        for person in members.iter().chain([&anna]) {
            assert_eq!(person.get("/room").await.list().len(), 0, "after {transactions} transactions");
        }
        // Listing rooms cleans up, once the dead one can no longer be at it.
        tenant.wait(120);
        for person in members.iter().chain([&anna]) {
            assert_eq!(person.get("/room").await.list().len(), 0);
        }
        assert_eq!(tenant.everything().await, before, "after {transactions} transactions");
    }
    let token = anna.get("/room").await.text_in_list("token");
    assert_eq!(anna.get(&format!("/room/{token}/participants")).await.list().len(), MEMBERS + 1);
}

#[tokio::test]
async fn a_room_that_is_half_deleted_is_gone() {
    let tenant = Tenant::new().await;
    let members = team(&tenant).await;
    let anna = tenant.user("anna").await;
    let before = tenant.everything().await;
    for transactions in 0..8 {
        let token = anna.group_room("team").await;
        members[0].join(&token).await;
        members[1].join(&token).await;
        let dying = tenant.faulty(Fault::crash_after(transactions));
        let path = format!("/room/{token}");
        let answer = dying.known(&anna).delete(&path, &[]).await;
        // The first transaction makes the room vanish; with it done, the request is.
        assert_eq!(answer.status, if transactions == 0 { 503 } else { 200 });
        if transactions == 0 {
            assert_eq!(anna.get(&format!("{path}/participants")).await.list().len(), MEMBERS + 1);
            assert_eq!(members[2].peers(&token).await.len(), 2);
            anna.delete(&path, &[]).await.expect(200);
        }
        for person in members.iter().chain([&anna]) {
            person.get(&path).await.expect(404);
            person.post(&format!("/call/{token}"), &[]).await.expect(404);
            assert_eq!(person.get("/room").await.list().len(), 0);
        }
        tenant.wait(120);
        for person in members.iter().chain([&anna]) {
            assert_eq!(person.get("/room").await.list().len(), 0);
        }
        assert_eq!(tenant.everything().await, before, "after {transactions} transactions");
    }
}

#[tokio::test]
async fn somebody_who_is_deleted_while_a_room_is_filled_or_emptied_leaves_nothing() {
    let tenant = Tenant::new().await;
    let members = team(&tenant).await;
    let (admin, anna) = (tenant.admin().await, tenant.user("anna").await);
    let half_filled = tenant.faulty(Fault::crash_after(3));
    half_filled.known(&anna).post("/room", &[("roomType", "2"), ("invite", "team")]).await.expect(503);
    let half_emptied = anna.group_room("team").await;
    members[0].join(&half_emptied).await;
    let dying = tenant.faulty(Fault::crash_after(1));
    dying.known(&anna).delete(&format!("/room/{half_emptied}"), &[]).await.expect(200);
    for member in &members {
        admin.delete(&format!("/ocs/v2.php/cloud/users/{}", member.id()), &[]).await.expect(200);
        assert_eq!(tenant.items_of_user(member.id()).await, 0);
    }
    tenant.wait(120);
    assert_eq!(anna.get("/room").await.list().len(), 0);
    assert!(
        !tenant.everything().await.iter().any(|item| item.contains("\"ROOM#")),
        "nothing is left of the rooms"
    );
}

#[tokio::test]
async fn guests_whom_a_crash_left_are_not_seen_and_do_not_come_back() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    let mut followers = Vec::new();
    for number in 0..40 {
        let follower = tenant.user(&format!("follower{number}")).await;
        follower.join(&token).await;
        followers.push(follower);
        tenant.nobody().join(&token).await;
    }
    let path = format!("/room/{token}/public");
    let dying = tenant.faulty(Fault::crash_after(1));
    dying.known(&anna).delete(&path, &[]).await.expect(503);
    let rows = format!("/room/{token}/participants");
    assert_eq!(anna.get(&rows).await.column("userId"), ["anna", "ben"]);
    let room = anna.room(&token).await;
    assert_eq!((&room["type"], &room["count"], &room["numGuests"]), (&json!(2), &json!(0), &json!(0)));
    for follower in &followers {
        follower.get(&format!("/room/{token}")).await.expect(404);
        assert_eq!(follower.get("/room").await.list().len(), 0);
    }
    // Somebody of them is invited for good, the room opens again: nobody else is in it.
    anna.add(&token, &followers[39]).await.expect(200);
    assert_eq!(followers[39].room(&token).await["participantType"], json!(3));
    anna.post(&path, &[]).await.expect(200);
    assert_eq!(anna.get(&rows).await.column("userId"), ["anna", "ben", "follower39"]);
}

#[tokio::test]
async fn an_account_that_is_half_removed_cannot_log_in_and_can_be_removed_again() {
    let tenant = Tenant::new().await;
    let (admin, anna) = (tenant.admin().await, tenant.user("anna").await);
    tenant.group("team", &[]).await;
    for transactions in 0.. {
        let ben = tenant.user("ben").await;
        tenant.join_group("team", &ben).await;
        let (own, pair, shared) =
            (ben.public_room().await, ben.room_with(&anna).await, anna.public_room().await);
        anna.add(&shared, &ben).await.expect(200);
        ben.join(&shared).await;
        let dying = tenant.faulty(Fault::crash_after(transactions));
        let path = "/ocs/v2.php/cloud/users/ben";
        let answer = dying.known(&admin).delete(path, &[]).await;
        let is_done = answer.status == 200;
        // A function that does not remember the login refuses it once the removal began.
        let fresh = tenant.faulty(Fault::throttle(0));
        let login = fresh.known(&ben).get("/ocs/v2.php/cloud/user").await.status;
        assert_eq!(login, if transactions == 0 { 200 } else { 401 });
        if !is_done {
            // Either the administrator tries again, or somebody wants the id.
            if transactions % 2 == 0 {
                admin.delete(path, &[]).await.expect(200);
            } else {
                let fields = [("userid", "ben"), ("password", "tea-for-two")];
                admin.post("/ocs/v2.php/cloud/users", &fields).await.expect(200);
                assert_eq!(tenant.items_of_user("ben").await, 1, "a new ben, with nothing of the old one");
                admin.delete(path, &[]).await.expect(200);
            }
        }
        assert_eq!(tenant.items_of_user("ben").await, 0);
        let mut tokens: BTreeSet<String> = anna.get("/room").await.column("token").into_iter().collect();
        assert!(tokens.remove(&shared) && !tokens.contains(&pair) && !tokens.contains(&own));
        assert_eq!(anna.get(&format!("/room/{shared}/participants")).await.column("userId"), ["anna"]);
        assert_eq!(anna.get(&format!("/call/{shared}")).await.list().len(), 0);
        if is_done {
            assert!(transactions > 4);
            break;
        }
    }
}

#[tokio::test]
async fn throttling_and_unprocessed_keys_are_waited_for() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.public_room().await;
    for fault in [Fault::throttle(2), Fault::unprocessed(3), Fault::conflict(5)] {
        let busy = tenant.faulty(fault);
        busy.known(&anna).add(&token, &ben).await.expect(200);
        anna.remove(&token, &ben).await.expect(200);
    }
    for fault in [Fault::throttle(1_000), Fault::unprocessed(1_000)] {
        let overloaded = tenant.faulty(fault);
        let answer = overloaded.known(&anna).add(&token, &ben).await.expect(503);
        assert_eq!(answer.message(), "The service is overloaded. Please try again.");
    }
    assert_eq!(anna.get(&format!("/room/{token}/participants")).await.column("userId"), ["anna"]);
}

#[tokio::test]
async fn those_who_wait_learn_of_a_change_that_broke_off() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    // More guests than leave with the first transaction.
    tenant.seat_guests(&scene.token, 150, 0).await;
    let dying = tenant.faulty(Fault::crash_after(1));
    let broken = dying.known(&scene.owner).delete(&format!("/room/{}/public", scene.token), &[]).await;
    assert!(broken.status >= 500, "{}", broken.text);
    assert_eq!(broken.usage.operations.get("UpdateItem"), Some(&1), "the one that wakes them");
    assert_eq!(scene.owner.room(&scene.token).await["type"], json!(2), "the room is closed all the same");
}
