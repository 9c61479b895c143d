//! Who is calling: a user, or a guest.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::account::{Account, Login, UserId};
use super::app_password;
use super::denial::Denial;
use super::guesses::Attempt;
use super::guest::GuestCookie;
use super::random::RandomSource;
use super::secret::{Digest, PasswordHash, Secret};
use super::time::Timestamp;

/// How long a warm function remembers that a password was right, in seconds.
pub const REMEMBERED_SECONDS: i64 = 60;
/// The most passwords that are remembered at a time; the memory is emptied beyond that.
const REMEMBERED_AT_MOST: usize = 1_000;

/// Somebody who logged in. Only this file makes one.
#[derive(Clone)]
pub struct User {
    id: UserId,
    /// [`Account::logins_ended`] at the login, which may be a minute ago.
    logins_ended: u64,
    /// The account's password at the login: an account that was removed and made again has another one.
    password_hash: PasswordHash,
    /// The app password of the login, if it was one.
    app_password: Option<Digest>,
    /// Whether the login was looked at for an earlier request.
    is_remembered: bool,
}

impl User {
    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.id
    }

    /// Whether the login still counts for the account as it is now.
    #[must_use]
    pub fn is_still(&self, account: &Account) -> bool {
        account.id == self.id
            && account.is_enabled
            && account.logins_ended == self.logins_ended
            && account.password_hash == self.password_hash
    }

    /// The user's account as it is now, if the login still counts for it.
    ///
    /// # Errors
    /// Not logged in when the account is gone or disabled, or its logins have ended.
    pub fn still(&self, account: Option<Account>) -> Result<Account, Denial> {
        account.filter(|account| self.is_still(account)).ok_or(Denial::NotLoggedIn)
    }

    /// The user's account as it is now, if it can still be logged in to in the way in which the user did.
    ///
    /// # Errors
    /// As [`User::still`], and when the app password was taken back.
    pub fn still_with(&self, login: Login) -> Result<Account, Denial> {
        if self.app_password.is_some() && !login.has_app_password {
            return Err(Denial::NotLoggedIn);
        }
        self.still(login.account)
    }

    /// The app password of the login, if it was one.
    #[must_use]
    pub const fn app_password(&self) -> Option<&Digest> {
        self.app_password.as_ref()
    }

    /// Whether the login was looked at for an earlier request, so that it may have ended since.
    #[must_use]
    pub const fn is_remembered(&self) -> bool {
        self.is_remembered
    }

    #[cfg(test)]
    pub(crate) fn for_tests(id: &str) -> Self {
        let id = UserId::parse(id).unwrap_or_else(|| unreachable!());
        let password_hash = PasswordHash::of(&Secret::new("x")).unwrap_or_else(|_| unreachable!());
        Self { id, logins_ended: 0, password_hash, app_password: None, is_remembered: false }
    }
}

/// Somebody who logged in and may manage accounts. Only this file makes one.
pub struct Admin(Account);

impl Admin {
    /// Asks whether `user` may manage accounts, by the account as it is now.
    ///
    /// # Errors
    /// Forbidden for everybody else, not logged in when the login has ended meanwhile.
    pub fn new(user: &User, login: Login) -> Result<Self, Denial> {
        let account = user.still_with(login)?;
        if account.is_admin {
            Ok(Self(account))
        } else {
            Err(Denial::Forbidden("Logged in user must be an admin"))
        }
    }

    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.0.id
    }
}

/// Who is calling about a room.
pub enum Caller {
    /// Somebody with an account.
    User(User),
    /// Anybody else, with the cookie that an earlier join gave in this room.
    Guest(Option<GuestCookie>),
}

impl Caller {
    /// The user, unless a guest is calling.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Guest(_) => None,
        }
    }
}

/// What somebody logs in with.
pub struct Credential {
    user: UserId,
    password: Secret,
}

impl Credential {
    /// The user and the password that were given.
    #[must_use]
    pub const fn new(user: UserId, password: Secret) -> Self {
        Self { user, password }
    }

    /// The user who wants to log in.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// The password, of the account or of an app.
    #[must_use]
    pub const fn password(&self) -> &Secret {
        &self.password
    }

    /// What would be stored of the password, if it has the form of an app's.
    #[must_use]
    pub fn app_password(&self) -> Option<Digest> {
        app_password::digest(&self.password)
    }

