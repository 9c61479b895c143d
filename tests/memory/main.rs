//! What is in a body makes no difference before it is known who sent it: small JSON, which takes ten times
//! its length once it is read, costs no more memory than one long text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use peak_alloc::PeakAlloc;
use serde_json::json;
use shared::domain::secret::Secret;
use shared::gateway::Signaling;
use tests::{Event, Tenant};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const API: &str = "/ocs/v2.php/apps/spreed/api/v1";
const LENGTH: usize = 3 << 20;

/// The most that a request took beside what was there before, in bytes.
async fn peak(tenant: &Tenant, event: &Event) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let answer = tenant.send(event).await;
    assert!(answer.status < 500, "{}", answer.text);
    MEMORY.peak_usage().saturating_sub(before)
}

/// JSON objects of about this length: one long text, many small lists, many small objects, and a list of
/// objects in a text.
fn bodies(length: usize) -> [String; 4] {
    let lists = format!("[{}1]", "[],".repeat(length / 3));
    let object = format!(r#"{{{}"a":0}}"#, r#""":0,"#.repeat(900));
    let objects = format!("[{}0]", format!("{object},").repeat(length / (object.len() + 1)));
    [
        json!({"messages": "x".repeat(length)}).to_string(),
        format!(r#"{{"type":"auth","messages":{lists}}}"#),
        format!(r#"{{"type":"auth","messages":{objects}}}"#),
        json!({"messages": objects}).to_string(),
    ]
}

async fn demand_the_same(tenant: &Tenant, what: &str, event: impl Fn(&str) -> Event, length: usize) {
    let [text, small @ ..] = bodies(length).map(|body| event(&body));
    // Whatever is allocated once is allocated before it is measured.
    peak(tenant, &text).await;
    let text = peak(tenant, &text).await;
    for (place, small) in small.iter().enumerate() {
        let small = peak(tenant, small).await;
        assert!(small < text + text / 2, "{what}, body {place}: {small} bytes, {text} for a text");
    }
}

#[tokio::test]
async fn nothing_is_read_before_it_is_known_who_sent_it() {
    let setting = |name: &str| (name == "SIGNALING_SERVER").then(|| "https://signaling.example".to_owned());
    let signaling = Signaling::new(setting, None, Some(Secret::new("secret"))).unwrap();
    let with_server = Tenant::new().await.with_signaling(signaling);
    let backend = |body: &str| {
        let path = format!("{API}/signaling/backend");
        Event::new("POST", &path)
            .header("spreed-signaling-random", &"0".repeat(64))
            .header("spreed-signaling-checksum", &"0".repeat(64))
            .body("application/json", body)
    };
    demand_the_same(&with_server, "the backend", backend, LENGTH).await;

    let tenant = Tenant::new().await;
    let (owner, guest) = (tenant.user("owner").await, tenant.nobody());
    let token = owner.public_room().await;
    for person in [&guest, &owner, &owner.with_password("wrong")] {
        for path in ["/signaling".to_owned(), format!("/signaling/{token}"), format!("/room/{token}/nothing")]
        {
            let event = |body: &str| person.request("POST", &path).body("application/json", body);
            demand_the_same(&tenant, &path, event, LENGTH).await;
        }
    }
    guest.join(&token).await;
    let path = format!("/signaling/{token}");
    let event = |body: &str| person_in_the_call(&guest, &path, body);
    demand_the_same(&tenant, "somebody in the call", event, 900 << 10).await;
}

fn person_in_the_call(guest: &tests::Person<'_>, path: &str, body: &str) -> Event {
    guest.request("POST", path).body("application/json", body)
}
