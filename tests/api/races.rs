//! Two at once, many times over.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tests::{Person, Tenant};

/// How often each race is run.
const ROUNDS: usize = 25;

#[tokio::test]
async fn two_creators_of_one_pair_get_one_room() {
    let tenant = Tenant::new().await;
    for round in 0..ROUNDS {
        let (a, b) = (tenant.user(&format!("a{round}")).await, tenant.user(&format!("b{round}")).await);
        let (one, two, three) = tokio::join!(a.room_with(&b), b.room_with(&a), a.room_with(&b));
        assert_eq!((&one, &two), (&two, &three));
        assert_eq!(a.get("/room").await.column("token"), std::slice::from_ref(&one));
        assert_eq!(b.get("/room").await.column("token"), [one]);
    }
}

#[tokio::test]
async fn two_joins_of_one_user_leave_one_session() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let (mine, foreign) = (anna.public_room().await, ben.public_room().await);
    ben.join(&foreign).await;
    for _ in 0..ROUNDS {
        let (here, there, again) = tokio::join!(anna.join(&mine), anna.join(&foreign), anna.join(&mine));
        let mut sessions = Vec::new();
        for peer in anna.get(&format!("/call/{mine}")).await.list() {
            sessions.push(peer["sessionId"].as_str().unwrap().to_owned());
        }
        for peer in ben.get(&format!("/call/{foreign}")).await.list() {
            if peer["userId"] == json!("anna") {
                sessions.push(peer["sessionId"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(sessions.len(), 1, "one live session");
        assert!([here, there, again].contains(&sessions[0]));
    }
}

#[tokio::test]
async fn adding_somebody_twice_leaves_one_row() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo) = (tenant.user("anna").await, tenant.user("ben").await, tenant.user("cleo").await);
    for _ in 0..ROUNDS {
        let token = anna.room_with(&ben).await;
        let (one, two) = tokio::join!(anna.add(&token, &cleo), ben.add(&token, &cleo));
        assert_eq!((one.status, two.status), (200, 200));
        // Exactly one of the two changed the type.
        let changed = [one, two].iter().filter(|answer| answer.data() == &json!({"type": 2})).count();
        assert_eq!(changed, 1);
        let rows = anna.get(&format!("/room/{token}/participants")).await;
        assert_eq!(rows.column("userId"), ["anna", "ben", "cleo"]);
    }
}

#[tokio::test]
async fn promoting_against_removing_leaves_no_ghost() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo) = (tenant.user("anna").await, tenant.user("ben").await, tenant.user("cleo").await);
    let token = anna.public_room().await;
    anna.add(&token, &ben).await.expect(200);
    anna.promote(&token, &ben).await.expect(200);
    for _ in 0..ROUNDS {
        anna.add(&token, &cleo).await.expect(200);
        cleo.join(&token).await;
        let (promoted, removed) = tokio::join!(ben.promote(&token, &cleo), anna.remove(&token, &cleo));
        assert!(matches!(promoted.status, 200 | 404), "{}", promoted.text);
        assert_eq!(removed.status, 200);
        assert_eq!(cleo.room(&token).await["participantType"], json!(4));
        assert_eq!(cleo.get("/room").await.list().len(), 0);
        assert_eq!(cleo.ping(&token).await, 404);
        cleo.put(&format!("/room/{token}"), &[("roomName", "x")]).await.expect(404);
        assert_eq!(anna.peers(&token).await.len(), 0);
    }
}

#[tokio::test]
async fn demoting_each_other_leaves_a_consistent_rank() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo) = (tenant.user("anna").await, tenant.user("ben").await, tenant.user("cleo").await);
    let token = anna.public_room().await;
    for person in [&ben, &cleo] {
        anna.add(&token, person).await.expect(200);
    }
    for _ in 0..ROUNDS {
        for person in [&ben, &cleo] {
            anna.promote(&token, person).await;
        }
        let (one, two) = tokio::join!(ben.demote(&token, &cleo), cleo.demote(&token, &ben));
        // Who was demoted first has no right to demote any more.
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
    }
}

#[tokio::test]
async fn joining_against_deleting_leaves_nobody_in_a_call() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo) = (tenant.user("anna").await, tenant.user("ben").await, tenant.user("cleo").await);
    for _ in 0..ROUNDS {
        let (token, guest) = (anna.public_room().await, tenant.nobody());
        anna.add(&token, &ben).await.expect(200);
        let (path, call) = (format!("/room/{token}"), format!("/call/{token}"));
        let (_, _, _, deleted) = tokio::join!(
            ben.post(&call, &[]),
            cleo.post(&call, &[]),
            guest.post(&call, &[]),
            anna.delete(&path, &[]),
        );
        assert_eq!(deleted.status, 200);
        for person in [&anna, &ben, &cleo, &guest] {
            assert_eq!(person.ping(&token).await, 404);
        }
        assert_eq!(tenant.items_of(&token).await, 0, "nothing is left of the room");
    }
    for person in [&anna, &ben, &cleo] {
        assert_eq!(person.get("/room").await.list().len(), 0);
    }
}

#[tokio::test]
async fn joining_against_going_private_leaves_no_guest() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for _ in 0..ROUNDS {
        let (token, guest) = (anna.public_room().await, tenant.nobody());
        let (path, call) = (format!("/room/{token}/public"), format!("/call/{token}"));
        let (closed, _, _) =
            tokio::join!(anna.delete(&path, &[]), guest.post(&call, &[]), ben.post(&call, &[]));
        assert_eq!(closed.status, 200);
        assert_eq!((guest.ping(&token).await, ben.ping(&token).await), (404, 404));
        anna.post(&path, &[]).await.expect(200);
        assert_eq!(anna.get(&format!("/room/{token}/participants")).await.column("userId"), ["anna"]);
    }
}

