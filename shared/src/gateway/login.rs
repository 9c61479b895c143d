//! Who is calling, by what the request logs in with; and whether somebody knows the password of a room.

use std::future::Future;

use futures_util::future::join;
use serde_json::json;

use super::authorization::Authorization;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::domain::account::{Account, Login, UserId};
use crate::domain::guesses::{Attempt, Subject};
use crate::domain::identity::{Credential, NoLogin, User};
use crate::domain::room::Room;
use crate::domain::secret::{Digest, PasswordHash, Secret};

impl Exchange<'_> {
    /// The user who is calling; asked once it is known that credentials were sent.
    pub(super) async fn identify(&self) -> Result<User, Refusal> {
        let (credential, verified) = (self.credential().await?, self.verified_passwords());
        if let Some(user) = verified.user(&credential, self.now) {
            return Ok(user);
        }
        let login = self.login_with(&credential).await?;
        // Held against the account however its id was written.
        let user = login.account.as_ref().map_or_else(|| credential.user(), |account| &account.id).clone();
        let known = login.account.as_ref().map(|account| account.id.clone());
        let attempt = match &login {
            Login { has_app_password: true, .. } => None,
            Login { account, .. } => Some(self.attempt_at(&user, &credential, account.as_ref()).await?),
        };
        let why = match credential.prove(login, attempt.as_ref(), verified, self.now) {
            Ok(user) => return Ok(user),
            Err(why) => why,
        };
        if let (NoLogin::Wrong, Some(attempt)) = (why, attempt) {
            self.was_wrong(attempt).await?;
        }
        self.note_failure(known.as_ref(), why).await;
        Err(Refusal::not_logged_in())
    }

    /// Notes that somebody failed to log in: from where, and a hash of whose id, by which an operator finds those who ask. An
    /// id that nobody has may be a password in the wrong field, and is not kept.
    async fn note_failure(&self, user: Option<&UserId>, why: NoLogin) {
        let Some(log) = self.failed_logins() else { return };
        let id = user.map(|user| Digest::of(user.as_str().to_ascii_lowercase().as_bytes()));
        let reason = match (&id, why) {
            (None, _) => "unknown",
            (_, NoLogin::Wrong) => "wrong",
            (_, NoLogin::Disabled) => "disabled",
        };
        let address = self.request.source().as_str();
        let line = json!({"event": "failed_login", "address": address, "id": id, "reason": reason});
        log.note(&line, self.clock().milliseconds()).await;
    }

    /// Reads something for a user. Where the login is remembered, it is looked up beside whether it still counts, so that
    /// it ends at once everywhere.
    ///
    /// # Errors
    /// 401 when it does not count any more; then those of the reading.
    pub async fn beside_login<T, E: Into<Refusal>>(
        &self,
        user: &User,
        reading: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Refusal> {
        if !user.is_remembered() {
            return reading.await.map_err(Into::into);
        }
        let (login, read) = join(self.table.login(user.id(), user.app_password()), reading).await;
        user.still_with(login?)?;
        read.map_err(Into::into)
    }

    /// What a login is checked against. People write their ids in any case; only for those who write it in another one,
    /// and for those whom nobody knows, it is looked up how the id is spelled.
    async fn login_with(&self, credential: &Credential) -> Result<Login, Refusal> {
        let app_password = credential.app_password();
        let login = self.table.login(credential.user(), app_password.as_ref()).await?;
        if login.account.is_some() {
            return Ok(login);
        }
        match self.table.spelled(credential.user()).await? {
            Some(user) => Ok(self.table.login(&user, app_password.as_ref()).await?),
            None => Ok(login),
        }
    }

    /// An attempt at the password of an account, which may be none.
    async fn attempt_at<'u>(
        &self,
        user: &'u UserId,
        credential: &Credential,
        account: Option<&Account>,
    ) -> Result<Attempt<'u>, Refusal> {
        let guessed_until = account.map(|account| account.guessed_until);
        self.attempt(Subject::Account(user), credential.password(), guessed_until).await
    }

    /// Whether a password is that of a room that is asked for one.
    ///
    /// # Errors
    /// 429 for those who guess.
    pub async fn is_password_of(
        &self,
        room: &Room,
        hash: &PasswordHash,
        password: &Secret,
    ) -> Result<bool, Refusal> {
        let verified = self.verified_passwords();
        if password.is_empty() {
            return Ok(false);
        }
        if verified.knows(hash, password, self.now) {
            return Ok(true);
        }
        let attempt = self.attempt(Subject::Room(&room.token), password, Some(room.guessed_until)).await?;
        let is_right = verified.matches(hash, password, &attempt, self.now);
        if !is_right {
            self.was_wrong(attempt).await?;
        }
        Ok(is_right)
    }

    /// What the request logs in with. Whose an app password is that comes alone, is looked up each time.
    ///
    /// # Errors
    /// 401 when there is nothing, or nothing that could be right.
    async fn credential(&self) -> Result<Credential, Refusal> {
        match self.authorization()? {
            Authorization::Basic(credential) => Ok(credential),
            Authorization::Bearer(secret, locator) => match self.table.owner_of(&locator).await? {
                Some(user) => Ok(Credential::new(user, secret)),
                None => {
                    self.note_failure(None, NoLogin::Wrong).await;
                    Err(Refusal::not_logged_in())
                }
            },
        }
    }

    fn authorization(&self) -> Result<Authorization, Refusal> {
        let header = self.request.header("authorization").unwrap_or_default();
        Authorization::read(header).ok_or_else(Refusal::not_logged_in)
    }

    /// The account of a user who gave its own password with this request, not one of an app, and not one
    /// that was right a minute ago: for changes of what logs in.
    ///
    /// # Errors
    /// 403 for an app, 401 when the password is not the account's any more, 429 for those who guess.
    pub async fn account_by_password(&self, user: &User) -> Result<Account, Refusal> {
        let of_an_app = || Refusal::forbidden("This needs the account's own password, not that of an app.");
        let Authorization::Basic(credential) = self.authorization()? else { return Err(of_an_app()) };
        let login = self.table.login(user.id(), Some(&credential.password().digest())).await?;
        if login.has_app_password {
            return Err(of_an_app());
        }
        let attempt = self.attempt_at(user.id(), &credential, login.account.as_ref()).await?;
        match login.account {
            Some(account) if credential.is_of(&account, &attempt) => {
                Some(account).filter(|account| account.is_enabled).ok_or_else(Refusal::not_logged_in)
            }
            _ => {
                self.was_wrong(attempt).await?;
                self.note_failure(Some(user.id()), NoLogin::Wrong).await;
                Err(Refusal::not_logged_in())
            }
        }
    }
}
