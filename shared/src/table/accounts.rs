//! People who may log in.

use super::client::Table;
use super::error::Error;
use super::item::{AccountItem, AppPasswordItem, NameItem, OwnerItem, from_attributes};
use super::key::{APP_PREFIX, Key, USER_PREFIX};
use super::spelling::{free_id, take_id};
use super::standing::account;
use super::steps::{enter_group, is_present};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::account::{Account, GroupId, Login, UserId};
use crate::domain::app_password::Locator;
use crate::domain::denial::Denial;
use crate::domain::name::{DisplayName, EmailAddress};
use crate::domain::news::News;
use crate::domain::room::Token;
use crate::domain::secret::{Digest, PasswordHash};
use crate::domain::time::Timestamp;

/// The most app passwords of one person.
const MAX_APP_PASSWORDS: usize = 50;
/// The length of an app password's id, which is the beginning of its hash, in characters.
const ID_CHARACTERS: usize = 16;

/// A password that a person gave to an app.
pub struct AppPassword {
    /// What is kept of it.
    digest: Digest,
    /// What the app called itself.
    pub name: String,
    /// Since when the app has it.
    pub created_at: Timestamp,
}

impl AppPassword {
    /// What it is called where it must not be told: a part of its hash.
    #[must_use]
    pub fn id(&self) -> &str {
        self.digest.as_str().get(..ID_CHARACTERS).unwrap_or_default()
    }

    /// What is kept of it.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Somebody with an account, as lists show the person.
pub struct ListedUser {
    pub id: String,
    /// What others see.
    pub display_name: String,
}

impl ListedUser {
    /// Whether the id or the name contains a text in lower case.
    fn matches(&self, search: &str) -> bool {
        [&self.id, &self.display_name].into_iter().any(|text| text.to_lowercase().contains(search))
    }
}

/// An account to be made.
pub struct NewAccount {
    pub id: UserId,
    /// What others see.
    pub display_name: DisplayName,
    /// The mail address, if any.
    pub email: EmailAddress,
    /// What the password is checked against.
    pub password_hash: PasswordHash,
    /// The groups to be in from the start; all of them exist.
    pub groups: Vec<GroupId>,
}

impl Table {
    /// An account, unless there is none or it is being removed.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn account(&self, user: &UserId) -> Result<Option<Account>, Error> {
        let item = self.get::<AccountItem>(&Key::account(user)).await?;
        Ok(item.and_then(|item| item.present(user)))
    }

