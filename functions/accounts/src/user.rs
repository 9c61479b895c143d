//! `GET`, `PUT` and `DELETE /cloud/users/{id}`: one person.

use serde_json::{Value, json};
use shared::domain::account::{Account, GroupId, UserId};
use shared::domain::identity::{Admin, User};
use shared::domain::secret::PasswordHash;
use shared::gateway::{Exchange, Refusal, Reply};

use crate::users::{acceptable, chosen};

pub(crate) async fn show(exchange: &Exchange<'_>, _: Admin, id: &str) -> Result<Reply, Refusal> {
    let unknown = || Refusal::unknown("User does not exist");
    let user = UserId::parse(id).ok_or_else(unknown)?;
    let (account, groups) =
        futures_util::future::try_join(exchange.table.account(&user), exchange.table.my_groups(&user))
            .await?;
    Reply::ok(details(&account.ok_or_else(unknown)?, &groups))
}

/// The one language of what this server says; clients have their own.
const LANGUAGE: &str = "en";

/// A person as administrators and the person see it.
pub(crate) fn details(account: &Account, groups: &[GroupId]) -> Value {
    json!({
        "enabled": account.is_enabled,
        "id": account.id,
        "email": account.email,
        "displayname": account.display_name,
        "display-name": account.display_name,
        "groups": groups,
        "language": LANGUAGE,
        "locale": LANGUAGE,
        "quota": {},
    })
}

/// A field of a person that can be changed.
enum Field {
    DisplayName,
    Email,
    Password,
}

/// Administrators change everybody; others change their own name and password.
pub(crate) async fn change(exchange: &Exchange<'_>, caller: User, id: &str) -> Result<Reply, Refusal> {
    let key = exchange.parameters().and_then(|parameters| parameters.text_or_empty("key"));
    let field = match key.as_deref() {
        Ok("displayname" | "display") => Some(Field::DisplayName),
        Ok("email") => Some(Field::Email),
        Ok("password") => Some(Field::Password),
        _ => None,
    };
    if !is_own(&caller, id, field.as_ref()) {
        exchange.administrator(&caller).await?;
    }
    let key = key?;
    let account = exchange.beside_login(&caller, known(exchange, id)).await?;
    let user = account.id.clone();
    let value = exchange.parameters()?.text_or_empty("value")?;
    match field {
        Some(Field::DisplayName) => {
            exchange.table.set_display_name(&user, &acceptable(&key, &value, 102)?).await?;
        }
        Some(Field::Email) => exchange.table.set_email(&user, &acceptable(&key, &value, 102)?).await?,
        Some(Field::Password) => {
            let password = chosen(exchange, &key, &value, 102)?;
            let hash = PasswordHash::of(password.secret())?;
            // Neither an app nor a login of a minute ago is enough to change one's own password.
            let account =
                if user == *caller.id() { exchange.account_by_password(&caller).await? } else { account };
            exchange.table.set_password(&account, &hash).await?;
            exchange.verified_passwords().forget(&user);
            exchange.tell(exchange.table.leave_any_call(&user).await?).await;
        }
        None => return Err(Refusal::provisioning(103, "key must be displayname, email or password.")),
    }
    Ok(Reply::empty())
}

fn is_own(caller: &User, id: &str, field: Option<&Field>) -> bool {
    caller.id().as_str() == id && matches!(field, Some(Field::DisplayName | Field::Password))
}

/// Removes a person: no login, no call, no row in any room, no one-to-one room.
pub(crate) async fn delete(exchange: &Exchange<'_>, admin: Admin, id: &str) -> Result<Reply, Refusal> {
    let failure = |why: &str| Refusal::provisioning(101, why);
    let user = UserId::parse(id).ok_or_else(|| failure("User does not exist"))?;
    if user == *admin.id() {
        return Err(failure("Administrators cannot delete themselves."));
    }
    if !exchange.table.begin_removal(&user, exchange.now).await? {
        return Err(failure("User does not exist"));
    }
    exchange.verified_passwords().forget(&user);
    for token in exchange.table.rooms_with_my_name(&user).await? {
        // At once: a removal that starts again does not find the room any more.
        exchange.tell(exchange.table.leave_as_removed(&user, &token, exchange.now).await?).await;
    }
    exchange.table.erase_account(&user).await?;
    Ok(Reply::empty())
}

/// The account of a person.
pub(crate) async fn known(exchange: &Exchange<'_>, id: &str) -> Result<Account, Refusal> {
    let unknown = || Refusal::provisioning(101, "User does not exist");
    let user = UserId::parse(id).ok_or_else(unknown)?;
    exchange.table.account(&user).await?.ok_or_else(unknown)
}
