//! `PUT /room/{token}/attendees/permissions` and `/all`: what one person may do, or everybody who does not manage the room.

use shared::domain::permission::{Moderator, Restrictable};
use shared::domain::permissions::{Method, Permissions};
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

use super::named::person;

/// A change that was asked for.
struct Wanted {
    method: Method,
    permissions: Permissions,
}

impl Wanted {
    fn read(exchange: &Exchange<'_>) -> Result<Self, Refusal> {
        let parameters = exchange.parameters()?;
        // Clients use either name; without one the set is replaced.
        let name = match parameters.text_or_empty("method")? {
            name if name.is_empty() => parameters.text_or_empty("mode")?,
            name => name,
        };
        let method = if name.is_empty() { Some(Method::Set) } else { Method::parse(&name) };
        let method = method.ok_or_else(|| Refusal::bad_request("method must be set, add or remove."))?;
        let permissions = Permissions::chosen(parameters.integer("permissions")?);
        let permissions =
            permissions.ok_or_else(|| Refusal::bad_request("permissions must be a number from 0 to 255."))?;
        Ok(Self { method, permissions })
    }

    /// What somebody may do after the change.
    const fn of(&self, target: &Restrictable) -> Permissions {
        target.permissions().changed(self.method, self.permissions)
    }
}

pub(crate) async fn set(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    let target = moderator.may_restrict(person(exchange, &moderator, &partition)?)?;
    let wanted = Wanted::read(exchange)?;
    let permissions = wanted.of(&target);
    exchange.tell(exchange.table.restrict(&moderator, &[(target, permissions)]).await?).await;
    Ok(Reply::empty())
}

pub(crate) async fn set_all(
    exchange: &Exchange<'_>,
    (moderator, partition): (Moderator, Partition),
) -> Result<Reply, Refusal> {
    moderator.demand_many()?;
    let wanted = Wanted::read(exchange)?;
    let targets = partition.users().into_iter().map(|user| partition.target(&user));
    let targets = targets.filter_map(|target| moderator.may_restrict(target).ok());
    let changes: Vec<_> = targets
        .map(|target| {
            let to = wanted.of(&target);
            (target, to)
        })
        .collect();
    exchange.tell(exchange.table.restrict(&moderator, &changes).await?).await;
    Ok(Reply::empty())
}
