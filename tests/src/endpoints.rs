//! Every endpoint there is, by the functions' own tables: what has no row in a test is asked for by name.

use local::functions;

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub method: &'static str,
    /// The path with its placeholders: below the base of API v1, for v4 with that in front, or from the root.
    pub path: &'static str,
}

/// All of them, function by function.
#[must_use]
pub fn endpoints() -> Vec<Row> {
    let tables = functions().into_iter().flat_map(|(_, endpoints)| endpoints);
    tables.map(|endpoint| Row { method: endpoint.method().as_str(), path: short(endpoint.path()) }).collect()
}

fn short(path: &'static str) -> &'static str {
    let below = |base| path.strip_prefix(base);
    below("/ocs/{version}/apps/spreed/api/v1")
        .or_else(|| below("/ocs/{version}/apps/spreed/api"))
        .unwrap_or(path)
}

impl Row {
    /// The path of a request to the endpoint about this room, this user and this group.
    #[must_use]
    pub fn about(&self, token: &str, user: &str, group: &str) -> String {
        let path = self.path.replace("{version}", "v2.php").replace("{token}", token);
        path.replace("{user}", user)
            .replace("{group}", group)
            .replace("{mode}", "default")
            .replace("{message}", "1")
            .replace("{id}", "0123456789abcdef")
    }
}
