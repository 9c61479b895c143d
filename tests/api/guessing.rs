//! Guessing: somebody tries passwords and rooms, and those who have nothing to do with it notice nothing.
//!
//! `GUESSES=1000 cargo test --test api guessing::an_attacker -- --nocapture` makes the table of `docs/security.md`.
#![expect(clippy::print_stdout, reason = "figures for the documents")]

use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use tests::{Answer, Event, Person, Tenant};

const SETTINGS: &str = "/signaling/settings";
const HALF_AN_HOUR: i64 = 30 * 60;

/// Who asks for something with a password, from this address.
fn login(person: &Person<'_>, password: &str, address: &str) -> Event {
    person.with_password(password).request("GET", SETTINGS).from(address)
}

/// A guest who wants to come into a room with a password.
fn knock(tenant: &Tenant, token: &str, password: &str, address: &str) -> Event {
    let body = format!("password={password}");
    let event = tenant.nobody().request("POST", &format!("/call/{token}")).from(address);
    event.body("application/x-www-form-urlencoded", body)
}

/// A public room with a password.
async fn locked_room(owner: &Person<'_>) -> String {
    let token = owner.public_room().await;
    owner.put(&format!("/room/{token}/password"), &[("password", "earl-grey")]).await.expect(200);
    token
}

#[tokio::test]
async fn ten_typing_errors_hinder_nobody() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for n in 0..10 {
        tenant.send(&login(&anna, &format!("typo {n}"), "192.0.2.7")).await.expect(401);
    }
    let before = tenant.now();
    tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(200);
    // After ten, it waits for a fifth of a second.
    assert_eq!(tenant.now(), before);
}

#[tokio::test]
async fn somebody_who_guesses_is_turned_away_and_the_owner_notices_nothing() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut refused = 0;
    // Far more than an address may try in all: what is refused is not counted.
    for n in 0..240 {
        let answer = tenant.send(&login(&anna, &format!("guess {n}"), "192.0.2.7")).await;
        assert_eq!(answer.status, if n < 15 { 401 } else { 429 }, "guess {n}: {}", answer.text);
        if answer.status == 429 {
            refused += 1;
            let pause: i64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=HALF_AN_HOUR).contains(&pause), "{pause}");
            assert!(answer.message().starts_with("Too many wrong passwords"), "{}", answer.message());
        }
    }
    assert_eq!(refused, 225);
    // What is right is not looked at any more from there, and from everywhere else it is.
    tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(429);
    tenant.send(&login(&anna, "password", "192.0.2.8")).await.expect(200);
    // An app goes on, from everywhere.
    tenant.send(&anna.request("GET", SETTINGS).from("192.0.2.7")).await.expect(200);
    // Headers say what they like.
    let event = login(&anna, "guess again", "192.0.2.7").header("x-forwarded-for", "192.0.2.9");
    tenant.send(&event).await.expect(429);
    // And another account is another matter.
    let ben = tenant.user("ben").await;
    tenant.send(&login(&ben, "password", "192.0.2.7")).await.expect(200);
    tenant.wait(HALF_AN_HOUR + 1);
    tenant.send(&login(&anna, "guess", "192.0.2.7")).await.expect(401);
    tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(200);
}

#[tokio::test]
async fn what_an_administrator_forgets_is_forgotten() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for n in 0..20 {
        tenant.send(&login(&anna, &format!("guess {n}"), "192.0.2.7")).await;
    }
    // As `make unblock` does; of a set without elements nothing is left.
    let (client, table) = tenant.database();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let forget =
        client.update_item().table_name(table).key("pk", text("GUESSES")).key("sk", text("192.0.2.7"));
    forget.update_expression("REMOVE marks").send().await.unwrap();
    tenant.wait(11);
    tenant.send(&login(&anna, "another", "192.0.2.7")).await.expect(401);
    tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(200);
}

#[tokio::test]
async fn all_instances_count_together() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut computed = 0;
    for n in 0..40 {
        // Each time another instance, which remembers nothing.
        let instance = tenant.twin(shared::domain::random::RandomSource::from_seed(n));
        let answer = instance.send(&login(&anna, &format!("guess {n}"), "192.0.2.7")).await;
        computed += usize::from(answer.status == 401);
    }
    assert_eq!(computed, 15);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_way_around() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for n in 0..5 {
        tenant.send(&login(&anna, &format!("first {n}"), "192.0.2.7")).await.expect(401);
    }
    let events: Vec<_> = (0..60).map(|n| login(&anna, &format!("guess {n}"), "192.0.2.7")).collect();
    let answers = futures_util::future::join_all(events.iter().map(|event| tenant.send(event))).await;
    let computed = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(computed <= 11, "{computed} were looked at");
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
}

#[tokio::test]
async fn another_case_is_no_way_around() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut computed = 0;
    for n in 0..40 {
        let id = ["anna", "ANNA", "Anna", "aNNa"][n % 4];
        let event = login(&anna.elsewhere_as(id, "x"), &format!("guess {n}"), "192.0.2.7");
        computed += usize::from(tenant.send(&event).await.status == 401);
    }
    assert_eq!(computed, 15);
}

#[tokio::test]
async fn an_app_with_a_stale_password_locks_nobody_out() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    for _ in 0..40 {
        tenant.send(&login(&anna, "that of last year", "192.0.2.7")).await.expect(401);
    }
    tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(200);
}

