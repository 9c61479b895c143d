//! Who may call an endpoint, asked in the one order of `docs/api.md#the-order-of-checks`.
//!
//! A row of a function's table names one of these guards, and its handler gets what the guard hands out. The order
//! is login (401), the rule against other sites (412), the room (404), membership (404), the right to moderate
//! (403), and then whether the parameters can be read (400, 413, 415): a handler finds all of that done. Two
//! guards leave the end of it to their handlers: [`Exchange::login`] and [`Exchange::caller`].

use super::exchange::Exchange;
use super::refusal::Refusal;
use super::route::Captures;
use crate::domain::identity::{Admin, Caller, User};
use crate::domain::permission::{Member, Moderator, Sight};
use crate::table::Partition;

/// Nobody has to say who is calling.
pub struct Everybody;

/// A caller that claims to be the external signaling server; the handler verifies it.
pub struct PossibleServer;

impl Exchange<'_> {
    /// What a rule granted, once the parameters can be read.
    ///
    /// # Errors
    /// Those of the rule; then 400, 413 or 415.
    pub fn granted<R>(&self, right: Result<R, impl Into<Refusal>>) -> Result<R, Refusal> {
        let right = right.map_err(Into::into)?;
        self.parameters()?;
        Ok(right)
    }

    /// Everybody, without a login and from any site.
    pub async fn everybody(&self, _: &Captures) -> Result<Everybody, Refusal> {
        self.granted(Ok::<_, Refusal>(Everybody))
    }

    /// The external signaling server, which proves itself by a checksum over the body as it came. The handler asks
    /// for that, because what the server is told is no refusal.
    pub async fn server(&self, _: &Captures) -> Result<PossibleServer, Refusal> {
        Ok(PossibleServer)
    }

    /// A user or a guest. The handler reads the room, and the parameters after that.
    pub async fn caller(&self, captures: &Captures) -> Result<Caller, Refusal> {
        if self.request.has_header("authorization") {
            return Ok(Caller::User(self.login(captures).await?));
        }
        self.demand_api_header()?;
        let Ok(token) = captures.token() else { return Ok(Caller::Guest(None)) };
        self.demand_patience()?;
        Ok(Caller::Guest(self.guest_cookie(token)))
    }

    /// A user or a guest, about no room.
    pub async fn anybody(&self, captures: &Captures) -> Result<Caller, Refusal> {
        self.granted(self.caller(captures).await)
    }

    /// A user. The handler reads the parameters when their turn comes.
    pub async fn login(&self, _: &Captures) -> Result<User, Refusal> {
        if !self.request.has_header("authorization") {
            return Err(Refusal::not_logged_in());
        }
        let user = self.identify().await?;
        self.demand_api_header()?;
        Ok(user)
    }

    /// A user, about no room.
    pub async fn user(&self, captures: &Captures) -> Result<User, Refusal> {
        self.granted(self.login(captures).await)
    }

    /// An administrator, whose right is read afresh.
    pub async fn admin(&self, captures: &Captures) -> Result<Admin, Refusal> {
        let user = self.login(captures).await?;
        self.granted(self.administrator(&user).await)
    }

    /// A user as an administrator.
    ///
    /// # Errors
    /// 403 for everybody else, 401 when the login has ended meanwhile.
    pub async fn administrator(&self, user: &User) -> Result<Admin, Refusal> {
        Ok(Admin::new(user, self.table.login(user.id(), user.app_password()).await?)?)
    }

    /// A user or a guest who looks at a room.
    pub async fn sight(&self, captures: &Captures) -> Result<Sight, Refusal> {
        let caller = self.caller(captures).await?;
        self.granted(self.seen_by(&caller, captures).await)
    }

    /// A user or a guest who looks at a room from inside.
    pub async fn insider(&self, captures: &Captures) -> Result<Sight, Refusal> {
        let caller = self.caller(captures).await?;
        self.granted(self.seen_by(&caller, captures).await.and_then(|sight| Ok(sight.insider()?)))
    }

    /// A user who looks at a room.
    pub async fn user_sight(&self, captures: &Captures) -> Result<Sight, Refusal> {
        let caller = Caller::User(self.login(captures).await?);
        self.granted(self.seen_by(&caller, captures).await)
    }

    async fn seen_by(&self, caller: &Caller, captures: &Captures) -> Result<Sight, Refusal> {
        let look = self.look(captures.token()?);
        let partition = match caller {
            Caller::User(user) => self.beside_login(user, look).await?,
            Caller::Guest(_) => look.await?,
        };
        Ok(Sight::new(partition.occupancy(self.now), caller)?)
    }

    /// A member of a room, with everybody else in it.
    pub async fn member(&self, captures: &Captures) -> Result<(Member, Partition), Refusal> {
        let user = self.login(captures).await?;
        let partition = self.beside_login(&user, self.look(captures.token()?)).await?;
        Ok((self.granted(partition.standing(user.id()).member(&user))?, partition))
    }

    /// A member of a room, of which nobody else is read.
    pub async fn participant(&self, captures: &Captures) -> Result<Member, Refusal> {
        let user = self.login(captures).await?;
        let standing = self.table.standing(captures.token()?, user.id());
        let standing = self.beside_login(&user, standing).await?;
        self.granted(standing.member(&user))
    }

    /// A moderator of a room.
    pub async fn moderator(&self, captures: &Captures) -> Result<Moderator, Refusal> {
        let user = self.login(captures).await?;
        let standing = self.table.standing(captures.token()?, user.id());
        let standing = self.beside_login(&user, standing).await?;
        self.granted(standing.member(&user).and_then(Member::moderator))
    }

    /// A moderator of a room, with everybody else in it.
    pub async fn moderator_of_all(&self, captures: &Captures) -> Result<(Moderator, Partition), Refusal> {
        let user = self.login(captures).await?;
        let partition = self.beside_login(&user, self.look(captures.token()?)).await?;
        let moderator = partition.standing(user.id()).member(&user).and_then(Member::moderator);
        Ok((self.granted(moderator)?, partition))
    }

    /// No other site can make a browser send this header.
    fn demand_api_header(&self) -> Result<(), Refusal> {
        match self.request.header("ocs-apirequest") {
            Some("true") => Ok(()),
            _ => Err(Refusal::cross_site()),
        }
    }
}
