//! A function may die at any moment. For every endpoint there is, it dies before and after each of its requests to
//! DynamoDB, and at each post to an external signaling server: what others see is then as before or as after, nothing in
//! the table lacks its other half, a success that was answered is there, and the same request once more ends well.
#![expect(clippy::print_stdout, reason = "figures for the documents")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};
use tests::{FOR_EVER, Fault, Person, Row, Tenant};
use tokio::sync::Notify;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::costs::{SAMPLES, Sample, Stage};
use crate::external::with_server;

/// Changes that take several transactions, of which others may see a part until the request is made again.
const IN_PARTS: &[(&str, &str, &str)] = &[
    ("DELETE", "/ocs/{version}/cloud/users/{user}", "a person leaves one room after the other"),
    ("DELETE", "/ocs/{version}/cloud/groups/{group}", "a group loses one member after the other"),
    ("DELETE", "/room/{token}/public", "guests and followers leave in parts when they are many"),
];
/// What makes something new each time, so that making it twice makes two.
const NEW_EACH_TIME: &[(&str, &str)] =
    &[("POST", "/room"), ("POST", "/v4/room"), ("GET", "/ocs/{version}/core/getapppassword")];

fn is_among(row: Row, rows: &[(&str, &str)]) -> bool {
    rows.contains(&(row.method, row.path))
}

/// What differs between two stages that are alike.
const VOLATILE: [&str; 5] = ["token", "sessionId", "lastPing", "created", "attributes"];

/// The same without what differs between stages, and in one order.
fn steady(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, value)| {
                // Rooms have numbers, app passwords the beginning of a hash.
                let is_drawn = value.is_number() || value.as_str().is_some_and(|text| text.len() == 16);
                !(VOLATILE.contains(&name.as_str()) || name.as_str() == "id" && is_drawn)
            });
            Value::Object(kept.map(|(name, value)| (name.clone(), steady(value))).collect::<Map<_, _>>())
        }
        Value::Array(entries) => {
            let mut entries: Vec<Value> = entries.iter().map(steady).collect();
            entries.sort_by_key(Value::to_string);
            Value::Array(entries)
        }
        other => other.clone(),
    }
}

/// What everybody sees, through functions that remember nothing.
async fn view(tenant: &Tenant, stage: &Stage<'_>) -> Value {
    let functions = tenant.twin(shared::domain::random::RandomSource::from_seed(1));
    let scene = &stage.scene;
    let mut seen = Vec::new();
    let see = async |who: &Person<'_>, path: String| {
        let answer = functions.known(who).get(&path).await;
        json!([answer.status, steady(answer.data())])
    };
    for who in [&scene.owner, &scene.moderator, &scene.user, &scene.follower, &scene.stranger] {
        seen.push(see(who, "/room".to_owned()).await);
    }
    for path in ["", "/participants"] {
        seen.push(see(&scene.moderator, format!("/room/{}{path}", scene.token)).await);
    }
    seen.push(see(&scene.guest, format!("/call/{}", scene.token)).await);
    for path in [
        "/cloud/users",
        "/cloud/groups",
        "/cloud/groups/team",
        "/cloud/users/user",
        "/cloud/users/user/apppasswords",
    ] {
        seen.push(see(&stage.admin, format!("/ocs/v2.php{path}")).await);
    }
    seen.push(see(&stage.admin, "/call".to_owned()).await);
    seen.push(see(&scene.owner, format!("/chat/{}", scene.token)).await);
    Value::Array(seen)
}

/// A view without what was said, of which a request that is made again may say more.
fn in_silence(mut view: Value) -> Value {
    view.as_array_mut().into_iter().for_each(|seen| _ = seen.pop());
    view
}

/// Where two views differ; empty when they do not.
fn difference(one: &Value, other: &Value) -> String {
    let pairs = one.as_array().into_iter().flatten().zip(other.as_array().into_iter().flatten());
    pairs
        .filter(|(one, other)| one != other)
        .map(|(one, other)| format!("{one}\n  and not {other}\n"))
        .collect()
}

/// What is seen before a request, and after it went well.
struct Expected {
    before: Value,
    after: Value,
}

async fn expected(sample: &Sample) -> Expected {
    let tenant = Tenant::new().await;
    let stage = sample.stage(&tenant).await;
    let before = view(&tenant, &stage).await;
    let answer = stage.call(sample.row, &tenant).await;
    assert!(answer.status < 300, "{} {}: {}", sample.row.method, sample.row.path, answer.text);
    Expected { before, after: view(&tenant, &stage).await }
}

