//! What a warm function remembers of those who tried too much.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::time::Timestamp;

/// The most sources that are remembered at a time; the memory is emptied beyond that.
const REMEMBERED_AT_MOST: usize = 10_000;

/// What a warm function remembers of those who tried too much.
#[derive(Default)]
pub struct Suspects(Mutex<HashMap<String, Timestamp>>);

impl Suspects {
    /// Remembers a source, or what was tried from it, until that moment.
    pub(super) fn remember(&self, what: String, until: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_AT_MOST {
            known.clear();
        }
        known.insert(what, until);
    }

    /// Until when something is remembered, if it is.
    pub(super) fn until(&self, what: &str, now: Timestamp) -> Option<Timestamp> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(what).copied().filter(|&until| until > now)
    }
}
