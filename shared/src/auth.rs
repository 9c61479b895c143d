//! Who is calling: a user, or a guest.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::account::{Account, UserId};
use crate::random::{APP_PASSWORD_CHARACTERS, RandomSource};
use crate::refusal::Refusal;
use crate::room::GuestId;
use crate::secret::{Digest, PasswordHash, Secret};
use crate::table::Table;
use crate::time::Timestamp;

/// For so many seconds a warm function remembers that a password was right.
pub const REMEMBERED_SECONDS: i64 = 60;
/// More passwords than this are not remembered at a time; the memory is emptied then.
const REMEMBERED_AT_MOST: usize = 1_000;

/// Somebody who logged in. Only this file makes one.
#[derive(Clone)]
pub struct User {
    id: UserId,
    /// [`Account::logins_ended`] at the login, which may be a minute ago.
    logins_ended: u64,
}

impl User {
    /// The id.
    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.id
    }

    /// Whether the login still counts for the account as it is now.
    #[must_use]
    pub fn is_still(&self, account: &Account) -> bool {
        account.id == self.id && account.is_enabled && account.logins_ended == self.logins_ended
    }

    #[cfg(test)]
    pub(crate) fn for_tests(id: &str) -> Self {
        let id = UserId::parse(id).unwrap_or_else(|| unreachable!());
        Self { id, logins_ended: 0 }
    }
}

/// Somebody who logged in and may manage accounts. Only this file makes one.
pub struct Admin(Account);

impl Admin {
    /// Looks up whether `user` may manage accounts.
    ///
    /// # Errors
    /// 403 for everybody else, 401 when the account went meanwhile.
    pub async fn of(user: &User, table: &Table) -> Result<Self, Refusal> {
        match table.account(user.id()).await? {
            Some(account) if user.is_still(&account) && account.is_admin => Ok(Self(account)),
            Some(account) if user.is_still(&account) => {
                Err(Refusal::forbidden("Logged in user must be an admin"))
            }
            _ => Err(Refusal::not_logged_in()),
        }
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.0.id
    }
}

/// Who is calling.
pub enum Caller {
    /// Somebody with an account.
    User(User),
    /// Anybody else.
    Guest,
}

/// What Basic authentication carries.
pub struct Credential {
    user: UserId,
    password: Secret,
}

