//! What the endpoints have in common that name a person by a parameter.

use shared::account::{Account, UserId};
use shared::auth::User;
use shared::exchange::Exchange;
use shared::permission::{Member, Moderator, Target};
use shared::refusal::Refusal;
use shared::room::Token;
use shared::table::TargetReading;

/// The caller's place in a room and that of the person whom the caller names, read together.
pub(crate) struct Named {
    user: User,
    reading: TargetReading,
    /// What the parameter says; a mistake in it is told after the caller's rights were asked for.
    parameter: Result<String, Refusal>,
}

impl Named {
    /// Reads both.
    pub(crate) async fn read(
        exchange: &Exchange<'_>,
        token: &Token,
        parameter: &str,
    ) -> Result<Self, Refusal> {
        let user = exchange.user().await?;
        let parameter = exchange.parameters().and_then(|parameters| parameters.text_or_empty(parameter));
        let target = parameter.as_ref().ok().and_then(|name| UserId::parse(name));
        let reading = exchange.table.standing_and_target(token, user.id(), target.as_ref()).await?;
        Ok(Self { user, reading, parameter })
    }

    /// The caller as a moderator, the person, and the person's account.
    pub(crate) fn moderated(self) -> Result<(Moderator, Target, Option<Account>), Refusal> {
        self.checked(|member, _| member.moderator())
    }

    /// The same for callers who must not name themselves, which comes before their right.
    pub(crate) fn moderated_for_others(self) -> Result<(Moderator, Target, Option<Account>), Refusal> {
        self.checked(|member, name| member.not_oneself(name)?.moderator())
    }

    fn checked(
        self,
        right: impl FnOnce(Member, &str) -> Result<Moderator, Refusal>,
    ) -> Result<(Moderator, Target, Option<Account>), Refusal> {
        let member = self.reading.standing.found()?.member(&self.user)?;
        let moderator = right(member, self.parameter.as_deref().unwrap_or_default())?;
        self.parameter?;
        Ok((moderator, self.reading.target, self.reading.account))
    }
}
