//! One request on its way to its answer, with all that it may use.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::clock::Clock;
use super::incoming::Incoming;
use super::parameters::{MAX_BODY_BYTES, Parameters};
use super::refusal::Refusal;
use super::service::{Notes, Service};
use super::settings::Signaling;
use super::suspects::Suspects;
use crate::aws::Journal;
use crate::domain::chat::Occasion;
use crate::domain::guest::GuestCookie;
use crate::domain::identity::{User, VerifiedPasswords};
use crate::domain::news::News;
use crate::domain::password::PasswordPolicy;
use crate::domain::permission::Speaker;
use crate::domain::random::RandomSource;
use crate::domain::room::Token;
use crate::domain::time::Timestamp;
use crate::herald::Herald;
use crate::table::{Partition, Table};

/// How long a guest's cookie lasts after the join, in seconds: no call goes on for longer than a day, and
/// cookies that never end would make a browser's requests too long for the gateway.
const GUEST_COOKIE_SECONDS: u32 = 24 * 60 * 60;

const SECONDS_IN_A_DAY: i64 = 24 * 60 * 60;

/// The most rooms of one request that are tidied side by side.
const MAX_SIDE_BY_SIDE: usize = 100;

/// One request on its way to its answer.
pub struct Exchange<'a> {
    service: &'a Service,
    notes: &'a Notes,
    /// The largest body that the endpoint reads, in bytes.
    body_limit: usize,
    pub request: &'a Incoming,
    /// The table, metered for this request.
    pub table: &'a Table,
    /// The moment at which the request is answered.
    pub now: Timestamp,
    /// When the request came, by [`Clock::elapsed`].
    pub began: Duration,
    /// How many times the request was started before and lost a race.
    attempt: u32,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        service: &'a Service,
        notes: &'a Notes,
        request: &'a Incoming,
        table: &'a Table,
        began: Duration,
        attempt: u32,
    ) -> Self {
        let now = service.clock.now();
        Self { service, notes, body_limit: MAX_BODY_BYTES, request, table, now, began, attempt }
    }

    /// The same for an endpoint that reads bodies of this many bytes at most.
    pub(super) const fn for_bodies_of(self, body_limit: usize) -> Self {
        Self { body_limit, ..self }
    }

    /// The clock, for a handler that waits.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.service.clock
    }

    /// How members of a call find each other.
    #[must_use]
    pub const fn signaling(&self) -> &Signaling {
        &self.service.signaling
    }

    /// The most guests in a room.
    #[must_use]
    pub const fn guest_limit(&self) -> u64 {
        self.service.guest_limit
    }

    /// Where tokens, session ids and secrets come from.
    #[must_use]
    pub fn random(&self) -> &RandomSource {
        &self.service.random
    }

    /// This moment, and how long what is said at it is kept.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        let kept_until =
            self.service.chat_days.map(|days| self.now.plus(days.saturating_mul(SECONDS_IN_A_DAY)));
        Occasion { now: self.now, kept_until }
    }

    /// Which passwords people may choose.
    #[must_use]
    pub const fn password_policy(&self) -> PasswordPolicy {
        self.service.password_policy
    }

    /// Passwords that were right a short while ago.
    #[must_use]
    pub const fn verified_passwords(&self) -> &VerifiedPasswords {
        &self.service.verified
    }

    /// Where it is written who failed to log in, if anywhere.
    pub(super) const fn failed_logins(&self) -> Option<&Journal> {
        self.service.failed_logins.as_ref()
    }

    /// Who tried too many secrets, as far as this function knows.
    pub(super) const fn suspects(&self) -> &Suspects {
        &self.service.suspects
    }

    /// The most different wrong secrets from one source.
    pub(super) const fn most_guesses(&self) -> usize {
        self.service.most_guesses
    }

    /// Whether the request was started before and somebody else was faster.
    #[must_use]
    pub const fn lost_a_race(&self) -> bool {
        self.attempt > 0
    }

    /// The largest body that the endpoint reads, in bytes.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Notes for the operator which room's call this is about.
    pub fn note_call(&self, room_id: u64) {
        self.notes.note_room(room_id);
    }

    /// Tells everybody who has to learn of a change: those who poll, and the external signaling server.
    pub async fn tell(&self, news: News) {
        if news.is_empty() {
            return;
        }
        let herald = Herald::new(self.table, self.random(), self.now);
        let herald = match self.service.signaling.external() {
            Some(server) => {
                let backend = server.backend().map_or_else(|| self.request.base_url(), str::to_owned);
                herald.with_server(server, backend)
            }
            None => herald,
        };
        self.notes.note_telling(herald.tell(&news, self.notes.telling()).await);
    }

    /// A room with everybody in it, for somebody who looks at it: guests who fell silent are taken away, and a
    /// room that belongs to nobody goes.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn look(&self, token: &Token) -> Result<Partition, Refusal> {
        self.tidied(self.table.stored_partition(token).await?).await
    }

    /// The same at this moment, for somebody who looks again and again beside others: guests who fell silent are
    /// left to those who look once.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn watch(&self, token: &Token, now: Timestamp) -> Result<Partition, Refusal> {
        self.healed(self.table.stored_partition(token).await?, now).await
    }

    /// Several rooms as [`Exchange::look`] sees one, in the order of their tokens.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn look_at_all(&self, tokens: &[Token]) -> Result<Vec<Partition>, Refusal> {
        let partitions = self.table.stored_partitions(tokens).await?;
        stream::iter(partitions)
            .map(|partition| self.tidied(partition))
            .buffered(MAX_SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    /// A room after leftovers are removed.
    async fn tidied(&self, partition: Partition) -> Result<Partition, Refusal> {
        let partition = self.healed(partition, self.now).await?;
        self.table.sweep(&partition, self.now).await;
        Ok(partition)
    }

    /// A room, unless it belonged to nobody: then it is gone, and others are told.
    async fn healed(&self, partition: Partition, now: Timestamp) -> Result<Partition, Refusal> {
        let (partition, news) = self.table.heal(partition, now).await?;
        self.tell(news).await;
        Ok(partition)
    }

    /// The parameters; read once it is known who is calling.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters(&self) -> Result<&Parameters, Refusal> {
        self.request.parameters(self.body_limit.min(MAX_BODY_BYTES))
    }

    /// The parameters of somebody who is in a call, among which may be many messages.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters_with_messages(&self, _speaker: &Speaker) -> Result<&Parameters, Refusal> {
        self.request.parameters(self.body_limit)
    }

    /// The parameters of somebody who logged in, as long as the endpoint takes them: a message is long.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters_of(&self, _user: &User) -> Result<&Parameters, Refusal> {
        self.request.parameters(self.body_limit)
    }

    /// The cookie by which a guest is known in this room.
    #[must_use]
    pub fn guest_cookie(&self, token: &Token) -> Option<GuestCookie> {
        self.request.cookie(&self.request.guest_cookie_name(token)).and_then(GuestCookie::parse)
    }

    /// The `Set-Cookie` value that gives a guest this cookie.
    #[must_use]
    pub fn set_guest_cookie(&self, token: &Token, cookie: &GuestCookie) -> String {
        self.cookie(token, &cookie.value(), GUEST_COOKIE_SECONDS)
    }

    /// The `Set-Cookie` value that takes the cookie of this room away.
    #[must_use]
    pub fn clear_guest_cookie(&self, token: &Token) -> String {
        self.cookie(token, "", 0)
    }

    fn cookie(&self, token: &Token, value: &str, seconds: u32) -> String {
        let name = self.request.guest_cookie_name(token);
        let secure = if self.request.is_plain_loopback() { "" } else { "; Secure" };
        format!("{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}")
    }
}
