//! One request on its way to its answer, with all that it may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::account::Account;
use crate::auth::{Admin, Caller, Credential, GuestCookie, Memory, User, identify};
use crate::http::{Incoming, MAX_BODY_BYTES, MAX_MESSAGES_BODY_BYTES, Parameters};
use crate::permission::Speaker;
use crate::random::RandomSource;
use crate::refusal::Refusal;
use crate::room::Token;
use crate::signaling::{External, Notice, Signaling};
use crate::table::{Partition, Table};
use crate::time::{Clock, Timestamp};

/// The signaling server has so much time in all, whatever it is to be told during one request: the
/// caller waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a guest's cookie lasts after the join, in seconds: no call goes on for longer than a day, and
/// cookies that never end would make a browser's requests too long for the gateway.
const GUEST_COOKIE_SECONDS: u32 = 24 * 60 * 60;

/// The most guests in a room where nothing else is set.
pub const DEFAULT_GUEST_LIMIT: u64 = 500;

/// What a function keeps while it is warm.
pub struct Service {
    /// The table.
    pub table: Table,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where tokens, session ids and secrets come from.
    pub random: Arc<RandomSource>,
    /// Passwords that were right a short while ago.
    pub memory: Memory,
    /// How members of a call find each other.
    pub signaling: Signaling,
    /// How many guests may be in a room at a time.
    pub guest_limit: u64,
    is_cold: AtomicBool,
}

impl Service {
    /// A service that remembers nothing yet.
    #[must_use]
    pub fn new(table: Table, clock: Arc<dyn Clock>, random: Arc<RandomSource>) -> Self {
        let memory = Memory::new(&random);
        let signaling = Signaling::default();
        let guest_limit = DEFAULT_GUEST_LIMIT;
        Self { table, clock, random, memory, signaling, guest_limit, is_cold: AtomicBool::new(true) }
    }

    /// Whether this is the first request since the function started; asked once for each.
    pub(crate) fn is_first_request(&self) -> bool {
        self.is_cold.swap(false, Ordering::Relaxed)
    }
}

/// What operators learn of a request beside its answer.
#[derive(Default)]
pub struct Notes {
    /// The number of the room whose call it is about; not its token, which lets people in.
    room: AtomicU64,
    /// How many milliseconds the signaling server took.
    telling: AtomicU64,
}

impl Notes {
    /// The number of the room whose call the request was about.
    pub(crate) fn room(&self) -> Option<u64> {
        Some(self.room.load(Ordering::Relaxed)).filter(|&id| id > 0)
    }
}

