//! `GET`, `PUT` and `DELETE /cloud/users/{id}`: one person.

use serde_json::{Value, json};
use shared::account::{Account, GroupId, MAX_EMAIL_CHARACTERS, UserId};
use shared::auth::{Admin, User};
use shared::exchange::Exchange;
use shared::name::{DisplayName, MAX_DISPLAY_NAME_CHARACTERS, is_hidden};
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::room::Token;
use shared::secret::{PasswordHash, Secret};
use shared::signaling::Notice;

pub(crate) async fn show(exchange: &Exchange<'_>, id: &str) -> Result<Reply, Refusal> {
    exchange.admin().await?;
    exchange.parameters()?;
    let unknown = || Refusal::unknown("User does not exist");
    let user = UserId::parse(id).ok_or_else(unknown)?;
    let (account, groups) =
        futures_util::future::try_join(exchange.table.account(&user), exchange.table.my_groups(&user))
            .await?;
    Reply::ok(details(&account.ok_or_else(unknown)?, &groups))
}

/// A person as administrators and the person see it.
pub(crate) fn details(account: &Account, groups: &[GroupId]) -> Value {
    json!({
        "enabled": account.is_enabled,
        "id": account.id,
        "email": account.email,
        "displayname": account.display_name,
        "display-name": account.display_name,
        "groups": groups,
    })
}

/// What of a person can be changed.
enum Field {
    DisplayName,
    Email,
    Password,
}

/// Administrators change everybody; others change their own name and password.
pub(crate) async fn change(exchange: &Exchange<'_>, id: &str) -> Result<Reply, Refusal> {
    let caller = exchange.user().await?;
    let key = exchange.parameters().and_then(|parameters| parameters.text_or_empty("key"));
    let field = match key.as_deref() {
        Ok("displayname" | "display") => Some(Field::DisplayName),
        Ok("email") => Some(Field::Email),
        Ok("password") => Some(Field::Password),
        _ => None,
    };
    if !is_own(&caller, id, field.as_ref()) {
        Admin::of(&caller, exchange.table).await?;
    }
    key?;
    let account = known(exchange, id).await?;
    let user = account.id.clone();
    let parameters = exchange.parameters()?;
    let value = parameters.text_or_empty("value")?;
    match field {
        Some(Field::DisplayName) => {
            exchange.table.set_display_name(&user, &display_name(&value, 102)?).await?;
        }
        Some(Field::Email) => exchange.table.set_email(&user, &email(value, 102)?).await?,
        Some(Field::Password) => {
            let hash = PasswordHash::of(&password(Secret::new(value), 102)?)?;
            // Neither an app nor a login of a minute ago is enough to change one's own password.
            let account =
                if user == *caller.id() { exchange.account_by_password(&caller).await? } else { account };
            exchange.table.set_password(&account, &hash).await?;
            exchange.memory().forget(&user);
        }
        None => return Err(Refusal::provisioning(103, "key must be displayname, email or password.")),
    }
    Ok(Reply::empty())
}

fn is_own(caller: &User, id: &str, field: Option<&Field>) -> bool {
    caller.id().as_str() == id && matches!(field, Some(Field::DisplayName | Field::Password))
}

/// Removes a person: no login, no call, no row in any room, no one-to-one room.
pub(crate) async fn delete(exchange: &Exchange<'_>, id: &str) -> Result<Reply, Refusal> {
    let admin = exchange.admin().await?;
    exchange.parameters()?;
    let failure = |why: &str| Refusal::provisioning(101, why);
    let user = UserId::parse(id).ok_or_else(|| failure("User does not exist"))?;
    if user == *admin.id() {
        return Err(failure("Administrators cannot delete themselves."));
    }
    if !exchange.table.begin_removal(&user, exchange.now).await? {
        return Err(failure("User does not exist"));
    }
    exchange.memory().forget(&user);
    for token in exchange.table.my_rooms(&user).await? {
        leave(exchange, &user, &token).await?;
    }
    exchange.table.erase_account(&user).await?;
    Ok(Reply::empty())
}

/// Each room is announced at once: a removal that starts again does not find it any more.
async fn leave(exchange: &Exchange<'_>, user: &UserId, token: &Token) -> Result<(), Refusal> {
    if let Some((departure, users)) = exchange.table.leave_as_removed(user, token, exchange.now).await? {
        exchange.announce(token, Notice::departed(user.clone(), departure, users)).await;
    }
    Ok(())
}

/// The account of a person.
pub(crate) async fn known(exchange: &Exchange<'_>, id: &str) -> Result<Account, Refusal> {
    let unknown = || Refusal::provisioning(101, "User does not exist");
    let user = UserId::parse(id).ok_or_else(unknown)?;
    exchange.table.account(&user).await?.ok_or_else(unknown)
}

/// A display name that is acceptable; `code` is what this endpoint calls one that is not.
pub(crate) fn display_name(name: &str, code: u16) -> Result<DisplayName, Refusal> {
    DisplayName::parse(name).ok_or_else(|| {
        let message = format!("The display name must have 1 to {MAX_DISPLAY_NAME_CHARACTERS} characters.");
        Refusal::provisioning(code, message)
    })
}

/// A mail address that is acceptable: none, or something at something.
pub(crate) fn email(email: String, code: u16) -> Result<String, Refusal> {
    let is_address = |text: &str| {
        text.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
            && text.chars().count() <= MAX_EMAIL_CHARACTERS
            && !text.chars().any(|c| c.is_whitespace() || is_hidden(c))
    };
    if email.is_empty() || is_address(&email) {
        return Ok(email);
    }
    let message = format!("email must be an address of at most {MAX_EMAIL_CHARACTERS} characters, or empty.");
    Err(Refusal::provisioning(code, message))
}

/// A password that is acceptable: any but the empty one.
pub(crate) fn password(password: Secret, code: u16) -> Result<Secret, Refusal> {
    if password.is_empty() {
        return Err(Refusal::provisioning(code, "The password must not be empty."));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_have_limits() {
        for good in ["", "a@b", "a.b+c@d.example"] {
            assert!(email(good.to_owned(), 102).is_ok(), "{good}");
        }
        for bad in ["a", "@", "a@", "@b", "a@b@c", "a b@c", &format!("{}@b", "a".repeat(253))] {
            assert!(email(bad.to_owned(), 102).is_err(), "{bad}");
        }
        let name = display_name("  Ann  ", 102).ok();
        assert_eq!(name.as_ref().map(DisplayName::as_str), Some("Ann"));
        for bad in ["", "  ", &"x".repeat(65)] {
            assert!(display_name(bad, 102).is_err(), "{bad}");
        }
    }
}
