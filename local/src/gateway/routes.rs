//! Which function answers which path.

use std::collections::BTreeMap;

use matchit::Router;

/// What leads nowhere goes here, too.
const NOWHERE: &str = "accounts";

/// The paths with their functions, as Cargo.toml has them; template.yaml has the same for a stack.
///
/// # Errors
/// A sentence when the manifest cannot be read.
pub fn routes() -> Result<BTreeMap<String, String>, String> {
    let manifest: toml::Table =
        include_str!("../../../Cargo.toml").parse().map_err(|cause| format!("Cargo.toml: {cause}"))?;
    let router = ["workspace", "metadata", "lambda", "watch", "router"]
        .iter()
        .try_fold(&toml::Value::Table(manifest), |value, name| value.get(name))
        .and_then(toml::Value::as_table)
        .cloned()
        .ok_or("Cargo.toml has no routes.")?;
    let function = |value: toml::Value| value.as_str().unwrap_or(NOWHERE).to_owned();
    Ok(router.into_iter().map(|(path, value)| (path, function(value))).collect())
}

/// Finds the function of a path.
pub struct Routes(Router<String>);

impl Routes {
    /// Reads the routes.
    ///
    /// # Errors
    /// A sentence when they cannot be read.
    pub fn read() -> Result<Self, String> {
        let mut router = Router::new();
        for (path, function) in routes()? {
            router.insert(path, function).map_err(|cause| format!("Cargo.toml: {cause}"))?;
        }
        Ok(Self(router))
    }

    /// The function that answers a path.
    #[must_use]
    pub fn function(&self, path: &str) -> &str {
        self.0.at(path).map_or(NOWHERE, |found| found.value)
    }
}
