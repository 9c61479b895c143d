//! `/room`: making, showing, changing and deleting rooms.

use serde_json::json;
use shared::domain::random::RandomSource;
use tests::{START, Scene, Tenant};

#[tokio::test]
async fn a_one_to_one_room_is_made_once_for_both() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let first = anna.post("/room", &[("roomType", "1"), ("invite", "ben")]).await.expect(201);
    let second = anna.post("/room", &[("roomType", "1"), ("invite", "ben")]).await.expect(200);
    let third = ben.post("/room", &[("roomType", "1"), ("invite", "anna")]).await.expect(200);
    assert_eq!(first.data(), second.data());
    assert_eq!(first.data(), third.data());
    let token = first.text_at("token");
    for (me, other) in [(&anna, &ben), (&ben, &anna)] {
        let room = me.room(&token).await;
        assert_eq!(room["type"], json!(1));
        assert_eq!(room["name"], json!(other.id()));
        assert_eq!(room["displayName"], json!(format!("{}'s name", other.id())));
        assert_eq!(room["participantType"], json!(1));
    }
}

#[tokio::test]
async fn creation_is_refused_by_what_is_missing() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for (fields, status) in [
        (&[("roomType", "1"), ("invite", "ghost")][..], 404),
        (&[("roomType", "1"), ("invite", "")], 404),
        (&[("roomType", "1"), ("invite", "no/id")], 404),
        (&[("roomType", "1")], 404),
        (&[("roomType", "1"), ("invite", "anna")], 403),
        (&[("roomType", "2"), ("invite", "ghosts")], 404),
        (&[("roomType", "2"), ("invite", "")], 404),
        (&[("roomType", "2")], 404),
        (&[("roomType", "0")], 400),
        (&[("roomType", "4")], 400),
        (&[("roomType", "-1")], 400),
        (&[("roomType", "public")], 400),
        (&[("roomType", "")], 400),
        (&[], 400),
    ] {
        assert_eq!(anna.post("/room", fields).await.status, status, "{fields:?}");
    }
    assert_eq!(anna.get("/room").await.list().len(), 0);
}

#[tokio::test]
async fn a_group_room_takes_a_snapshot_of_the_group() {
    let tenant = Tenant::new().await;
    let (anna, ben, cleo, dan) = (
        tenant.user("anna").await,
        tenant.user("ben").await,
        tenant.user("cleo").await,
        tenant.user("dan").await,
    );
    tenant.group("team", &[&ben, &cleo]).await;
    // Who invites need not be in the group; every time there is a new room.
    let (first, second) = (anna.group_room("team").await, anna.group_room("team").await);
    assert_ne!(first, second);
    let room = anna.room(&first).await;
    assert_eq!((&room["name"], &room["displayName"]), (&json!("team"), &json!("team")));
    assert_eq!(
        room["participants"],
        json!({
            "anna": {"name": "anna's name", "type": 1},
            "ben": {"name": "ben's name", "type": 3},
            "cleo": {"name": "cleo's name", "type": 3},
        })
    );
    // Who joins the group later is not in; who makes a room of the own group is its owner once.
    tenant.group("team2", &[&dan]).await;
    dan.get(&format!("/room/{first}")).await.expect(404);
    let own = ben.group_room("team").await;
    assert_eq!(ben.get(&format!("/room/{own}/participants")).await.column("userId"), ["ben", "cleo"]);
}

#[tokio::test]
async fn the_room_object_has_every_field() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let session = scene.owner.join(&scene.token).await;
    let room = scene.owner.room(&scene.token).await;
    let id = room["id"].as_u64().expect("a number");
    assert!((1..=(1 << 53) - 1).contains(&id));
    assert_eq!(
        room,
        json!({
            "id": id,
            "token": scene.token,
            "type": 3,
            "name": "",
            "displayName": "follower's name, moderator's name, user's name, 1 guest",
            "description": "",
            "participantType": 1,
            "count": 3,
            "hasPassword": false,
            "lastPing": tenant.moment(START, &room["lastPing"]),
            "sessionId": session,
            "participants": {
                "follower": {"name": "follower's name", "type": 5},
                "owner": {"name": "owner's name", "type": 1},
                "moderator": {"name": "moderator's name", "type": 2},
                "user": {"name": "user's name", "type": 3},
            },
            "numGuests": 1,
            "guestList": "1 guest",
        })
    );
    let list = scene.owner.get("/room").await.expect(200);
    assert_eq!(list.list(), [room]);
    // The guest sees the own session and the other guests.
    let second = tenant.nobody();
    second.join(&scene.token).await;
    let room = scene.guest.room(&scene.token).await;
    assert_eq!(room["sessionId"], json!(scene.guest_session));
    assert_eq!(room["lastPing"], tenant.moment(START, &room["lastPing"]));
    assert_eq!((&room["participantType"], &room["numGuests"]), (&json!(4), &json!(2)));
    assert_eq!(room["guestList"], json!("1 other guest"));
    // Of follower and owner the one who pinged last comes first, where a clock that nobody sets has it.
    let orders = ["follower's name, owner's name", "owner's name, follower's name"];
    let names =
        orders.map(|first| json!(format!("{first}, moderator's name, user's name, You, 1 other guest")));
    assert!(names.contains(&room["displayName"]), "{room}");
}