impl Credential {
    /// Reads the value of an `Authorization` header; `None` when it cannot be right.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self { user: UserId::parse(user)?, password: Secret::new(password) })
    }

    /// The password that was given, to name the app password in use.
    #[must_use]
    pub const fn password(&self) -> &Secret {
        &self.password
    }

    fn may_be_app_password(&self) -> bool {
        let text = self.password.expose();
        text.len() == APP_PASSWORD_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// Credentials and room passwords that were right a short while ago, so that argon2 runs once a
/// minute and not once a request.
pub struct Memory {
    salt: Secret,
    entries: Mutex<HashMap<String, (Option<User>, Timestamp)>>,
}

impl Memory {
    /// An empty memory, salted so that its keys mean nothing elsewhere.
    #[must_use]
    pub fn new(random: &RandomSource) -> Self {
        Self { salt: random.cookie_secret(), entries: Mutex::default() }
    }

    /// Whether `password` matches `hash`; computed at most once a minute when it does.
    #[must_use]
    pub fn matches(&self, hash: &PasswordHash, password: &Secret, now: Timestamp) -> bool {
        let key = self.key(hash.as_str(), password);
        if self.recall(&key, now).is_some() {
            return true;
        }
        let matches = hash.matches(password);
        if matches {
            self.remember(key, None, now);
        }
        matches
    }

    /// Forgets every credential of `user`.
    pub fn forget(&self, user: &UserId) {
        self.entries().retain(|_, (known, _)| known.as_ref().is_none_or(|known| known.id != *user));
    }

    fn key(&self, subject: &str, password: &Secret) -> String {
        let text = format!("{}\0{subject}\0{}", self.salt.expose(), password.expose());
        Digest::of(text.as_bytes()).as_str().to_owned()
    }

    fn recall(&self, key: &str, now: Timestamp) -> Option<Option<User>> {
        let entries = self.entries();
        let (user, since) = entries.get(key)?;
        let age = now.0.saturating_sub(since.0);
        (0..REMEMBERED_SECONDS).contains(&age).then(|| user.clone())
    }

    fn remember(&self, key: String, user: Option<User>, now: Timestamp) {
        let mut entries = self.entries();
        if entries.len() >= REMEMBERED_AT_MOST {
            entries.clear();
        }
        entries.insert(key, (user, now));
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Option<User>, Timestamp)>> {
        // The map is never left half changed.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds out whose credential this is.
///
/// # Errors
/// 401 when nobody has it, or the account is disabled.
pub async fn identify(
    credential: &Credential,
    table: &Table,
    memory: &Memory,
    now: Timestamp,
) -> Result<User, Refusal> {
    let key = memory.key(credential.user.as_str(), &credential.password);
    if let Some(Some(user)) = memory.recall(&key, now) {
        return Ok(user);
    }
    let app_password = credential.may_be_app_password().then(|| credential.password.digest());
    let login = table.login(&credential.user, app_password.as_ref()).await?;
    let Some(account) = login.account else {
        PasswordHash::pretend_to_match(&credential.password);
        return Err(Refusal::not_logged_in());
    };
    let is_right = login.has_app_password || account.password_hash.matches(&credential.password);
    if !is_right || !account.is_enabled {
        return Err(Refusal::not_logged_in());
    }
    let user = User { id: account.id, logins_ended: account.logins_ended };
    memory.remember(key, Some(user.clone()), now);
    Ok(user)
}

/// What proves to the room that a guest's session is the guest's own.
///
/// The session id cannot: everybody in the room reads it.
pub struct GuestCookie {
    id: GuestId,
    secret: Secret,
}

impl GuestCookie {
    /// The cookie for a new guest.
    #[must_use]
    pub const fn new(id: GuestId, secret: Secret) -> Self {
        Self { id, secret }
    }

    /// Reads the value of a cookie; `None` when it has not the form of one of ours.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (id, secret) = value.split_once('.')?;
        Some(Self { id: GuestId::parse(id)?, secret: Secret::new(secret) })
    }

    /// What goes into the cookie.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{}.{}", self.id.as_str(), self.secret.expose())
    }

    /// Which guest.
    #[must_use]
    pub const fn id(&self) -> &GuestId {
        &self.id
    }

    /// What the table holds of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.secret.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_basic_and_names_a_possible_user() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let parsed = Credential::parse(&header("alice:pass:word"));
        assert!(parsed.is_some_and(|it| it.user.as_str() == "alice" && it.password.expose() == "pass:word"));
        assert!(Credential::parse("basic YTpi").is_some());
        for wrong in ["", "Basic", "Basic ", "Basic !!", "Bearer YTpi", &header("alice"), &header("a/b:c")] {
            assert!(Credential::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_room_password_is_remembered_for_a_minute_and_only_for_its_hash() {
        let memory = Memory::new(&RandomSource::from_seed(1));
        let (password, other) = (Secret::new("one"), Secret::new("two"));
        let hash = PasswordHash::of(&password).unwrap_or_else(|_| unreachable!());
        assert!(memory.matches(&hash, &password, Timestamp(0)));
        assert!(!memory.matches(&hash, &other, Timestamp(0)));
        let key = memory.key(hash.as_str(), &password);
        assert!(memory.recall(&key, Timestamp(59)).is_some());
        assert!(memory.recall(&key, Timestamp(60)).is_none());
        assert!(memory.recall(&key, Timestamp(-1)).is_none());
        assert!(memory.recall(&memory.key(hash.as_str(), &other), Timestamp(0)).is_none());
    }
}