/// Lets a function die at one moment; tells whether it got that far.
async fn cell(sample: &Sample, expected: &Expected, at: usize, is_sent: bool) -> bool {
    let row = sample.row;
    let place =
        format!("{} {} dies {} request {at}", row.method, row.path, if is_sent { "after" } else { "before" });
    let tenant = Tenant::new().await;
    let stage = sample.stage(&tenant).await;
    let fault = if is_sent { Fault::death_after(at) } else { Fault::death_before(at) };
    let answer = stage.call(row, &tenant.faulty(fault)).await;
    if answer.usage.requests() as usize <= at {
        return false;
    }
    if answer.status < 300 {
        let lost = difference(&view(&tenant, &stage).await, &expected.after);
        assert_eq!(lost, "", "{place}: what was answered {} is not there", answer.status);
    } else {
        assert_eq!(answer.status, 503, "{place}: {}", answer.text);
        demand_all_or_nothing(row, &place, &view(&tenant, &stage).await, expected);
    }
    demand_a_good_end(&tenant, &stage, row, &place, expected).await;
    true
}

fn demand_all_or_nothing(row: Row, place: &str, now: &Value, expected: &Expected) {
    let is_in_parts = IN_PARTS.iter().any(|&(method, path, _)| (method, path) == (row.method, row.path));
    let is_whole = *now == expected.before || *now == expected.after;
    assert!(is_whole || is_in_parts, "{place}: half of it is seen: {}", difference(now, &expected.before));
}

/// Nothing lacks its other half, and the same request once more ends well.
async fn demand_a_good_end(tenant: &Tenant, stage: &Stage<'_>, row: Row, place: &str, expected: &Expected) {
    assert_eq!(tenant.lacks().await, Vec::<String>::new(), "{place}");
    let again = stage.call(row, tenant).await;
    assert!(again.status < 500, "{place}, and again: {}", again.text);
    if !is_among(row, NEW_EACH_TIME) {
        let now = in_silence(view(tenant, stage).await);
        let lost = difference(&now, &in_silence(expected.after.clone()));
        assert_eq!(lost, "", "{place}, and again: {}", again.text);
    }
    assert_eq!(tenant.lacks().await, Vec::<String>::new(), "{place}, and again");
}

/// Lets a function die while it tells the external signaling server of a change, with post number `at` and every later
/// one; tells whether it got that far.
async fn cell_at_a_post(sample: &Sample, expected: &Expected, at: usize) -> bool {
    let row = sample.row;
    let place = format!("{} {} dies at post {at}", row.method, row.path);
    let tenant = Tenant::new().await;
    let stage = sample.stage(&tenant).await;
    let server = MockServer::start().await;
    let (posts, died) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let dies = Arc::clone(&died);
    let answer = move |_: &Request| {
        if posts.fetch_add(1, Ordering::SeqCst) < at {
            return ResponseTemplate::new(200);
        }
        dies.notify_one();
        ResponseTemplate::new(200).set_delay(FOR_EVER)
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let functions = tenant.faulty(Fault::throttle(0)).with_signaling(with_server(&server.uri()));
    let answer = tokio::select! {
        answer = stage.call(row, &functions) => Some(answer),
        () = died.notified() => None,
    };
    if answer.is_some() {
        return false;
    }
    demand_all_or_nothing(row, &place, &view(&tenant, &stage).await, expected);
    demand_a_good_end(&tenant, &stage, row, &place, expected).await;
    true
}

#[tokio::test]
async fn a_function_dies_while_it_tells_the_signaling_server() {
    let mut cells = 0;
    // With such a server, nobody polls.
    for sample in SAMPLES.iter().filter(|sample| !sample.row.path.contains("/signaling")) {
        let expected = expected(sample).await;
        for at in 0.. {
            if !cell_at_a_post(sample, &expected, at).await {
                break;
            }
            cells += 1;
        }
    }
    println!("{cells} cells at posts");
    assert!(cells > 10, "{cells} cells: who tells the server?");
}

/// All cells of every `of`-th endpoint, from the `first` on.
async fn deaths(first: usize, of: usize) {
    let mut cells = 0;
    for sample in SAMPLES.iter().skip(first).step_by(of) {
        let expected = expected(sample).await;
        for at in 0.. {
            if !cell(sample, &expected, at, false).await {
                break;
            }
            cell(sample, &expected, at, true).await;
            cells += 2;
        }
    }
    println!("{cells} cells");
    assert!(cells > 0);
}

macro_rules! parts {
    ($($name:ident: $first:literal;)*) => {
        $(#[tokio::test] async fn $name() { deaths($first, 8).await; })*
    };
}

parts! {
    a_function_dies_anywhere_1: 0;
    a_function_dies_anywhere_2: 1;
    a_function_dies_anywhere_3: 2;
    a_function_dies_anywhere_4: 3;
    a_function_dies_anywhere_5: 4;
    a_function_dies_anywhere_6: 5;
    a_function_dies_anywhere_7: 6;
    a_function_dies_anywhere_8: 7;
}
