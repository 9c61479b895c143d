//! Which function answers which path, by the functions' own tables.

use matchit::Router;
use shared::gateway::Endpoints;

/// What leads nowhere goes here, which says so in the words of OCS.
pub(crate) const NOWHERE: &str = "accounts";

/// The function behind the sockets, which has no endpoints.
pub const SOCKETS: &str = "sockets";

/// The function that serves the page, which is no part of the API.
pub const WEB: &str = "web";

/// All functions of the HTTP API, with their endpoints.
#[must_use]
pub fn functions() -> [(&'static str, Endpoints); 6] {
    [
        ("rooms", rooms::ENDPOINTS),
        ("participants", participants::ENDPOINTS),
        ("calls", calls::ENDPOINTS),
        ("chat", chat::ENDPOINTS),
        ("signaling", signaling::ENDPOINTS),
        ("accounts", accounts::ENDPOINTS),
    ]
}

/// Finds the function of a path.
pub struct Routes(Router<&'static str>);

impl Routes {
    /// Reads the tables.
    ///
    /// # Errors
    /// A sentence when two functions have one path.
    pub fn new() -> Result<Self, String> {
        let mut router = Router::new();
        for (function, endpoints) in functions() {
            let mut paths: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.path()).collect();
            paths.dedup();
            for path in paths {
                router.insert(path, function).map_err(|cause| format!("{path} of {function}: {cause}"))?;
            }
        }
        for path in web::PATHS {
            router.insert(path, WEB).map_err(|cause| format!("{path} of {WEB}: {cause}"))?;
        }
        Ok(Self(router))
    }

    /// The function that answers a path.
    #[must_use]
    pub fn function(&self, path: &str) -> &'static str {
        self.0.at(path).map_or(NOWHERE, |found| *found.value)
    }
}
