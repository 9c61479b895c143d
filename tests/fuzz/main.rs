//! What strangers send, made up by the hundred thousand: nothing that is read from outside may panic, and what was
//! refused or understood keeps its promises.
//!
//! `PROPTEST_CASES` sets another number for each target, as `make fuzz` does. A failure prints the smallest input that brings it about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::domain::guesses::{Guess, Source, Subject};
use shared::domain::guest::GuestCookie;
use shared::domain::random::RandomSource;
use shared::domain::room::Token;
use shared::domain::secret::{Digest, Secret};
use shared::domain::ticket::Ticket;
use shared::domain::time::Timestamp;
use shared::gateway::{Incoming, MAX_BODY_BYTES, Service, SystemClock, objects, serve};
use shared::table::Table;

/// How many inputs a target gets in `make test`; `make fuzz` makes up 100,000.
const CASES: u32 = 2_000;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    // What fails is told, and not kept in a file of the repository.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Text in which what has a meaning somewhere comes often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z0-9]{0,8}",
        2 => "[ -~]{0,12}",
        1 => any::<String>().prop_map(|text| text.chars().take(12).collect()),
        3 => prop::sample::select(vec![
            "/", "//", "%2F", "%", "%zz", "%00", "%F0%9F", "&", "=", "[", "]", "[]", ";", ",", ":", ".", "..", "\"", "\\",
            "{", "}", "[[", "{\"a\":", "null", "-0", "1e400", "\r\n", "\r\n\r\n", "--x", "--x--", "\0", "\u{202e}", "é", "💥",
            "guest-", "__Host-guest-", "ocs", "v2.php", "room", "call", "token", "format=json", "name=\"a\"", "=?utf-8?",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => text().prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

fn content_type() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("application/json".to_owned()),
        Just("application/x-www-form-urlencoded".to_owned()),
        Just("multipart/form-data; boundary=x".to_owned()),
        text().prop_map(|text| format!("multipart/form-data; boundary={text}")),
        text(),
    ]
}

/// A part of a multipart body, more or less.
fn multipart() -> impl Strategy<Value = Vec<u8>> {
    let part = (text(), text(), bytes()).prop_map(|(name, header, content)| {
        let mut part = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n{header}\r\n\r\n")
            .into_bytes();
        part.extend(content);
        part.extend(b"\r\n");
        part
    });
    prop::collection::vec(part, 0..4).prop_map(|parts| {
        let mut body = parts.concat();
        body.extend(b"--x--\r\n");
        body
    })
}

