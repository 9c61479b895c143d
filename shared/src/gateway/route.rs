//! The endpoints of a function: one table, in which a request finds its way.

use futures_util::future::BoxFuture;
pub use lambda_http::http::Method;

use super::exchange::Exchange;
use super::incoming::Incoming;
use super::ocs::Reply;
use super::parameters::MAX_BODY_BYTES;
use super::refusal::Refusal;
use crate::domain::chat::MessageId;
use crate::domain::room::Token;

/// Answers a request to an endpoint.
pub type Run = for<'a> fn(&'a Exchange<'a>, &'a Captures) -> BoxFuture<'a, Result<Reply, Refusal>>;

/// All endpoints of a function, those of one path together.
pub type Endpoints = &'static [Endpoint];

/// One endpoint: a method of a path, who may call it, and what answers it.
pub struct Endpoint {
    method: Method,
    path: &'static str,
    body_limit: usize,
    guard: &'static str,
    run: Run,
}

impl Endpoint {
    /// A row of the table; [`endpoints!`](crate::endpoints) writes it.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        body_limit: usize,
        guard: &'static str,
        run: Run,
    ) -> Self {
        Self { method, path, body_limit, guard, run }
    }

    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with `{token}` and the like where something stands that differs.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The largest body that is read, in bytes.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Who may call: the name of a method of [`Exchange`].
    #[must_use]
    pub const fn guard(&self) -> &'static str {
        self.guard
    }
}

/// Writes the table of a function's endpoints.
///
/// Below each base stand its paths, and for each method who may call it (a guard of [`Exchange`])
/// and the handler. In the handler's parentheses stand the parts of the path that it takes, which are methods of
/// [`Captures`]. In brackets after a method may stand the largest body, in bytes, where it is
/// another than usual.
#[macro_export]
macro_rules! endpoints {
    (@limit) => { $crate::gateway::MAX_BODY_BYTES };
    (@limit $limit:expr) => { $limit };
    ($($base:literal {
        $($path:literal { $(
            $method:ident $([$limit:expr])? => $guard:ident => $module:ident :: $handler:ident ( $($capture:ident),* )
        ),+ $(,)? })+
    })+) => {
        &[$($($(
            $crate::gateway::Endpoint::new(
                $crate::gateway::Method::$method,
                concat!($base, $path),
                $crate::endpoints!(@limit $($limit)?),
                stringify!($guard),
                |exchange, captures| {
                    Box::pin(async move {
                        let who = exchange.$guard(captures).await?;
                        $module::$handler(exchange, who $(, captures.$capture()?)*).await
                    })
                },
            ),
        )+)+)+]
    };
}

/// What stands in a path where the endpoint's has a name in braces.
#[derive(Default)]
pub struct Captures {
    token: Option<Token>,
    message: Option<MessageId>,
    texts: Vec<(&'static str, String)>,
}

impl Captures {
    /// Matches a path; `None` when it is another one. A token that no room can have matches nothing.
    fn of(pattern: &'static str, path: &[&str]) -> Option<Self> {
        let mut captures = Self::default();
        let mut segments = path.iter();
        for part in pattern.split('/').skip(1) {
            let segment = *segments.next()?;
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None if part == segment => {}
                None => return None,
                Some("version") if matches!(segment, "v1.php" | "v2.php") => {}
                Some("version") => return None,
                Some("token") => captures.token = Some(Token::parse(segment)?),
                Some("message") => captures.message = Some(MessageId::from_number(number(segment)?)?),
                Some(name) => captures.texts.push((name, segment.to_owned())),
            }
        }
        segments.next().is_none().then_some(captures)
    }

    /// `{message}`
    ///
    /// # Errors
    /// As [`Captures::token`].
    pub fn message(&self) -> Result<MessageId, Refusal> {
        self.message.ok_or_else(Refusal::no_route)
    }

    fn text(&self, name: &str) -> Result<&str, Refusal> {
        let text = self.texts.iter().find(|(known, _)| *known == name);
        text.map(|(_, text)| text.as_str()).ok_or_else(Refusal::no_route)
    }

    /// `{token}`
    ///
    /// # Errors
    /// 404 (998) where the path has none, which no path of a table does that asks for it.
    pub fn token(&self) -> Result<&Token, Refusal> {
        self.token.as_ref().ok_or_else(Refusal::no_route)
    }

    /// `{user}`
    ///
    /// # Errors
    /// As [`Captures::token`].
    pub fn user(&self) -> Result<&str, Refusal> {
        self.text("user")
    }