    /// An account and whether an app password belongs to it, in one round trip.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn login(&self, user: &UserId, app_password: Option<&Digest>) -> Result<Login, Error> {
        let app_password = app_password.map(|digest| Key::app_password(user, digest));
        let mut keys = vec![Key::account(user)];
        keys.extend(app_password.clone());
        let items = self.get_all(&keys).await?;
        Ok(Login {
            account: account(&items, user)?,
            has_app_password: app_password.is_some_and(|key| items.contains(&key)),
        })
    }

    /// Makes an account.
    ///
    /// # Errors
    /// Contested when the id is taken or a group is gone by now.
    pub async fn create_account(&self, new: &NewAccount) -> Result<(), Error> {
        let item = AccountItem {
            display_name: new.display_name.as_str().to_owned(),
            email: new.email.clone().into_string(),
            password_hash: new.password_hash.clone(),
            is_enabled: true,
            is_admin: new.groups.iter().any(GroupId::is_admin),
            rooms: 0,
            app_password_changes: 0,
            logins_ended: 0,
            guessed_until: Timestamp::default(),
            removed_since: None,
        };
        let mut transaction = Transaction::default();
        transaction.put(Key::account(&new.id), &item, Condition::missing())?;
        take_id(&mut transaction, &new.id)?;
        let name = NameItem { display_name: new.display_name.as_str().to_owned() };
        transaction.put(Key::listed_user(&new.id), &name, Condition::default())?;
        for group in &new.groups {
            enter_group(&mut transaction, group, &new.id, new.display_name.as_str())?;
        }
        self.write(transaction).await.map(|_| ())
    }

    /// Gives a person another name: in the account, then in the groups, then in the rooms. An invitation of the
    /// person or the group demands the name of the account or of the member, so each new row has the new name or
    /// is among those that are read here.
    ///
    /// # Errors
    /// Contested when the account is gone, or has another name again, or the person left a room.
    pub async fn set_display_name(&self, user: &UserId, name: &DisplayName) -> Result<(), Error> {
        let name = name.as_str();
        let change = Change::default().set("display_name", &name)?;
        let mut transaction = Transaction::default();
        transaction.update(Key::account(user), change.clone(), is_present());
        transaction.update(Key::listed_user(user), change.clone(), Condition::exists());
        let _ = self.write(transaction).await?;
        let groups = self.group_mirrors(user).await?;
        let members = groups.iter().map(|group| Key::group_member(group, user)).collect();
        self.rewrite_names(user, name, members).await?;
        let rooms = self.rooms_with_my_name(user).await?;
        let rows = rooms.iter().map(|token| Key::participant(token, user)).collect();
        self.rewrite_names(user, name, rows).await
    }

    async fn rewrite_names(&self, user: &UserId, name: &str, copies: Vec<Key>) -> Result<(), Error> {
        let mut transactions = Vec::new();
        for keys in copies.chunks(MAX_ACTIONS / 4) {
            let mut transaction = Transaction::default();
            for key in keys {
                let change = Change::default().set("display_name", &name)?;
                transaction.update(key.clone(), change, Condition::exists());
            }
            // Two who rename the person at once must not leave one name here and the other there.
            transaction.check(Key::account(user), is_present().with("display_name", &name)?);
            transactions.push(transaction);
        }
        self.write_all(transactions).await.map(|_| ())
    }

    /// Gives a person another mail address.
    ///
    /// # Errors
    /// Contested when the account is gone by now.
    pub async fn set_email(&self, user: &UserId, email: &EmailAddress) -> Result<(), Error> {
        self.change_account(user, Change::default().set("email", email)?).await
    }

    /// Gives a person another password, and ends everything that was given out under the old one: logins, app
    /// passwords, tickets.
    ///
    /// # Errors
    /// Contested when the account is not as it was read: gone, with another password, or with an app password
    /// more.
    pub async fn set_password(&self, account: &Account, hash: &PasswordHash) -> Result<(), Error> {
        self.end_logins(account, Change::default().set("password_hash", hash)?).await
    }

    /// Lets a person log in again.
    ///
    /// # Errors
    /// Contested when the account is gone by now.
    pub async fn enable(&self, user: &UserId) -> Result<(), Error> {
        self.change_account(user, Change::default().set("is_enabled", &true)?).await
    }

    /// Lets a person log in no more, neither with an app password nor with a ticket.
    ///
    /// # Errors
    /// As [`Table::set_password`].
    pub async fn disable(&self, account: &Account) -> Result<(), Error> {
        self.end_logins(account, Change::default().set("is_enabled", &false)?).await
    }

    /// Changes an account and takes away all that was given to its apps and tickets.
    async fn end_logins(&self, account: &Account, change: Change) -> Result<(), Error> {
        let user = &account.id;
        let mut app_passwords = self.app_password_keys(user).await?;
        // Beyond the limit there are those of releases that had none; the others go with the change.
        let kept = app_passwords.len().min(MAX_APP_PASSWORDS);
        for keys in app_passwords.split_off(kept).chunks(MAX_ACTIONS) {
            let _ = self.write(removal(keys)).await?;
        }
        let mut transaction = removal(&app_passwords);
        transaction.delete(Key::ticket_secret(Some(user)), Condition::default());
        let change = change.add("app_password_changes", 1).add("logins_ended", 1);
        transaction.update(Key::account(user), change, same_app_passwords(account));
        self.write(transaction).await.map(|_| ())
    }

    async fn change_account(&self, user: &UserId, change: Change) -> Result<(), Error> {
        match self.update(&Key::account(user), change, is_present()).await? {
            true => Ok(()),
            false => Err(Error::Contested),
        }
    }

    /// Remembers an app password of a person, under the name of the app.
    ///
    /// # Errors
    /// Too many when the person has too many, contested when the account is gone or they changed meanwhile.
    pub async fn add_app_password(
        &self,
        account: &Account,
        digest: &Digest,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.app_password_keys(&account.id).await?.len() >= MAX_APP_PASSWORDS {
            return Err(Denial::TooMany(format!(
                "You have {MAX_APP_PASSWORDS} app passwords, which is the most that one person may have. \
                 Delete one first."
            ))
            .into());
        }
        let mut transaction = Transaction::default();
        let item = AppPasswordItem { name: name.to_owned(), created_at: now };
        transaction.put(Key::app_password(&account.id, digest), &item, Condition::missing())?;
        let owner = OwnerItem { user: account.id.clone() };
        transaction.put(Key::locator(&Locator::of_user(&account.id)), &owner, Condition::default())?;
        let change = Change::default().add("app_password_changes", 1);
        transaction.update(Key::account(&account.id), change, same_app_passwords(account));
        self.write(transaction).await.map(|_| ())
    }

    /// Whose app passwords end like this; nobody's that has none, or only such as earlier releases made.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn owner_of(&self, locator: &Locator) -> Result<Option<UserId>, Error> {
        // A batch, because each function may read one anyway.
        let key = Key::locator(locator);
        let items = self.get_all(std::slice::from_ref(&key)).await?;
        Ok(items.read::<OwnerItem>(&key)?.map(|owner| owner.user))
    }

    /// The app passwords of a person, the oldest first.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn app_passwords(&self, user: &UserId) -> Result<Vec<AppPassword>, Error> {
        let mut app_passwords = Vec::new();
        for (key, attributes) in self.query(&Key::user_partition(user), APP_PREFIX).await? {
            let Some(digest) = key.sk.strip_prefix(APP_PREFIX).and_then(Digest::parse) else { continue };
            let item: AppPasswordItem = from_attributes(attributes)?;
            app_passwords.push(AppPassword { digest, name: item.name, created_at: item.created_at });
        }
        app_passwords.sort_by_key(|app_password| app_password.created_at);
        Ok(app_passwords)
    }

    async fn app_password_keys(&self, user: &UserId) -> Result<Vec<Key>, Error> {
        let items = self.query(&Key::user_partition(user), APP_PREFIX).await?;
        Ok(items.into_iter().map(|(key, _)| key).collect())
    }

    /// Forgets an app password.
    ///
    /// # Errors
    /// Contested when there is no such app password (any more).
    pub async fn remove_app_password(&self, user: &UserId, digest: &Digest) -> Result<(), Error> {
        let mut transaction = Transaction::default();
        transaction.delete(Key::app_password(user, digest), Condition::exists());
        self.write(transaction).await.map(|_| ())
    }

    /// The people whose id or name contains `search`, ignoring case, by their ids in order.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn list_users(
        &self,
        search: &str,
        limit: Option<usize>,
        offset: usize,
    ) -> Result<Vec<ListedUser>, Error> {
        let search = search.to_lowercase();
        let wanted = limit.map(|limit| offset.saturating_add(limit));
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let (page, next) = self.query_page("USERS", USER_PREFIX, start, None).await?;
            for attributes in page {
                let id =
                    Key::of(&attributes).and_then(|key| key.sk.strip_prefix(USER_PREFIX).map(str::to_owned));
                let NameItem { display_name } = from_attributes(attributes)?;
                found.extend(
                    id.map(|id| ListedUser { id, display_name }).filter(|user| user.matches(&search)),
                );
            }
            match next {
                Some(next) if wanted.is_none_or(|wanted| found.len() < wanted) => start = Some(next),
                _ => break,
            }
        }
        Ok(found.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect())
    }

    /// Begins to remove a person: no login from now on, and no group, so that nobody invites the person any
    /// more. Tells whether there was an account. Then follow [`Table::leave_as_removed`] for each room
    /// and [`Table::erase_account`].
    ///
    /// What a crash leaves is finished by doing it again, or by the next one who wants the id.
    ///
    /// # Errors
    /// When the table fails, or contested.
    pub async fn begin_removal(&self, user: &UserId, now: Timestamp) -> Result<bool, Error> {
        let Some(item) = self.get::<AccountItem>(&Key::account(user)).await? else { return Ok(false) };
        if item.removed_since.is_none() {
            let mut transaction = Transaction::default();
            let change = Change::default().set("removed_since", &now)?.set("is_enabled", &false)?;
            transaction.update(Key::account(user), change, is_present());
            transaction.delete(Key::listed_user(user), Condition::default());
            let _ = self.write(transaction).await?;
        }
        // An invitation of the group demands the membership, so after this no new rows appear.
        for group in self.group_mirrors(user).await? {
            self.leave_group(&group, user, false).await?;
        }
        Ok(true)
    }

    /// Takes a person who is being removed out of a room, with the call; a one-to-one room goes.
    ///
    /// # Errors
    /// When the table fails, or contested.
    pub async fn leave_as_removed(
        &self,
        user: &UserId,
        token: &Token,
        now: Timestamp,
    ) -> Result<News, Error> {
        let partition = self.stored_partition(token).await?;
        if partition.occupancy(now).is_some() {
            return self.depart(user, &partition, None, now).await;
        }
        // Hidden: somebody who is filling or emptying it must not leave this row behind.
        self.forget_row(user, &partition).await
    }

    /// Does again, and to its end, what a crash left half done.
    pub(super) async fn finish_removal_of(&self, user: &UserId, now: Timestamp) -> Result<News, Error> {
        self.begin_removal(user, now).await?;
        let mut news = News::none();
        for token in self.rooms_with_my_name(user).await? {
            news = news.then(self.leave_as_removed(user, &token, now).await?);
        }
        self.erase_account(user).await?;
        Ok(news)
    }

    /// Ends the removal of a person.
    ///
    /// # Errors
    /// When the table fails, or contested.
    pub async fn erase_account(&self, user: &UserId) -> Result<(), Error> {
        for keys in self.app_password_keys(user).await?.chunks(MAX_ACTIONS) {
            let _ = self.write(removal(keys)).await?;
        }
        let mut last = Transaction::default();
        last.delete(Key::my_call(user), Condition::default());
        last.delete(Key::ticket_secret(Some(user)), Condition::default());
        last.delete(Key::status(user), Condition::default());
        last.delete(Key::locator(&Locator::of_user(user)), Condition::default());
        last.delete(Key::account(user), Condition::default());
        free_id(&mut last, user);
        self.write(last).await.map(|_| ())
    }
}

/// The account is there, with the app passwords that were seen. Their changes are counted, and only grow.
fn same_app_passwords(account: &Account) -> Condition {
    is_present().missing_or_at_most("app_password_changes", account.app_password_changes)
}

fn removal(keys: &[Key]) -> Transaction {
    let mut transaction = Transaction::default();
    keys.iter().for_each(|key| transaction.delete(key.clone(), Condition::default()));
    transaction
}
