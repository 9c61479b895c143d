//! The shortest story that ends badly.

use std::time::{Duration, Instant};

use crate::step::Moment;

/// How often a shorter story is played before it is taken to end well: threads do not meet in the same way twice.
const TRIES: usize = 2;
/// For how long a shorter one is looked for.
const PATIENCE: Duration = Duration::from_secs(240);

/// Leaves out one part after the other, as long as what is left ends badly. `ends` says after how many moments a story
/// ends badly, if it does, and why.
pub(crate) fn shortest(
    mut story: Vec<Moment>,
    (length, mut why): (usize, String),
    ends: impl Fn(&[Moment]) -> Option<(usize, String)>,
) -> (Vec<Moment>, String) {
    let began = Instant::now();
    story.truncate(length);
    let mut part = story.len().div_ceil(2);
    while part > 0 {
        let mut from = 0;
        while from < story.len() && began.elapsed() < PATIENCE {
            let mut shorter = story.clone();
            shorter.drain(from..(from + part).min(story.len()));
            match (0..TRIES).find_map(|_| ends(&shorter)) {
                Some((length, worse)) => {
                    shorter.truncate(length);
                    (story, why) = (shorter, worse);
                }
                None => from += part,
            }
        }
        part = if part == 1 { 0 } else { part.div_ceil(2) };
    }
    (story, why)
}
