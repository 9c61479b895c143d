//! What strangers can make a tenant pay is bounded by what docs/security.md says.

use tests::{Stack, Tenant};

const DOCUMENT: &str = include_str!("../../docs/security.md");

/// The table of the bill, a row for each way.
fn rows() -> Vec<&'static str> {
    let chapter = DOCUMENT.split("## The bill").nth(1).expect("a chapter");
    chapter
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect()
}

/// The names in code type of a cell, each with the number that follows it.
fn limits(cell: &str) -> Vec<(String, u64)> {
    let pieces: Vec<&str> = cell.split('`').collect();
    let named = pieces.chunks(2).zip(pieces.chunks(2).skip(1));
    let number = |text: &str| -> Option<u64> {
        let digits = text.trim_start().split(' ').next()?.replace(',', "");
        digits.parse().ok()
    };
    named.filter_map(|(name, after)| Some(((*name.get(1)?).to_owned(), number(after.first()?)?))).collect()
}

#[test]
fn each_limit_of_the_bill_is_what_the_template_sets() {
    let stack = Stack::read();
    let mut count = 0;
    for row in rows() {
        for (name, limit) in limits(row.split('|').nth(2).expect("what bounds it")) {
            assert_eq!(stack.default_of(&name), Some(limit), "{name} in {row}");
            assert!(stack.uses(&name), "nothing in template.yaml goes by {name}");
            count += 1;
        }
    }
    assert!(count >= 6, "{count} limits were found");
}

/// A test that the table names is there.
#[test]
fn what_shows_the_bill_is_there() {
    let tests = [
        include_str!("attacks.rs"),
        include_str!("bill.rs"),
        include_str!("deployment.rs"),
        include_str!("guessing.rs"),
        include_str!("signaling.rs"),
        include_str!("sockets.rs"),
    ];
    for row in rows() {
        let shown = row.split('|').nth(4).expect("what shows it");
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing shows {row}");
        for name in names {
            assert!(tests.iter().any(|text| text.contains(&format!("fn {name}("))), "{name} is no test");
        }
    }
}

#[tokio::test]
async fn looking_for_rooms_costs_a_hundred_writes_and_then_nothing() {
    let tenant = Tenant::new().await;
    let nobody = tenant.nobody();
    let (mut writes, mut free) = (0, 0);
    for number in 0..300 {
        let answer = nobody.get(&format!("/room/{number:08}").replace('0', "o").replace('1', "i")).await;
        writes += answer.usage.operations.get("UpdateItem").copied().unwrap_or(0);
        if answer.status == 429 {
            assert_eq!(answer.usage.requests(), 0);
            free += 1;
        }
    }
    assert!((95..=101).contains(&writes), "{writes} writes");
    assert!(free > 190, "{free} were turned away");
}

#[tokio::test]
async fn a_login_of_nobody_costs_next_to_nothing() {
    let tenant = Tenant::new().await;
    let nobody = tenant.nobody().elsewhere_as("nobody", "a wrong password");
    for _ in 0..2 {
        let answer = nobody.get("/room").await.expect(401);
        assert!(answer.usage.capacity_units <= 4.0, "{:?}", answer.usage);
    }
}
