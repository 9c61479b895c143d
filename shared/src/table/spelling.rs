//! How the id of an account is spelled: people log in in any case, and two ids that differ in nothing else cannot exist.

use serde::{Deserialize, Serialize};

use super::client::Table;
use super::error::Error;
use super::item::AccountItem;
use super::key::Key;
use super::transaction::{Condition, Transaction};
use crate::domain::account::UserId;
use crate::domain::news::News;
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
struct SpellingItem {
    id: UserId,
}

impl Table {
    /// The id of the account that is called like this in another case.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn spelled(&self, user: &UserId) -> Result<Option<UserId>, Error> {
        let item = self.get_all(&[Key::spelling(user)]).await?.read::<SpellingItem>(&Key::spelling(user))?;
        Ok(item.map(|item| item.id).filter(|id| id != user))
    }

    /// Whether the id is taken, in this case or another. Finishes the removal of a former account with that id first.
    ///
    /// # Errors
    /// When the table fails, or contested.
    pub async fn is_id_taken(&self, user: &UserId, now: Timestamp) -> Result<(bool, News), Error> {
        let items = self.get_all(&[Key::account(user), Key::spelling(user)]).await?;
        if let Some(account) = items.read::<AccountItem>(&Key::account(user))? {
            return self.is_there(user, &account, now).await;
        }
        let Some(SpellingItem { id }) = items.read(&Key::spelling(user))? else {
            return Ok((false, News::none()));
        };
        match self.get_all(&[Key::account(&id)]).await?.read(&Key::account(&id))? {
            Some(account) => self.is_there(&id, &account, now).await,
            None => Ok((false, News::none())),
        }
    }

    async fn is_there(
        &self,
        user: &UserId,
        account: &AccountItem,
        now: Timestamp,
    ) -> Result<(bool, News), Error> {
        if account.removed_since.is_none() {
            return Ok((true, News::none()));
        }
        Ok((false, self.finish_removal_of(user, now).await?))
    }
}

/// Takes the id for a new account, unless one has it in another case.
pub(super) fn take_id(transaction: &mut Transaction, user: &UserId) -> Result<(), Error> {
    transaction.put(Key::spelling(user), &SpellingItem { id: user.clone() }, Condition::missing())
}

/// Frees the id of an account that goes.
pub(super) fn free_id(transaction: &mut Transaction, user: &UserId) {
    transaction.delete(Key::spelling(user), Condition::default());
}
