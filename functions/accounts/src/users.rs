//! `GET` and `POST /cloud/users`: lists people, makes an account.

use serde_json::json;
use shared::domain::account::{GroupId, UserId};
use shared::domain::identity::Admin;
use shared::domain::input::Input;
use shared::domain::name::DisplayName;
use shared::domain::password::NewPassword;
use shared::domain::secret::PasswordHash;
use shared::gateway::{Exchange, Parameters, Refusal, Reply};
use shared::table::NewAccount;

pub(crate) async fn list(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let (search, limit, offset) = page(exchange.parameters()?)?;
    let users = exchange.table.list_users(&search, limit, offset).await?;
    let users: Vec<_> = users.into_iter().map(|user| user.id).collect();
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

pub(crate) async fn create(exchange: &Exchange<'_>, _: Admin) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let id: UserId = acceptable("userid", &parameters.text_or_empty("userid")?, 101)?;
    let (is_taken, news) = exchange.table.is_id_taken(&id, exchange.now).await?;
    exchange.tell(news).await;
    if is_taken {
        return Err(Refusal::provisioning(102, "User already exists"));
    }
    let groups = wanted_groups(exchange, parameters).await?;
    let display_name = match parameters.text_or_empty("displayName")? {
        empty if empty.is_empty() => DisplayName::from(&id),
        name => acceptable("displayName", &name, 101)?,
    };
    let email = acceptable("email", &parameters.text_or_empty("email")?, 101)?;
    let password = chosen(exchange, "password", &parameters.text_or_empty("password")?, 101)?;
    let password_hash = PasswordHash::of(password.secret())?;
    let account = NewAccount { id, display_name, email, password_hash, groups };
    exchange.table.create_account(&account).await?;
    Reply::ok(json!({ "id": account.id }))
}

/// Something that is read from a text; `code` is what the endpoint calls one that is not acceptable.
pub(crate) fn acceptable<T: Input>(name: &str, text: &str, code: u16) -> Result<T, Refusal> {
    T::parse(text).ok_or_else(|| Refusal::provisioning(code, format!("{name} {}", T::rule())))
}

/// A password that the tenant's policy takes; `code` as above.
pub(crate) fn chosen(
    exchange: &Exchange<'_>,
    name: &str,
    text: &str,
    code: u16,
) -> Result<NewPassword, Refusal> {
    let chosen = exchange.password_policy().chosen(text);
    chosen.map_err(|rule| Refusal::provisioning(code, format!("{name} {rule}")))
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

/// The most groups of a new account, which is made with them in one transaction.
const MAX_GROUPS_AT_ONCE: usize = 30;