/// One request on its way to its answer.
pub struct Exchange<'a> {
    service: &'a Service,
    notes: &'a Notes,
    /// The request.
    pub request: &'a Incoming,
    /// The table, metered for this request.
    pub table: &'a Table,
    /// The moment at which the request is answered.
    pub now: Timestamp,
    /// When the request came, by [`Clock::elapsed`].
    pub began: Duration,
    /// How many times the request was started before and lost a race.
    pub attempt: u32,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(
        service: &'a Service,
        notes: &'a Notes,
        request: &'a Incoming,
        table: &'a Table,
        began: Duration,
        attempt: u32,
    ) -> Self {
        Self { service, notes, request, table, now: service.clock.now(), began, attempt }
    }

    /// The clock, for those who wait.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.service.clock
    }

    /// How members of a call find each other.
    #[must_use]
    pub const fn signaling(&self) -> &Signaling {
        &self.service.signaling
    }

    /// A room with everybody in it, for somebody who looks at it; what is nobody's is taken away with that.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn look(&self, token: &Token) -> Result<Partition, Refusal> {
        let partition = self.watch(token, self.now).await?;
        self.table.sweep(&partition, self.now).await;
        Ok(partition)
    }

    /// The same for somebody who looks again and again beside others, at this moment. A room that belongs to
    /// nobody goes; guests who fell silent are left to those who look once.
    ///
    /// # Errors
    /// Only of the table.
    pub async fn watch(&self, token: &Token, now: Timestamp) -> Result<Partition, Refusal> {
        let partition = self.table.partition(token, now).await?;
        if partition.is_removed() {
            self.announce(token, Notice::Deleted(partition.users())).await;
        }
        Ok(partition)
    }

    /// How many guests may be in a room at a time.
    #[must_use]
    pub const fn guest_limit(&self) -> u64 {
        self.service.guest_limit
    }

    /// Notes for the operator which room's call this is about.
    pub fn note_call(&self, room_id: u64) {
        self.notes.room.store(room_id, Ordering::Relaxed);
    }

    /// Tells the signaling server of a change, if the stack has one. What it does not learn is
    /// counted and logged; the change stands.
    pub async fn announce(&self, token: &Token, notice: Notice) {
        let Some(external) = &self.service.signaling.external else { return };
        let started = self.clock().elapsed();
        let spent = Duration::from_millis(self.notes.telling.load(Ordering::Relaxed));
        let patience = PATIENCE.saturating_sub(spent);
        let telling = tokio::time::timeout(patience, self.tell(external, token, &notice, patience)).await;
        let outcome = telling.unwrap_or_else(|_| Err("the room could not be read in time".to_owned()));
        let took = self.clock().elapsed().saturating_sub(started).as_millis();
        self.notes.telling.fetch_add(u64::try_from(took).unwrap_or(u64::MAX), Ordering::Relaxed);
        if let Err(cause) = outcome {
            tracing::warn!(untold = 1, cause, "the signaling server was not told");
        }
    }

    async fn tell(
        &self,
        external: &External,
        token: &Token,
        notice: &Notice,
        patience: Duration,
    ) -> Result<(), String> {
        if patience.is_zero() {
            return Err(format!("the {} s for it were over", PATIENCE.as_secs()));
        }
        let room = if notice.needs_room() {
            let partition = self.table.stored_partition(token).await;
            partition.map_err(|refusal| refusal.describe().to_owned())?.occupancy(self.now)
        } else {
            None
        };
        let bodies = notice.bodies(room.as_ref()).into_iter();
        let notices: Vec<_> = bodies.map(|body| (self.random().nonce(), body.to_string())).collect();
        let backend = external.backend().map_or_else(|| self.request.base_url(), str::to_owned);
        external.tell(token, &backend, &notices, patience).await
    }

    /// Where tokens, session ids and secrets come from.
    #[must_use]
    pub fn random(&self) -> &RandomSource {
        &self.service.random
    }

    /// Passwords that were right a short while ago.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.service.memory
    }

    /// Who is calling, of endpoints that guests may use.
    ///
    /// # Errors
    /// 401 for credentials that are wrong (section 9, no. 21), then 412 by the CSRF rule.
    pub async fn caller(&self) -> Result<Caller, Refusal> {
        let caller = if self.request.has_header("authorization") {
            Caller::User(identify(&self.credential()?, self.table, self.memory(), self.now).await?)
        } else {
            Caller::Guest
        };
        self.demand_api_header()?;
        Ok(caller)
    }

    /// Who is calling, of endpoints that need a login.
    ///
    /// # Errors
    /// 401 without a login, then 412 by the CSRF rule.
    pub async fn user(&self) -> Result<User, Refusal> {
        if !self.request.has_header("authorization") {
            return Err(Refusal::not_logged_in());
        }
        match self.caller().await? {
            Caller::User(user) => Ok(user),
            Caller::Guest => Err(Refusal::not_logged_in()),
        }
    }

    /// What the request logs in with.
    ///
    /// # Errors
    /// 401 when there is nothing, or nothing that could be right.
    pub fn credential(&self) -> Result<Credential, Refusal> {
        let header = self.request.header("authorization").unwrap_or_default();
        Credential::parse(header).ok_or_else(Refusal::not_logged_in)
    }

    /// The account of a user who gave its own password with this request, not one of an app, and not one
    /// that was right a minute ago: for changes of what logs in.
    ///
    /// # Errors
    /// 403 for an app, 401 when the password is not the account's any more.
    pub async fn account_by_password(&self, user: &User) -> Result<Account, Refusal> {
        let credential = self.credential()?;
        let login = self.table.login(user.id(), Some(&credential.password().digest())).await?;
        if login.has_app_password {
            return Err(Refusal::forbidden("This needs the account's own password, not that of an app."));
        }
        let is_right =
            |account: &Account| account.is_enabled && account.password_hash.matches(credential.password());
        login.account.filter(is_right).ok_or_else(Refusal::not_logged_in)
    }

    /// Who is calling, of endpoints that need an administrator. The right is read afresh.
    ///
    /// # Errors
    /// 401 without a login, 412 by the CSRF rule, 403 for everybody else.
    pub async fn admin(&self) -> Result<Admin, Refusal> {
        Admin::of(&self.user().await?, self.table).await
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

    /// The parameters; asked for once it is known who is calling.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters(&self) -> Result<&Parameters, Refusal> {
        self.request.parameters(MAX_BODY_BYTES)
    }

    /// The parameters of somebody who is in a call, among which may be many messages.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters_with_messages(&self, _speaker: &Speaker) -> Result<&Parameters, Refusal> {
        self.request.parameters(MAX_MESSAGES_BODY_BYTES)
    }

    fn cookie(&self, token: &Token, value: &str, seconds: u32) -> String {
        let name = self.request.guest_cookie_name(token);
        let secure = if self.request.is_plain_loopback() { "" } else { "; Secure" };
        format!("{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}")
    }

    /// No other site can make a browser send this header (reference "CSRF").
    fn demand_api_header(&self) -> Result<(), Refusal> {
        match self.request.header("ocs-apirequest") {
            Some("true") => Ok(()),
            _ => Err(Refusal::cross_site()),
        }
    }
}