    /// Whether the password is the account's own.
    #[must_use]
    pub fn is_of(&self, account: &Account, _: &Attempt<'_>) -> bool {
        account.password_hash.matches(&self.password)
    }

    /// The user, if the password is right, which is remembered. Without an attempt, only that of an app can be.
    ///
    /// # Errors
    /// When it is wrong, or the account is disabled or none.
    pub fn prove(
        &self,
        login: Login,
        attempt: Option<&Attempt<'_>>,
        verified: &VerifiedPasswords,
        now: Timestamp,
    ) -> Result<User, NoLogin> {
        let Some(account) = login.account else {
            PasswordHash::pretend_to_match(&self.password);
            return Err(NoLogin::Wrong);
        };
        if !login.has_app_password && !attempt.is_some_and(|attempt| self.is_of(&account, attempt)) {
            return Err(NoLogin::Wrong);
        }
        if !account.is_enabled {
            return Err(NoLogin::Disabled);
        }
        let user = User {
            id: account.id,
            logins_ended: account.logins_ended,
            password_hash: account.password_hash,
            app_password: login.has_app_password.then(|| self.password.digest()),
            is_remembered: false,
        };
        let key = verified.key(self.user.as_str(), &self.password);
        verified.remember(key, Some(user.clone()), now);
        Ok(user)
    }
}

/// Why somebody is not logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLogin {
    /// There is no such user, or the password is another.
    Wrong,
    /// The account may not be used.
    Disabled,
}

/// Credentials and room passwords that were right a short while ago, so that argon2 runs once a
/// minute and not once a request.
pub struct VerifiedPasswords {
    salt: Secret,
    entries: Mutex<HashMap<String, (Option<User>, Timestamp)>>,
}

impl VerifiedPasswords {
    /// An empty memory, salted so that its keys mean nothing elsewhere.
    #[must_use]
    pub fn new(random: &RandomSource) -> Self {
        Self { salt: random.cookie_secret(), entries: Mutex::default() }
    }

    /// Whether `password` was found to match `hash` a short while ago.
    #[must_use]
    pub fn knows(&self, hash: &PasswordHash, password: &Secret, now: Timestamp) -> bool {
        self.recall(&self.key(hash.as_str(), password), now).is_some()
    }

    /// Whether `password` matches `hash`, which is remembered.
    #[must_use]
    pub fn matches(&self, hash: &PasswordHash, password: &Secret, _: &Attempt<'_>, now: Timestamp) -> bool {
        let key = self.key(hash.as_str(), password);
        let matches = hash.matches(password);
        if matches {
            self.remember(key, None, now);
        }
        matches
    }

    /// The user with this credential, if it was right a short while ago.
    #[must_use]
    pub fn user(&self, credential: &Credential, now: Timestamp) -> Option<User> {
        let user = self.recall(&self.key(credential.user.as_str(), &credential.password), now)??;
        Some(User { is_remembered: true, ..user })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guesses::{Guess, Subject};
    use crate::domain::room::Token;

    #[test]
    fn a_room_password_is_remembered_for_a_minute_and_only_for_its_hash() {
        let memory = VerifiedPasswords::new(&RandomSource::from_seed(1));
        let (password, other) = (Secret::new("one"), Secret::new("two"));
        let hash = PasswordHash::of(&password).unwrap_or_else(|_| unreachable!());
        let token = Token::parse("abcdefgh").unwrap_or_else(|| unreachable!());
        let subject = Subject::Room(&token);
        let attempt = Attempt::new(subject, Guess::new(subject, &password), None);
        assert!(memory.matches(&hash, &password, &attempt, Timestamp(0)));
        assert!(!memory.matches(&hash, &other, &attempt, Timestamp(0)));
        assert!(memory.knows(&hash, &password, Timestamp(0)));
        let key = memory.key(hash.as_str(), &password);
        assert!(memory.recall(&key, Timestamp(59)).is_some());
        assert!(memory.recall(&key, Timestamp(60)).is_none());
        assert!(memory.recall(&key, Timestamp(-1)).is_none());
        assert!(memory.recall(&memory.key(hash.as_str(), &other), Timestamp(0)).is_none());
    }
}
