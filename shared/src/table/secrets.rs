//! Secrets that the project makes for itself on first use.

use serde::{Deserialize, Serialize};

use super::client::Table;
use super::error::Error;
use super::key::Key;
use super::standing::account;
use super::steps::is_present;
use super::transaction::{Condition, Transaction};
use crate::domain::account::{Account, UserId};
use crate::domain::secret::Secret;

#[derive(Serialize, Deserialize)]
struct SecretItem {
    secret: String,
}

impl Table {
    /// The secret under which the tickets of a user are made, or those of all guests; `None` when there
    /// is none yet.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ticket_secret(&self, user: Option<&UserId>) -> Result<Option<Secret>, Error> {
        let item = self.get::<SecretItem>(&Key::ticket_secret(user)).await?;
        Ok(item.map(|item| Secret::new(item.secret)))
    }

    /// The same with the account of the user, in one round trip.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn ticket_standing(&self, user: &UserId) -> Result<(Option<Secret>, Option<Account>), Error> {
        let key = Key::ticket_secret(Some(user));
        let items = self.get_all(&[key.clone(), Key::account(user)]).await?;
        let secret = items.read::<SecretItem>(&key)?.map(|item| Secret::new(item.secret));
        Ok((secret, account(&items, user)?))
    }

    /// Keeps a secret for tickets; it goes with the account.
    ///
    /// # Errors
    /// Contested when there is one by now, or the account is gone.
    pub async fn keep_ticket_secret(&self, user: Option<&UserId>, secret: &Secret) -> Result<(), Error> {
        let mut transaction = Transaction::default();
        let item = SecretItem { secret: secret.expose().to_owned() };
        transaction.put(Key::ticket_secret(user), &item, Condition::missing())?;
        if let Some(user) = user {
            transaction.check(Key::account(user), is_present());
        }
        self.write(transaction).await.map(|_| ())
    }
}