#[tokio::test]
async fn the_password_of_a_room_is_guessed_no_better() {
    // The same room each time: little is kept of a wrong secret, and in one room of 25 one looks like another.
    let tenant = Tenant::with_random(shared::domain::random::RandomSource::from_seed(1)).await;
    let anna = tenant.user("anna").await;
    let token = locked_room(&anna).await;
    for n in 0..40 {
        let answer = tenant.send(&knock(&tenant, &token, &format!("guess{n}"), "192.0.2.7")).await;
        assert_eq!(answer.status, if n < 15 { 403 } else { 429 }, "guess {n}: {}", answer.text);
    }
    tenant.send(&knock(&tenant, &token, "earl-grey", "192.0.2.7")).await.expect(429);
    tenant.send(&knock(&tenant, &token, "earl-grey", "192.0.2.8")).await.expect(200);
    // A member needs no password, and no patience.
    tenant.send(&anna.request("POST", &format!("/call/{token}")).from("192.0.2.7")).await.expect(200);
    let other = anna.public_room().await;
    tenant.send(&knock(&tenant, &other, "", "192.0.2.7")).await.expect(200);
}

#[tokio::test]
async fn one_password_for_many_accounts_is_guessing_too() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let mut statuses = Vec::new();
    for n in 0..110 {
        let event = login(&anna.elsewhere_as(&format!("somebody{n}"), "x"), "summer2026", "192.0.2.7");
        statuses.push(tenant.send(&event).await.status);
    }
    let computed = statuses.iter().filter(|&&status| status == 401).count();
    assert_eq!(computed, 100, "{statuses:?}");
    assert!(statuses[100..].iter().all(|&status| status == 429));
    tenant.send(&login(&anna, "password", "192.0.2.8")).await.expect(200);
}

#[tokio::test]
async fn who_looks_for_rooms_finds_none_and_does_no_harm_to_one() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    let token = anna.public_room().await;
    let look =
        |token: &str, address: &str| tenant.nobody().request("GET", &format!("/room/{token}")).from(address);
    // An app that asks for a room that is gone, again and again.
    for _ in 0..200 {
        tenant.send(&look("gonegone", "192.0.2.6")).await.expect(404);
    }
    tenant.send(&look(&token, "192.0.2.6")).await.expect(200);
    let mut found = 0;
    for n in 0..160 {
        found += usize::from(tenant.send(&look(&format!("abcd{n:04}"), "192.0.2.7")).await.status == 404);
    }
    assert!((100..=110).contains(&found), "{found} were answered");
    tenant.send(&look(&token, "192.0.2.7")).await.expect(429);
    tenant.send(&look(&token, "192.0.2.8")).await.expect(200);
    tenant.send(&anna.request("GET", &format!("/room/{token}")).from("192.0.2.7")).await.expect(200);
    tenant.wait(HALF_AN_HOUR + 1);
    tenant.send(&look(&token, "192.0.2.7")).await.expect(200);
}

#[tokio::test]
async fn changing_what_logs_in_is_no_back_door() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    // A login of a minute ago is remembered, and a change demands the password afresh.
    for n in 0..40 {
        let event =
            anna.with_password(&format!("guess {n}")).request("GET", "/ocs/v2.php/core/getapppassword");
        let answer = tenant.send(&event.from("192.0.2.7")).await;
        assert_eq!(answer.status, if n < 15 { 401 } else { 429 }, "guess {n}");
    }
}

#[tokio::test]
async fn nobody_who_is_right_pays_for_it() {
    let tenant = Tenant::new().await;
    let anna = tenant.user("anna").await;
    // The first ticket needs a secret.
    anna.get(SETTINGS).await.expect(200);
    let cost = |answer: &Answer| format!("{:?}", answer.usage);
    let before = cost(&tenant.send(&login(&anna, "password", "192.0.2.7")).await.expect(200));
    // An instance that remembers nothing, after some typing errors of the person from the same address.
    for n in 0..4 {
        tenant.send(&login(&anna, &format!("typo {n}"), "192.0.2.7")).await.expect(401);
    }
    let instance = tenant.twin(shared::domain::random::RandomSource::from_seed(7));
    let after = cost(&instance.send(&login(&anna, "password", "192.0.2.7")).await.expect(200));
    assert_eq!(before, after);
}

/// What is guessed at.
#[derive(Clone, Copy, Debug)]
enum Aim {
    Login,
    App,
    Room,
}

#[tokio::test]
async fn an_attacker_gets_nowhere_from_one_address_or_from_many() {
    let guesses: usize = std::env::var("GUESSES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    println!(
        "| {guesses} guesses at | from | computed | 429 | capacity units | seconds |\n| --- | --- | --- | --- | --- | --- |"
    );
    for aim in [Aim::Login, Aim::App, Aim::Room] {
        for addresses in [1, 10, 100] {
            let tenant = Tenant::new().await;
            let anna = tenant.user("anna").await;
            let token = locked_room(&anna).await;
            let (began, mut refused, mut units) = (Instant::now(), 0, 0.0);
            for n in 0..guesses {
                let address = format!("198.51.100.{}", n % addresses);
                let event = match aim {
                    Aim::Login => login(&anna, &format!("guess {n}"), &address),
                    Aim::App => login(&anna, &format!("{n:072}"), &address),
                    Aim::Room => knock(&tenant, &token, &format!("guess{n}"), &address),
                };
                let answer = tenant.send(&event).await;
                refused += usize::from(answer.status == 429);
                units += answer.usage.capacity_units;
                if n % 20 == 0 {
                    // All the while.
                    tenant.send(&login(&anna, "password", "192.0.2.1")).await.expect(200);
                }
            }
            let computed = guesses - refused;
            println!(
                "| {aim:?} | {addresses} | {computed} | {refused} | {units:.0} | {:.1} |",
                began.elapsed().as_secs_f64()
            );
            // Of a wrong secret little is kept, so that one in 270 looks like one that was tried before.
            let lookalikes = 3 + guesses / 100;
            assert!(
                computed <= 15 * addresses + lookalikes,
                "{aim:?} from {addresses}: {computed} were looked at"
            );
        }
    }
}
