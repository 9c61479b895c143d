//! Wrong secrets, by where they came from. All of them lie in one partition, so that going through them needs no
//! scan, and nobody else waits for it when it is busy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::client::Table;
use super::error::Error;
use super::item::from_attributes;
use super::key::Key;
use super::steps::is_present;
use super::transaction::{Change, Condition, Transaction};
use crate::domain::account::UserId;
use crate::domain::guesses::{Guess, Guesses, Source, WINDOW_SECONDS};
use crate::domain::room::Token;
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
struct GuessesItem {
    /// An empty set is none in DynamoDB: an administrator may have forgotten all of them.
    #[serde(default, with = "serde_dynamo::string_set")]
    marks: BTreeSet<String>,
    expires_at: Timestamp,
}

impl GuessesItem {
    /// What still counts of it: DynamoDB deletes an item some time after its end.
    fn at(self, now: Timestamp) -> Guesses {
        if self.expires_at <= now {
            return Guesses::default();
        }
        Guesses { marks: self.marks, until: self.expires_at }
    }
}

impl Table {
    /// What was tried from `source`.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn guesses(&self, source: &Source, now: Timestamp) -> Result<Guesses, Error> {
        let key = Key::guesses(source);
        let items = self.get_all(std::slice::from_ref(&key)).await?;
        Ok(items.read::<GuessesItem>(&key)?.map(|item| item.at(now)).unwrap_or_default())
    }

    /// Counts a guess, and says what was tried from there by now. One that is known changes nothing.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn count_guess(
        &self,
        source: &Source,
        guess: &Guess,
        now: Timestamp,
    ) -> Result<Guesses, Error> {
        let key = Key::guesses(source);
        let until = now.plus(WINDOW_SECONDS);
        let change = Change::default().insert("marks", guess.mark()).set_if_missing("expires_at", &until)?;
        let is_current = Condition::default().missing_or_above("expires_at", &now)?;
        if let Some(attributes) = self.update_patiently(&key, change, is_current).await? {
            return Ok(from_attributes::<GuessesItem>(attributes)?.at(now));
        }
        let item = GuessesItem { marks: BTreeSet::from([guess.mark().to_owned()]), expires_at: until };
        let mut transaction = Transaction::default();
        transaction.put(key, &item, Condition::default().at_most("expires_at", &now)?)?;
        let _ = self.write(transaction).await?;
        Ok(Guesses { marks: item.marks, until })
    }

    /// Notes at the account that somebody is guessing at its password, which makes every login without an app
    /// password look at what was tried from there.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn suspect_account(&self, user: &UserId, until: Timestamp) -> Result<(), Error> {
        self.suspect(&Key::account(user), until, is_present()).await
    }

    /// The same for the password of a room.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn suspect_room(&self, token: &Token, until: Timestamp) -> Result<(), Error> {
        self.suspect(&Key::room(token), until, Condition::exists()).await
    }

    async fn suspect(&self, key: &Key, until: Timestamp, condition: Condition) -> Result<(), Error> {
        let change = Change::default().set("guessed_until", &until)?;
        self.update_patiently(key, change, condition).await.map(|_| ())
    }
}