#[tokio::test]
async fn outsiders_of_a_public_room_see_what_is_no_secret() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let names = "follower's name, moderator's name, owner's name, user's name";
    for outsider in [&scene.stranger, &scene.nobody] {
        assert_eq!(outsider.room(&scene.token).await["displayName"], json!(names));
    }
    scene.owner.put(&format!("/room/{}/password", scene.token), &[("password", "x")]).await.expect(200);
    for outsider in [&scene.stranger, &scene.nobody] {
        let room = outsider.room(&scene.token).await;
        assert_eq!(room["participantType"], json!(4));
        assert_eq!((&room["lastPing"], &room["sessionId"]), (&json!(0), &json!("0")));
        assert_eq!(room["participants"], json!([]));
        assert_eq!((&room["numGuests"], &room["guestList"]), (&json!(0), &json!("")));
        assert_eq!((&room["count"], &room["hasPassword"]), (&json!(2), &json!(true)));
        // Where a password is asked for, the link alone does not tell who is in the room.
        assert_eq!(room["displayName"], json!(""));
    }
    assert_eq!(scene.stranger.get("/room").await.list().len(), 0);
}

#[tokio::test]
async fn my_rooms_are_all_in_which_i_have_a_row() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    tenant.group("team", &[&ben]).await;
    let mut mine = vec![anna.public_room().await, anna.room_with(&ben).await, anna.group_room("team").await];
    anna.join(&mine[0]).await;
    let pair_and_group = vec![mine[1].clone(), mine[2].clone()];
    let foreign = tenant.user("cleo").await.public_room().await;
    ben.room(&foreign).await;
    ben.room(&mine[0]).await;
    ben.join(&foreign).await;
    mine.sort();
    assert_eq!(anna.get("/room").await.column("token"), mine);
    let mut bens = [pair_and_group, vec![foreign]].concat();
    bens.sort();
    assert_eq!(ben.get("/room").await.column("token"), bens);
}

#[tokio::test]
async fn names_have_200_characters_at_most_and_may_be_empty() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let path = format!("/room/{token}");
    for (name, status) in [("ü".repeat(200), 200), ("ü".repeat(201), 400), (String::new(), 200)] {
        let before = anna.room(&token).await["name"].clone();
        let answer = anna.put(&path, &[("roomName", &name)]).await;
        assert_eq!(answer.status, status);
        let after = anna.room(&token).await["name"].clone();
        if status == 200 {
            assert_eq!(after, json!(name));
        } else {
            assert_eq!(after, before);
            assert_eq!(answer.message(), "roomName must have at most 200 characters.");
        }
    }
    assert_eq!(anna.room(&token).await["displayName"], json!("You"));
}

#[tokio::test]
async fn a_password_keeps_out_guests_and_followers_only() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let (room, call) = (format!("/room/{}/password", scene.token), format!("/call/{}", scene.token));
    scene.moderator.put(&room, &[("password", "open sesame")]).await.expect(200);
    // Setting one throws nobody out.
    assert_eq!(scene.owner.peers(&scene.token).await.len(), 2);
    assert_eq!(scene.guest.ping(&scene.token).await, 200);
    for person in [&scene.owner, &scene.moderator, &scene.user] {
        person.post(&call, &[]).await.expect(200);
    }
    for person in [&scene.guest, &scene.follower, &scene.stranger, &scene.nobody] {
        for wrong in
            [&[][..], &[("password", "")], &[("password", "Open sesame")], &[("password", "open sesame ")]]
        {
            person.post(&call, wrong).await.expect(403);
        }
    }
    let rows = scene.owner.get(&format!("/room/{}/participants", scene.token)).await;
    assert_eq!(rows.list().len(), 5, "a refused join leaves no row");
    for person in [&scene.guest, &scene.follower, &scene.stranger, &scene.nobody] {
        person.post(&call, &[("password", "open sesame")]).await.expect(200);
    }
    // The empty password removes it; what is sent then is ignored.
    scene.owner.put(&room, &[("password", "")]).await.expect(200);
    assert_eq!(scene.owner.room(&scene.token).await["hasPassword"], json!(false));
    tenant.nobody().post(&call, &[("password", "whatever")]).await.expect(200);
}

