//! What people say of themselves.

use std::collections::BTreeMap;

use super::client::Table;
use super::error::Error;
use super::key::Key;
use super::steps::is_present;
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::UserId;
use crate::domain::status::{Availability, Status};
use crate::domain::time::Timestamp;

impl Table {
    /// What some people say of themselves; those who say nothing are offline.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn statuses(&self, users: &[UserId]) -> Result<BTreeMap<UserId, Status>, Error> {
        let keys: Vec<Key> = users.iter().map(Key::status).collect();
        let items = self.get_all(&keys).await?;
        let status = |user: &UserId| {
            let status = items.read::<Status>(&Key::status(user))?.unwrap_or_default();
            Ok((user.clone(), status))
        };
        users.iter().map(status).collect()
    }

    /// Says whether a person is there.
    ///
    /// # Errors
    /// Contested when the account is gone by now.
    pub async fn set_availability(&self, user: &UserId, availability: Availability) -> Result<(), Error> {
        self.change_status(user, Change::default().set("availability", &availability)?).await
    }

    /// Says why a person is not there, or takes that away.
    ///
    /// # Errors
    /// Contested when the account is gone by now.
    pub async fn set_status_message(
        &self,
        user: &UserId,
        message: Option<&String>,
        icon: Option<&String>,
        clear_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let change = Change::default().assign("message", message)?.assign("icon", icon)?;
        self.change_status(user, change.assign("clear_at", clear_at.as_ref())?).await
    }

    async fn change_status(&self, user: &UserId, change: Change) -> Result<(), Error> {
        let mut transaction = Transaction::default();
        transaction.update(Key::status(user), change, Condition::default());
        transaction.check(Key::account(user), is_present());
        self.write(transaction).await.map(|_| ())
    }
}
