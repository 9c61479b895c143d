//! Groups of people.

use super::client::Table;
use super::error::Error;
use super::item::{Attributes, GroupItem, NameItem, from_attributes};
use super::key::{GROUP, GROUP_PREFIX, Key, USER_PREFIX};
use super::steps::{enter_group, is_present, unchanged};
use super::transaction::{Change, Condition, MAX_ACTIONS, Transaction};
use crate::domain::account::{Account, GroupId, UserId};

impl Table {
    /// The members of a group with their names, in the order of their ids; `None` when there is no
    /// such group.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn group_members(&self, group: &GroupId) -> Result<Option<Vec<(UserId, String)>>, Error> {
        let (exists, members) = self.group_partition(group).await?;
        Ok(exists.then_some(members))
    }

    /// Whether the group exists, and its members, with leftovers of one whose removal crashed.
    async fn group_partition(&self, group: &GroupId) -> Result<(bool, Vec<(UserId, String)>), Error> {
        let mut exists = false;
        let mut members = Vec::new();
        for (key, attributes) in self.query(&Key::group_partition(group), "").await? {
            match key.sk.strip_prefix(USER_PREFIX).and_then(UserId::parse) {
                Some(user) => members.push((user, name(attributes)?)),
                None => exists |= key.sk == GROUP,
            }
        }
        Ok((exists, members))
    }

    /// Makes a group without members. Tells whether it was not there before.
    ///
    /// # Errors
    /// Contested when it is there by now.
    pub async fn create_group(&self, group: &GroupId) -> Result<bool, Error> {
        let (exists, left_over) = self.group_partition(group).await?;
        if exists {
            return Ok(false);
        }
        let _ = self.write_all(exits(group, &left_over)).await?;
        let mut transaction = Transaction::default();
        transaction.put(Key::group(group), &GroupItem {}, Condition::missing())?;
        transaction.put(Key::listed_group(group), &GroupItem {}, Condition::default())?;
        self.write(transaction).await.map(|_| true)
    }

    /// Removes a group. The group goes first: its members count as such only while it is there.
    /// Tells whether it was there.
    ///
    /// # Errors
    /// Contested when it is gone by now.
    pub async fn delete_group(&self, group: &GroupId) -> Result<bool, Error> {
        let (exists, members) = self.group_partition(group).await?;
        if exists {
            let mut transaction = Transaction::default();
            transaction.delete(Key::group(group), Condition::exists());
            transaction.delete(Key::listed_group(group), Condition::default());
            let _ = self.write(transaction).await?;
            // The group is gone, and that is what was asked for. What resists is seen by nobody, and
            // removed before a group of that id begins.
            let _ = self.write_all(exits(group, &members)).await;
        }
        Ok(exists)
    }

    /// The ids of all groups that contain `search`, ignoring case, in order.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn list_groups(&self, search: &str) -> Result<Vec<String>, Error> {
        let search = search.to_lowercase();
        let items = self.query("GROUPS", GROUP_PREFIX).await?;
        let ids = items.iter().filter_map(|(key, _)| key.sk.strip_prefix(GROUP_PREFIX).map(str::to_owned));
        Ok(ids.filter(|id| id.to_lowercase().contains(&search)).collect())
    }

    /// The groups that a user is in.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn my_groups(&self, user: &UserId) -> Result<Vec<GroupId>, Error> {
        let mirrors = self.group_mirrors(user).await?;
        self.existing_groups(&mirrors).await
    }

    /// Those of `groups` that are there.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn existing_groups(&self, groups: &[GroupId]) -> Result<Vec<GroupId>, Error> {
        let keys: Vec<Key> = groups.iter().map(Key::group).collect();
        let items = self.get_all(&keys).await?;
        Ok(groups.iter().filter(|group| items.contains(&Key::group(group))).cloned().collect())
    }

    pub(super) async fn group_mirrors(&self, user: &UserId) -> Result<Vec<GroupId>, Error> {
        let items = self.query(&Key::user_partition(user), GROUP_PREFIX).await?;
        Ok(items.iter().filter_map(|(key, _)| GroupId::parse(key.sk.strip_prefix(GROUP_PREFIX)?)).collect())
    }

    /// Puts a person into a group that exists.
    ///
    /// # Errors
    /// Contested when the group is gone by now, or the account changed.
    pub async fn join_group(&self, group: &GroupId, account: &Account) -> Result<(), Error> {
        let mut transaction = Transaction::default();
        enter_group(&mut transaction, group, &account.id, &account.display_name)?;
        let unchanged = unchanged(account)?;
        if group.is_admin() {
            let change = Change::default().set("is_admin", &true)?;
            transaction.update(Key::account(&account.id), change, unchanged);
        } else {
            transaction.check(Key::account(&account.id), unchanged);
        }
        self.write(transaction).await.map(|_| ())
    }

    /// Takes a person out of a group; with `keeps_account`, the admins' group takes its right back.
    ///
    /// # Errors
    /// Contested when the account is gone by now.
    pub async fn leave_group(
        &self,
        group: &GroupId,
        user: &UserId,
        keeps_account: bool,
    ) -> Result<(), Error> {
        let mut transaction = exit(group, user);
        if group.is_admin() && keeps_account {
            let change = Change::default().set("is_admin", &false)?;
            transaction.update(Key::account(user), change, is_present());
        }
        self.write(transaction).await.map(|_| ())
    }
}

fn exit(group: &GroupId, user: &UserId) -> Transaction {
    let mut transaction = Transaction::default();
    transaction.delete(Key::group_member(group, user), Condition::default());
    transaction.delete(Key::my_group(user, group), Condition::default());
    transaction
}

/// Removes memberships of a group that is gone, and none of one that came after it.
fn exits(group: &GroupId, members: &[(UserId, String)]) -> Vec<Transaction> {
    let whole = |members: &[(UserId, String)]| {
        let mut transaction = Transaction::default();
        members.iter().for_each(|(user, _)| transaction.append(exit(group, user)));
        transaction.check(Key::group(group), Condition::missing());
        transaction
    };
    members.chunks(MAX_ACTIONS / 2 - 1).map(whole).collect()
}

fn name(attributes: Attributes) -> Result<String, Error> {
    from_attributes::<NameItem>(attributes).map(|item| item.display_name)
}