    /// `{group}`
    ///
    /// # Errors
    /// As [`Captures::token`].
    pub fn group(&self) -> Result<&str, Refusal> {
        self.text("group")
    }

    /// `{mode}`
    ///
    /// # Errors
    /// As [`Captures::token`].
    pub fn mode(&self) -> Result<&str, Refusal> {
        self.text("mode")
    }

    /// `{id}`
    ///
    /// # Errors
    /// As [`Captures::token`].
    pub fn id(&self) -> Result<&str, Refusal> {
        self.text("id")
    }
}

/// A number in a path: digits and nothing else.
fn number(segment: &str) -> Option<i64> {
    segment.bytes().all(|byte| byte.is_ascii_digit()).then(|| segment.parse().ok())?
}

/// Where a request leads.
pub(super) enum Route {
    /// To an endpoint.
    Endpoint(&'static Endpoint, Captures),
    /// To a path that has other methods, which are listed.
    WrongMethod(&'static str, String),
    /// Nowhere.
    Nowhere,
}

impl Route {
    /// Finds the way of a request.
    pub(super) fn find(endpoints: Endpoints, request: &Incoming) -> Self {
        let path = request.path();
        let mut found = endpoints.iter().filter_map(|it| Some((it.path, Captures::of(it.path, &path)?)));
        let Some((pattern, captures)) = found.next() else { return Self::Nowhere };
        let methods = || endpoints.iter().filter(|endpoint| endpoint.path == pattern);
        match methods().find(|endpoint| endpoint.method == request.method) {
            Some(endpoint) => Self::Endpoint(endpoint, captures),
            None => {
                let allowed: Vec<&str> = methods().map(|endpoint| endpoint.method.as_str()).collect();
                Self::WrongMethod(pattern, allowed.join(", "))
            }
        }
    }

    /// The largest body that is read, in bytes.
    pub(super) const fn body_limit(&self) -> usize {
        match self {
            Self::Endpoint(endpoint, _) => endpoint.body_limit,
            Self::WrongMethod(..) | Self::Nowhere => MAX_BODY_BYTES,
        }
    }

    /// Answers a request.
    pub(super) async fn run(&self, exchange: &Exchange<'_>) -> Result<Reply, Refusal> {
        match self {
            Self::Endpoint(endpoint, captures) => {
                let outcome = (endpoint.run)(exchange, captures).await;
                if let (Err(refusal), Some(token)) = (&outcome, &captures.token)
                    && refusal.is_no_room()
                {
                    exchange.missed_a_room(token).await;
                }
                outcome
            }
            Self::WrongMethod(_, allowed) => Err(Refusal::no_method(allowed.clone())),
            Self::Nowhere => Err(Refusal::no_route()),
        }
    }

    /// What a log may know of the path: the words of the endpoint's own, and a star for each part that
    /// differs.
    pub(super) fn logged(&self, version: &str) -> String {
        let pattern = match self {
            Self::Endpoint(Endpoint { path, .. }, _) | Self::WrongMethod(path, _) => *path,
            Self::Nowhere => return "*".to_owned(),
        };
        let word = |part: &str| match part {
            "{version}" => version.to_owned(),
            part if part.starts_with('{') => "*".to_owned(),
            part => part.to_owned(),
        };
        pattern.split('/').map(word).collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_word_by_word() {
        let of = |pattern, path: &str| {
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            Captures::of(pattern, &segments)
        };
        let found = of("/ocs/{version}/room/{token}/users/{user}", "/ocs/v1.php/room/abcd1234/users/anna b");
        let found = found.map(|it| (it.token.map(|token| token.to_string()), it.texts));
        assert_eq!(found, Some((Some("abcd1234".to_owned()), vec![("user", "anna b".to_owned())])));
        for (pattern, path) in [
            ("/ocs/{version}/room", "/ocs/v3.php/room"),
            ("/ocs/{version}/room", "/ocs/v2.php/room/"),
            ("/ocs/{version}/room/{token}", "/ocs/v2.php/room"),
            ("/ocs/{version}/room/{token}", "/ocs/v2.php/room/NO"),
            // Versions of an API stand side by side.
            ("/ocs/{version}/api/v4/room", "/ocs/v2.php/api/v1/room"),
            ("/status.php", "/status"),
            ("/status.php", ""),
        ] {
            assert!(of(pattern, path).is_none(), "{pattern} {path}");
        }
    }
}