#[tokio::test]
async fn a_password_survives_a_private_time() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let (room, call) = (format!("/room/{token}"), format!("/call/{token}"));
    anna.put(&format!("{room}/password"), &[("password", "x")]).await.expect(200);
    anna.delete(&format!("{room}/public"), &[]).await.expect(200);
    assert_eq!(anna.room(&token).await["hasPassword"], json!(true));
    anna.post(&format!("{room}/public"), &[]).await.expect(200);
    tenant.nobody().post(&call, &[]).await.expect(403);
    tenant.nobody().post(&call, &[("password", "x")]).await.expect(200);
}

#[tokio::test]
async fn going_private_in_mid_call_throws_guests_and_followers_out() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let session = scene.owner.join(&scene.token).await;
    scene.moderator.delete(&format!("/room/{}/public", scene.token), &[]).await.expect(200);
    let room = scene.owner.room(&scene.token).await;
    assert_eq!((&room["type"], &room["numGuests"], &room["count"]), (&json!(2), &json!(0), &json!(1)));
    assert_eq!(scene.owner.peers(&scene.token).await, [session]);
    for person in [&scene.guest, &scene.follower] {
        assert_eq!(person.ping(&scene.token).await, 404);
        person.get(&format!("/call/{}", scene.token)).await.expect(404);
    }
    assert_eq!(scene.follower.get("/room").await.list().len(), 0);
    // Again, and back: nothing comes back.
    scene.owner.delete(&format!("/room/{}/public", scene.token), &[]).await.expect(200);
    scene.owner.post(&format!("/room/{}/public", scene.token), &[]).await.expect(200);
    let rows = scene.owner.get(&format!("/room/{}/participants", scene.token)).await;
    assert_eq!(rows.column("userId"), ["moderator", "owner", "user"]);
    assert_eq!(scene.guest.ping(&scene.token).await, 404);
}

#[tokio::test]
async fn a_one_to_one_room_that_goes_public_frees_the_pair() {
    let tenant = Tenant::new().await;
    let (anna, ben) = (tenant.user("anna").await, tenant.user("ben").await);
    let token = anna.room_with(&ben).await;
    ben.post(&format!("/room/{token}/public"), &[]).await.expect(200);
    let room = anna.room(&token).await;
    assert_eq!((&room["type"], &room["participantType"], &room["name"]), (&json!(3), &json!(1), &json!("")));
    ben.delete(&format!("/room/{token}/public"), &[]).await.expect(200);
    assert_eq!(anna.room(&token).await["type"], json!(2), "never one-to-one again");
    let answer = anna.post("/room", &[("roomType", "1"), ("invite", "ben")]).await.expect(201);
    assert_ne!(answer.text_at("token"), token);
}

#[tokio::test]
async fn two_rooms_that_draw_one_token_become_two_rooms() {
    let one = Tenant::with_random(RandomSource::from_seed(1)).await;
    let anna = one.user("anna").await;
    let first = anna.public_room().await;
    // A second warm function that happens to draw the same: the token is taken, so it draws again.
    let two = one.twin(RandomSource::from_seed(1));
    let ben = two.user("ben").await;
    let second = ben.public_room().await;
    assert_ne!(first, second);
    assert_eq!(ben.get("/room").await.column("token"), [second]);
    assert_eq!(anna.get(&format!("/room/{first}/participants")).await.column("userId"), ["anna"]);
}

#[tokio::test]
async fn a_description_says_what_a_room_is_for() {
    let tenant = Tenant::new().await;
    let scene = Scene::public(&tenant).await;
    let path = format!("/room/{}/description", scene.token);
    scene.moderator.put(&path, &[("description", "  Tea,\r\nevery day \u{202e}at five  ")]).await.expect(200);
    for person in [&scene.owner, &scene.guest, &scene.stranger] {
        assert_eq!(person.room(&scene.token).await["description"], json!("Tea,\nevery day at five"));
    }
    assert_eq!(scene.user.get("/room").await.column("description"), ["Tea,\nevery day at five"]);
    // Where there is a password, the link alone tells nothing.
    let password = [("password", "earl-grey")];
    scene.owner.put(&format!("/room/{}/password", scene.token), &password).await.expect(200);
    assert_eq!(scene.stranger.room(&scene.token).await["description"], json!(""));
    assert_ne!(scene.user.room(&scene.token).await["description"], json!(""));
    scene.owner.put(&path, &[]).await.expect(200);
    assert_eq!(scene.user.room(&scene.token).await["description"], json!(""));
    let long = "x".repeat(501);
    let refused = scene.owner.put(&path, &[("description", &long)]).await.expect(400);
    assert_eq!(refused.message(), "description must have at most 500 characters.");
    let pair = scene.owner.room_with(&scene.moderator).await;
    scene.owner.put(&format!("/room/{pair}/description"), &[("description", "x")]).await.expect(400);
}
