//! What people are called.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::message::Author;
use crate::domain::account::UserId;

/// What people are called at this moment, by their ids. Who is not among them has no account any more.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Notes what somebody is called.
    pub fn insert(&mut self, user: &UserId, name: &str) {
        self.0.insert(user.as_str().to_owned(), name.to_owned());
    }

    /// The same with somebody's name.
    #[must_use]
    pub fn with(mut self, user: &UserId, name: &str) -> Self {
        self.insert(user, name);
        self
    }

    /// Whether it is known what somebody is called.
    #[must_use]
    pub fn knows(&self, user: &UserId) -> bool {
        self.0.contains_key(user.as_str())
    }

    /// The names of both.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// An author as clients know one: kind, id, name.
    #[must_use]
    pub fn author<'a>(&'a self, author: &'a Author) -> (&'a str, &'a str, &'a str) {
        match author.kind.as_str() {
            "users" => match self.of(&author.id) {
                Some(name) => ("users", &author.id, name),
                None => ("deleted_users", "deleted_users", ""),
            },
            kind => (kind, &author.id, ""),
        }
    }

    pub(super) fn of(&self, user: &str) -> Option<&str> {
        self.0.get(user).map(String::as_str)
    }
}