#[tokio::test]
async fn those_who_keep_coming_cannot_hold_a_moderator_up() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for is_deleted in [true, false] {
        let token = anna.public_room().await;
        let (room, call) = (format!("/room/{token}"), format!("/call/{token}"));
        let is_over = AtomicBool::new(false);
        let flood = || keep_coming(&tenant, &call, &is_over);
        let (answer, _, _, _) = tokio::join!(
            async {
                let path = if is_deleted { room.clone() } else { format!("{room}/public") };
                let answer = anna.delete(&path, &[]).await;
                is_over.store(true, Ordering::SeqCst);
                answer
            },
            flood(),
            flood(),
            flood(),
        );
        assert_eq!(answer.status, 200, "{}", answer.text);
        tenant.nobody().get(&room).await.expect(404);
    }
}

async fn keep_coming(tenant: &Tenant, call: &str, is_over: &AtomicBool) {
    let guest = tenant.nobody();
    while !is_over.load(Ordering::SeqCst) {
        guest.post(call, &[]).await;
    }
}

#[tokio::test]
async fn two_names_at_once_leave_one() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&ben]).await;
    for round in 0..ROUNDS {
        let names = [format!("one {round}"), format!("two {round}")];
        let path = "/ocs/v2.php/cloud/users/ben";
        let fields = |number: usize| [("key", "displayname"), ("value", names[number].as_str())];
        let (first, second) = (fields(0), fields(1));
        let (one, two, token) =
            tokio::join!(ben.put(path, &first), ben.put(path, &second), anna.group_room("team"));
        assert_eq!((one.status, two.status), (200, 200));
        let name = ben.get("/ocs/v2.php/cloud/user").await.text_at("displayname");
        assert!(names.contains(&name));
        assert_eq!(anna.room(&token).await["participants"]["ben"]["name"], json!(name));
    }
}

#[tokio::test]
async fn a_password_set_in_mid_join_is_asked_for() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let (path, call) = (format!("/room/{token}/password"), format!("/call/{token}"));
    for _ in 0..5 {
        let guest = tenant.nobody();
        let (set, joined) = tokio::join!(anna.put(&path, &[("password", "x")]), guest.post(&call, &[]));
        assert_eq!(set.status, 200);
        assert!(matches!(joined.status, 200 | 403));
        assert_eq!(tenant.nobody().post(&call, &[]).await.status, 403);
        anna.put(&path, &[("password", "")]).await.expect(200);
    }
}

#[tokio::test]
async fn the_last_two_who_leave_at_once_take_the_room_along() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    for _ in 0..ROUNDS {
        let token = anna.public_room().await;
        anna.add(&token, &ben).await.expect(200);
        let path = format!("/room/{token}/participants/self");
        let (one, two) = tokio::join!(anna.delete(&path, &[]), ben.delete(&path, &[]));
        assert_eq!((one.status, two.status), (200, 200));
        anna.get(&format!("/room/{token}")).await.expect(404);
        assert_eq!(tenant.items_of(&token).await, 0);
    }
}

#[tokio::test]
async fn a_crowd_that_joins_at_once_is_all_in() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let guests: Vec<Person<'_>> = (0..20).map(|_| tenant.nobody()).collect();
    let joins = guests.iter().map(|guest| guest.join(&token));
    futures_util::future::join_all(joins).await;
    anna.join(&token).await;
    assert_eq!(anna.peers(&token).await.len(), 21);
}

#[tokio::test]
async fn an_account_made_twice_is_one() {
    let tenant = Tenant::new().await;
    let admin = tenant.admin().await;
    for round in 0..5 {
        let id = format!("new{round}");
        let fields = [("userid", id.as_str()), ("password", "tea-for-two")];
        let path = "/ocs/v2.php/cloud/users";
        let (one, two) = tokio::join!(admin.post(path, &fields), admin.post(path, &fields));
        let mut codes = [one.code(), two.code()];
        codes.sort_unstable();
        assert_eq!(codes, [102, 200]);
    }
}

#[tokio::test]
async fn deleting_a_person_against_inviting_leaves_no_row() {
    let tenant = Tenant::new().await;
    let (admin, anna) = (tenant.admin().await, tenant.user("anna").await);
    tenant.group("team", &[]).await;
    for round in 0..ROUNDS {
        let ben = tenant.user(&format!("ben{round}")).await;
        tenant.join_group("team", &ben).await;
        let token = anna.public_room().await;
        let user = format!("/ocs/v2.php/cloud/users/{}", ben.id());
        let team = [("roomType", "2"), ("invite", "team")];
        let (deleted, _, group, _) = tokio::join!(
            admin.delete(&user, &[]),
            anna.add(&token, &ben),
            anna.post("/room", &team),
            ben.post("/room", &[("roomType", "3")]),
        );
        assert_eq!(deleted.status, 200, "{}", deleted.text);
        for room in [token, group.expect(201).text_at("token")] {
            assert_eq!(anna.get(&format!("/room/{room}/participants")).await.column("userId"), ["anna"]);
        }
        assert_eq!(tenant.items_of_user(ben.id()).await, 0);
    }
}
