//! `GET` and `POST /cloud/users`: lists people, makes an account.

use serde_json::json;
use shared::account::{GroupId, MAX_ID_CHARACTERS, UserId};
use shared::exchange::Exchange;
use shared::http::Parameters;
use shared::name::DisplayName;
use shared::ocs::Reply;
use shared::refusal::Refusal;
use shared::secret::PasswordHash;
use shared::table::NewAccount;

use crate::user;

pub(crate) async fn list(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.admin().await?;
    let (search, limit, offset) = page(exchange.parameters()?)?;
    let users = exchange.table.list_users(&search, limit, offset).await?;
    Reply::ok(json!({ "users": users }))
}

/// What part of a list is asked for: `search`, `limit` and `offset`.
pub(crate) fn page(parameters: &Parameters) -> Result<(String, Option<usize>, usize), Refusal> {
    let search = parameters.text_or_empty("search")?;
    let limit = match parameters.text("limit")? {
        Some(_) => usize::try_from(parameters.integer("limit")?).ok(),
        None => None,
    };
    let offset = usize::try_from(parameters.integer("offset")?).unwrap_or(0);
    Ok((search, limit, offset))
}

pub(crate) async fn create(exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
    exchange.admin().await?;
    let parameters = exchange.parameters()?;
    let id = UserId::parse(&parameters.text_or_empty("userid")?).ok_or_else(|| {
        Refusal::provisioning(
            101,
            format!(
                "userid must have 1 to {MAX_ID_CHARACTERS} characters: letters, digits, spaces and _.@-' only, \
                 no space at either end."
            ),
        )
    })?;
    if exchange.table.is_id_taken(&id, exchange.now).await? {
        return Err(Refusal::provisioning(102, "User already exists"));
    }
    let groups = wanted_groups(exchange, parameters).await?;
    let display_name = match parameters.text_or_empty("displayName")? {
        empty if empty.is_empty() => DisplayName::from(&id),
        name => user::display_name(&name, 101)?,
    };
    let email = user::email(parameters.text_or_empty("email")?, 101)?;
    let password = user::password(parameters.secret("password")?, 101)?;
    let account = NewAccount { id, display_name, email, password_hash: PasswordHash::of(&password)?, groups };
    exchange.table.create_account(&account).await?;
    Reply::ok(json!({ "id": account.id }))
}

async fn wanted_groups(exchange: &Exchange<'_>, parameters: &Parameters) -> Result<Vec<GroupId>, Refusal> {
    let missing = || Refusal::provisioning(104, "A group in groups does not exist");
    let mut groups = Vec::new();
    for name in parameters.texts("groups")? {
        let group = GroupId::parse(&name).ok_or_else(missing)?;
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if groups.len() > MAX_GROUPS_AT_ONCE {
        return Err(Refusal::provisioning(
            101,
            format!("groups must name at most {MAX_GROUPS_AT_ONCE} groups."),
        ));
    }
    let existing = exchange.table.existing_groups(&groups).await?;
    if existing.len() < groups.len() { Err(missing()) } else { Ok(groups) }
}

/// An account and its groups are made in one transaction, which has room for so many.
const MAX_GROUPS_AT_ONCE: usize = 30;
