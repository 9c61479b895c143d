//! One request on its way to its answer, with all that it may use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::auth::{Admin, Caller, Credential, GuestCookie, Memory, User, identify};
use crate::http::{Incoming, Parameters};
use crate::random::RandomSource;
use crate::refusal::Refusal;
use crate::room::Token;
use crate::table::Table;
use crate::time::{Clock, Timestamp};

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
    is_cold: AtomicBool,
}

impl Service {
    /// A service that remembers nothing yet.
    #[must_use]
    pub fn new(table: Table, clock: Arc<dyn Clock>, random: Arc<RandomSource>) -> Self {
        let memory = Memory::new(&random);
        Self { table, clock, random, memory, is_cold: AtomicBool::new(true) }
    }
}

impl Service {
    /// Whether this is the first request since the function started; asked once for each.
    pub(crate) fn is_first_request(&self) -> bool {
        self.is_cold.swap(false, Ordering::Relaxed)
    }
}

/// One request on its way to its answer.
pub struct Exchange<'a> {
    service: &'a Service,
    /// The request.
    pub request: &'a Incoming,
    /// The table, metered for this request.
    pub table: &'a Table,
    /// The moment at which the request is answered.
    pub now: Timestamp,
    /// How many times the request was started before and lost a race.
    pub attempt: u32,
}

impl<'a> Exchange<'a> {
    pub(crate) const fn new(
        service: &'a Service,
        request: &'a Incoming,
        table: &'a Table,
        now: Timestamp,
        attempt: u32,
    ) -> Self {
        Self { service, request, table, now, attempt }
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
            let header = self.request.header("authorization").unwrap_or_default();
            let credential = Credential::parse(header).ok_or_else(Refusal::not_logged_in)?;
            Caller::User(identify(&credential, self.table, self.memory(), self.now).await?)
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
        self.cookie(token, &cookie.value(), "")
    }

    /// The `Set-Cookie` value that takes the cookie of this room away.
    #[must_use]
    pub fn clear_guest_cookie(&self, token: &Token) -> String {
        self.cookie(token, "", "; Max-Age=0")
    }

    /// The parameters.
    ///
    /// # Errors
    /// 400, 413 or 415 when they cannot be read.
    pub fn parameters(&self) -> Result<&Parameters, Refusal> {
        self.request.parameters()
    }

    fn cookie(&self, token: &Token, value: &str, age: &str) -> String {
        let name = self.request.guest_cookie_name(token);
        let secure = if self.request.is_plain_loopback() { "" } else { "; Secure" };
        format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}")
    }

    /// No other site can make a browser send this header (reference "CSRF").
    fn demand_api_header(&self) -> Result<(), Refusal> {
        match self.request.header("ocs-apirequest") {
            Some("true") => Ok(()),
            _ => Err(Refusal::cross_site()),
        }
    }
}