fn event(method: &str, path: &str, query: &str, headers: &Value, body: &[u8]) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.1"}, "requestId": "r"},
        "body": STANDARD.encode(body), "isBase64Encoded": true,
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_path_is_taken_apart(path in text(), prefix in prop::sample::select(vec!["", "/ocs/v2.php/apps/spreed/api/v1/"])) {
        let request = Incoming::from_event(&event("GET", &format!("{prefix}{path}"), "", &json!({}), b""));
        let _ = (request.path(), request.version(), request.base_url());
    }

    #[test]
    fn parameters_are_read_or_refused(query in text(), content_type in content_type(), body in bytes()) {
        let headers = json!({"content-type": content_type});
        let request = Incoming::from_event(&event("POST", "/", &query, &headers, &body));
        if let Ok(parameters) = request.parameters(MAX_BODY_BYTES) {
            for name in ["a", "token", "name", ""] {
                let _ = (parameters.text(name), parameters.integer(name), parameters.texts(name));
            }
        }
        let _ = request.format();
    }

    #[test]
    fn multipart_is_read_or_refused(body in multipart()) {
        let headers = json!({"content-type": "multipart/form-data; boundary=x"});
        let request = Incoming::from_event(&event("POST", "/", "", &headers, &body));
        let _ = request.parameters(MAX_BODY_BYTES).map(|parameters| parameters.text("a"));
    }

    #[test]
    fn cookies_are_found_or_passed_over(cookies in prop::collection::vec(text(), 0..5), header in text()) {
        let mut event = event("GET", "/", "", &json!({"cookie": header}), b"");
        event["cookies"] = json!(cookies);
        let request = Incoming::from_event(&event);
        for token in request.guest_rooms() {
            let value = request.cookie(&request.guest_cookie_name(&token)).and_then(GuestCookie::parse);
            // What was read is written as it came.
            if let Some(cookie) = value {
                prop_assert_eq!(GuestCookie::parse(&cookie.value()).map(|it| it.value()), Some(cookie.value()));
            }
        }
    }

    #[test]
    fn a_ticket_is_genuine_only_as_it_was_made(user in "[a-z]{1,8}", random in "[0-9a-f]{16}", at in 0..1_000_000i64, other in text()) {
        let secret = Secret::new("of the tenant");
        let issued = Ticket::issue(UserId::parse(&user).as_ref(), &random, Timestamp(at), &secret);
        let parsed = Ticket::parse(issued.expose());
        prop_assert!(parsed.is_some_and(|ticket| ticket.is_genuine(&secret, Timestamp(at + 1))));
        for forged in [other.clone(), format!("{other}{}", issued.expose()), format!("{}{other}", issued.expose())] {
            if forged != issued.expose() && let Some(ticket) = Ticket::parse(&forged) {
                prop_assert!(!ticket.is_genuine(&secret, Timestamp(at + 1)), "{}", forged);
            }
        }
    }

    #[test]
    fn messages_are_read_or_refused(text in text(), fields in prop::collection::vec((text(), text()), 0..4)) {
        let _ = objects(&text, 101);
        let entry: serde_json::Map<String, Value> = fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let read = objects(&json!([entry]).to_string(), 101);
        prop_assert!(read.is_some_and(|objects| objects.len() == 1));
    }

    #[test]
    fn a_source_has_one_name(address in text(), secret in text()) {
        let source = Source::of(&address);
        prop_assert!(source.as_str().len() <= 45);
        let again = Source::of(source.as_str().trim_end_matches("/64"));
        prop_assert_eq!(again.as_str(), source.as_str());
        let guess = Guess::new(Subject::Tokens, &Secret::new(secret));
        prop_assert_eq!(guess.mark().len(), 8);
        let _ = (Token::parse(&address), UserId::parse(&address), Digest::parse(&address));
    }
}

/// A whole answer to somebody without a login. No database is there, so what would ask one is no answer of ours.
#[test]
fn strangers_are_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let nowhere = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .build();
    let table = Table::new(aws_sdk_dynamodb::Client::from_conf(nowhere), "none");
    let service = Service::new(
        table,
        std::sync::Arc::new(SystemClock),
        std::sync::Arc::new(RandomSource::from_seed(1)),
    );
    let methods = prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "x"]);
    let paths = prop_oneof![
        text().prop_map(|text| format!("/{text}")),
        prop::sample::select(vec!["room", "call", "signaling/settings"])
            .prop_map(|part| format!("/ocs/v2.php/apps/spreed/api/v1/{part}")),
        Just("/ocs/v1.php/cloud/users".to_owned()),
        Just("/ocs/v2.php/cloud/capabilities".to_owned()),
    ];
    let headers = (text(), text(), text()).prop_map(|(authorization, accept, other)| {
        json!({"authorization": authorization, "accept": accept, "ocs-apirequest": "true", "host": other, "origin": other})
    });
    let requests = (methods, paths, text(), headers, bytes());
    proptest::test_runner::TestRunner::new(config())
        .run(&requests, |(method, path, query, headers, body)| {
            for endpoints in [rooms::ENDPOINTS, accounts::ENDPOINTS] {
                let event = event(method, &path, &query, &headers, &body);
                let (answer, usage) = runtime.block_on(serve("fuzz", &service, endpoints, event));
                prop_assert_eq!(usage.requests(), 0);
                prop_assert!(answer.status < StatusCode::INTERNAL_SERVER_ERROR);
            }
            Ok(())
        })
        .unwrap();
}
