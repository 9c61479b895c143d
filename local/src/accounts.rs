//! The people who are there from the start: an administrator, and three who can call each other.

use shared::domain::account::{GroupId, UserId};
use shared::domain::input::Input as _;
use shared::domain::name::{DisplayName, EmailAddress};
use shared::domain::password::NewPassword;
use shared::domain::secret::PasswordHash;
use shared::gateway::{Clock as _, SystemClock};
use shared::table::{Error, NewAccount, Table};

use crate::settings::Settings;

/// The group of the demo users.
pub(crate) const DEMO_GROUP: &str = "team";
/// The demo users and their display names; the password is the id.
pub(crate) const DEMO_USERS: [(&str, &str); 3] =
    [("alice", "Alice Archer"), ("bob", "Bob Baker"), ("carol", "Carol Cook")];

/// Which of the printed passwords are true.
pub(crate) struct People {
    /// Whether the administrator's password is the one of the settings; an account that was there
    /// before keeps its own.
    pub(crate) is_admin_password_known: bool,
}

/// Creates everybody who is not there yet.
///
/// # Errors
/// A sentence that says what the database does not like.
pub(crate) async fn create(table: &Table, settings: &Settings) -> Result<People, String> {
    let broken = |error: Error| format!("The accounts cannot be created: {}", error);
    people(table, settings).await.map_err(broken)
}

async fn people(table: &Table, settings: &Settings) -> Result<People, Error> {
    let admins = GroupId::admin();
    table.create_group(&admins).await?;
    let admin =
        person(table, &settings.admin, settings.admin.as_str(), &settings.admin_password, admins).await?;
    if let Some(team) = GroupId::parse(DEMO_GROUP) {
        table.create_group(&team).await?;
        for (id, name) in DEMO_USERS {
            if let (Some(id), Some(demo_password)) = (UserId::parse(id), NewPassword::set_by_operator(id)) {
                person(table, &id, name, &demo_password, team.clone()).await?;
            }
        }
    }
    Ok(People { is_admin_password_known: admin })
}

/// Creates a person, unless there is one; tells whether the password is the one given.
async fn person(
    table: &Table,
    id: &UserId,
    name: &str,
    password: &NewPassword,
    group: GroupId,
) -> Result<bool, Error> {
    let (is_taken, _) = table.is_id_taken(id, SystemClock.now()).await?;
    if is_taken {
        let account = table.account(id).await?;
        return Ok(account.is_some_and(|account| password.is_of(&account.password_hash)));
    }
    let account = NewAccount {
        id: id.clone(),
        display_name: DisplayName::parse(name).unwrap_or_else(|| DisplayName::from(id)),
        email: EmailAddress::default(),
        password_hash: PasswordHash::of(password.secret())
            .map_err(|cause| Error::Defect(cause.to_string()))?,
        groups: vec![group],
    };
    table.create_account(&account).await.map(|()| true)
}
