//! What callers notice of a network on which one request in twenty meets with a mishap, by a real clock. A measurement, and
//! no test: `make bench-faults`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tests::{Pace, Person, Proxy, Service, Tenant};

/// How many people ask at the same time.
const PEOPLE: usize = 12;
/// How often each goes through the same round.
const ROUNDS: usize = 60;
const PER_MILLE: u64 = 50;
/// More than this no share of the answers may be 5xx, in a thousand.
const MOST_FAILURES_PER_MILLE: usize = 1;
/// Nineteen of twenty joins take less.
const LONGEST_JOIN: Duration = Duration::from_millis(200);

/// What somebody saw.
#[derive(Default)]
struct Seen {
    requests: usize,
    failures: usize,
    joins: Vec<Duration>,
}

impl Seen {
    fn note(&mut self, status: u16) {
        self.requests += 1;
        self.failures += usize::from(status >= 500);
    }
}

/// Comes into a call, stays, looks around and leaves.
async fn rounds(person: &Person<'_>, token: &str) -> Seen {
    let mut seen = Seen::default();
    let call = format!("/call/{token}");
    for _ in 0..ROUNDS {
        let began = Instant::now();
        seen.note(person.post(&call, &[]).await.status);
        seen.joins.push(began.elapsed());
        seen.note(person.ping(token).await);
        seen.note(person.get(&call).await.status);
        seen.note(person.get("/room").await.status);
        seen.note(person.delete(&call, &[]).await.status);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement by a real clock: make bench-faults"]
async fn what_callers_notice_of_five_percent() {
    let tenant = Tenant::new().await;
    let network = Proxy::before(tenant.database_address(), Service::DynamoDb, Pace::Real).await;
    let behind = tenant.behind(&network);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = tenant.user(&format!("person{number}")).await;
        people.push((behind.known(&person), person.public_room().await));
    }
    network.spoil(PER_MILLE, 1);
    let seen = join_all(people.iter().map(|(person, token)| rounds(person, token))).await;
    let requests: usize = seen.iter().map(|seen| seen.requests).sum();
    let failures: usize = seen.iter().map(|seen| seen.failures).sum();
    let mut joins: Vec<Duration> = seen.into_iter().flat_map(|seen| seen.joins).collect();
    joins.sort();
    let percentile = |percent: usize| joins[(joins.len() - 1) * percent / 100];
    println!(
        "{requests} requests over {} of the functions, {} of them with a mishap: {failures} answered 5xx; a join took {:?} \
         (median), {:?} (p95), {:?} (p99)",
        network.requests(),
        network.mishaps(),
        percentile(50),
        percentile(95),
        percentile(99),
    );
    assert!(failures * 1000 <= requests * MOST_FAILURES_PER_MILLE, "{failures} of {requests} were 5xx");
    assert!(percentile(95) < LONGEST_JOIN, "{:?}", percentile(95));
}
