//! What the endpoints have in common that name a person by a parameter.

use shared::domain::account::{Account, UserId};
use shared::domain::identity::User;
use shared::domain::permission::{Member, Moderator, Target};
use shared::domain::room::Token;
use shared::gateway::{Exchange, Refusal};
use shared::table::TargetReading;

/// A moderator, and the person whom the moderator names, read together.
pub(crate) struct Named {
    pub(crate) moderator: Moderator,
    pub(crate) target: Target,
    /// The person's account.
    pub(crate) account: Option<Account>,
}

impl Named {
    /// Reads both. A mistake in the parameter is told after the caller's rights were asked for.
    pub(crate) async fn read(
        exchange: &Exchange<'_>,
        user: &User,
        token: &Token,
        parameter: &str,
    ) -> Result<Self, Refusal> {
        Self::checked(exchange, user, token, parameter, |member, _| Ok(member.moderator()?)).await
    }

    /// The same for callers who must not name themselves, which comes before their right.
    pub(crate) async fn read_other(
        exchange: &Exchange<'_>,
        user: &User,
        token: &Token,
        parameter: &str,
    ) -> Result<Self, Refusal> {
        let right = |member: Member, name: &str| Ok(member.not_oneself(name)?.moderator()?);
        Self::checked(exchange, user, token, parameter, right).await
    }

    async fn checked(
        exchange: &Exchange<'_>,
        user: &User,
        token: &Token,
        parameter: &str,
        right: impl FnOnce(Member, &str) -> Result<Moderator, Refusal>,
    ) -> Result<Self, Refusal> {
        let name = exchange.parameters().and_then(|parameters| parameters.text_or_empty(parameter));
        let target = name.as_ref().ok().and_then(|name| UserId::parse(name));
        let reading = exchange.table.standing_and_target(token, user.id(), target.as_ref());
        let reading = exchange.beside_login(user, reading).await?;
        let TargetReading { standing, target, account } = reading;
        let member = standing.member(user)?;
        let moderator = right(member, name.as_deref().unwrap_or_default())?;
        name?;
        Ok(Self { moderator, target, account })
    }
}
