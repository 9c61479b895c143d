//! Guessing: how many wrong secrets are typing errors, and from where on somebody is trying them out.
//!
//! What was tried is counted by where it came from and what it was about, for half an hour from the first wrong one.
//! Of a wrong secret only three hexadecimal digits of a hash are kept: enough to see that an app sends the same one
//! again and again, and too few to find out what it was.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use super::account::UserId;
use super::room::Token;
use super::secret::{Digest, Secret};
use super::time::Timestamp;

/// How long wrong secrets are counted together, in seconds.
pub const WINDOW_SECONDS: i64 = 30 * 60;
/// From this many wrong secrets on, a subject is being guessed at: each further one is counted before it is looked at.
pub const SUSPICIOUS: usize = 5;
/// Up to this many different wrong secrets about one subject are typing errors.
pub const TYPING_ERRORS: usize = 10;
/// With this many about one subject, nothing from there is looked at any more.
pub const MOST_ABOUT_ONE: usize = 15;
/// The same for all subjects together, unless the tenant sets another number.
pub const DEFAULT_MOST_IN_ALL: usize = 100;
/// The first wait of somebody who goes on after the typing errors; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How many hexadecimal digits are kept of what a guess is about.
const SUBJECT_DIGITS: usize = 4;
/// How many are kept of the guess itself.
const SECRET_DIGITS: usize = 3;

/// Where a request came from, as the gateway says: an address, or the network of one customer with IPv6.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Source(String);

impl Source {
    /// Reads an address. What is none counts as one source.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self(match address.parse() {
            Ok(IpAddr::V4(address)) => address.to_string(),
            Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => address.to_string(),
                None => {
                    let network = u128::from(address) & !u128::from(u64::MAX);
                    format!("{}/64", Ipv6Addr::from(network))
                }
            },
            Err(_) => "unknown".to_owned(),
        })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody may be guessing at.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// The password of an account, or of one of its apps, whether there is such an account or not.
    Account(&'a UserId),
    /// The password of a room.
    Room(&'a Token),
    /// Which rooms there are.
    Tokens,
}

impl Subject<'_> {
    fn text(self) -> String {
        match self {
            // In another case it is the same account.
            Self::Account(user) => format!("account\0{}", user.as_str().to_lowercase()),
            Self::Room(token) => format!("room\0{token}"),
            Self::Tokens => "tokens".to_owned(),
        }
    }
}

/// One secret that somebody tried about one subject, as far as it is kept.
pub struct Guess {
    subject: String,
    mark: String,
}

impl Guess {
    /// What is kept of `secret`.
    #[must_use]
    pub fn new(subject: Subject<'_>, secret: &Secret) -> Self {
        let text = subject.text();
        let subject = digits(&text, SUBJECT_DIGITS);
        let secret = digits(&format!("{text}\0{}", secret.expose()), SECRET_DIGITS);
        Self { mark: format!("{subject}:{secret}"), subject }
    }

    /// What it is about, as far as that is kept.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What is kept of it.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }
}

/// The right to have one secret looked at: nobody who guesses gets it any more. What compares secrets that people choose
/// asks for it.
pub struct Attempt<'s> {
    /// What the secret is about.
    pub(crate) subject: Subject<'s>,
    pub(crate) guess: Guess,
    /// What the subject says of itself; `None` when there is no such subject.
    pub(crate) guessed_until: Option<Timestamp>,
    /// How many wrong ones there were with this one, if it was counted already.
    pub(crate) known: Option<usize>,
}

impl<'s> Attempt<'s> {
    pub(crate) const fn new(subject: Subject<'s>, guess: Guess, guessed_until: Option<Timestamp>) -> Self {
        Self { subject, guess, guessed_until, known: None }
    }

    /// The same after it was counted.
    pub(crate) fn counted(self, known: &Guesses) -> Self {
        Self { known: Some(known.about(&self.guess)), ..self }
    }
}

fn digits(text: &str, count: usize) -> String {
    Digest::of(text.as_bytes()).as_str().chars().take(count).collect()
}

/// What was tried from one source.
#[derive(Default)]
pub struct Guesses {
    /// The different wrong secrets.
    pub marks: BTreeSet<String>,
    /// When they are forgotten.
    pub until: Timestamp,
}

/// What becomes of another guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is looked at, after this wait.
    After(Duration),
    /// It is not looked at, before this moment.
    NotBefore(Timestamp),
}

impl Guesses {
    /// How many different wrong secrets are known about the subject of `guess`.
    #[must_use]
    pub fn about(&self, guess: &Guess) -> usize {
        let prefix = format!("{}:", guess.subject);
        self.marks.iter().filter(|mark| mark.starts_with(&prefix)).count()
    }

    /// Whether nothing from this source is looked at any more.
    #[must_use]
    pub fn are_too_many(&self, most_in_all: usize) -> bool {
        self.marks.len() >= most_in_all
    }

    /// What becomes of another guess. One that is known to be wrong is no further one.
    #[must_use]
    pub fn verdict(&self, guess: &Guess, most_in_all: usize) -> Verdict {
        let about = self.about(guess) - usize::from(self.marks.contains(guess.mark()));
        if about >= MOST_ABOUT_ONE || self.are_too_many(most_in_all) {
            return Verdict::NotBefore(self.until);
        }
        let beyond = u32::try_from(about.saturating_sub(TYPING_ERRORS)).unwrap_or(0);
        let wait = if about < TYPING_ERRORS { Duration::ZERO } else { FIRST_WAIT * 2_u32.pow(beyond) };
        Verdict::After(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(user: &str, secret: &str) -> Guess {
        let user = UserId::parse(user).unwrap_or_else(|| unreachable!());
        Guess::new(Subject::Account(&user), &Secret::new(secret))
    }

    fn tried(secrets: usize) -> Guesses {
        let marks = (0..).map(|n| guess("anna", &n.to_string()).mark).take(2 * secrets);
        let mut distinct = BTreeSet::new();
        for mark in marks {
            if distinct.len() < secrets {
                distinct.insert(mark);
            }
        }
        Guesses { marks: distinct, until: Timestamp(1_000) }
    }

    #[test]
    fn typing_errors_are_free_then_waits_grow_and_then_nothing_is_looked_at() {
        let verdict = |known| tried(known).verdict(&guess("anna", "another"), DEFAULT_MOST_IN_ALL);
        let wait = |milliseconds| Verdict::After(Duration::from_millis(milliseconds));
        assert_eq!(verdict(9), wait(0));
        assert_eq!((verdict(10), verdict(11), verdict(14)), (wait(200), wait(400), wait(3_200)));
        assert_eq!(verdict(15), Verdict::NotBefore(Timestamp(1_000)));
        // Others are not concerned.
        assert_eq!(tried(15).verdict(&guess("ben", "another"), DEFAULT_MOST_IN_ALL), wait(0));
        assert_eq!(tried(15).verdict(&guess("ben", "another"), 15), Verdict::NotBefore(Timestamp(1_000)));
    }

    #[test]
    fn an_app_that_sends_one_wrong_password_again_and_again_is_not_guessing() {
        let known = Guesses { marks: BTreeSet::from([guess("anna", "stale").mark]), until: Timestamp(1_000) };
        assert_eq!(known.about(&guess("Anna", "stale")), 1);
        assert!(known.marks.contains(guess("ANNA", "stale").mark()));
    }

    #[test]
    fn a_source_is_an_address_or_the_network_of_one_customer() {
        for (address, source) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("", "unknown"),
        ] {
            assert_eq!(Source::of(address).as_str(), source);
        }
    }
}
