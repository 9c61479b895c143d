//! The functions as processes of this machine: the very binaries that are deployed.

use std::path::PathBuf;
use std::process::Stdio;

use futures_util::future::BoxFuture;
use local::{LOCAL_KEY, LOCAL_REGION, Launcher, SOCKETS, STAGE, WEB, functions};
use shared::gateway::{SOCKETS_VARIABLE, TABLE_VARIABLE};
use tokio::process::Command;

/// Starts the binaries that lie beside this one.
pub(crate) struct Binaries {
    folder: PathBuf,
    database: String,
    table: &'static str,
    /// Where clients open sockets; `None` when they are to poll.
    sockets: Option<String>,
}

impl Binaries {
    /// Those for a table of this database.
    ///
    /// # Errors
    /// A sentence that names the function that was not built.
    pub(crate) fn new(
        database: String,
        table: &'static str,
        sockets: Option<String>,
    ) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|cause| format!("The functions are not found: {cause}"))?;
        let folder = own.parent().map(PathBuf::from).unwrap_or_default();
        match names().into_iter().find(|function| !folder.join(function).exists()) {
            Some(function) => Err(format!("The function {function} is not built. Start with: make run")),
            None => Ok(Self { folder, database, table, sockets }),
        }
    }
}

impl Launcher for Binaries {
    fn launch(&self, function: &str, runtime_api: &str) -> BoxFuture<'static, String> {
        let mut command = Command::new(self.folder.join(function));
        command
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_ENDPOINT_URL", &self.database)
            .env("AWS_ACCESS_KEY_ID", LOCAL_KEY)
            .env("AWS_SECRET_ACCESS_KEY", LOCAL_KEY)
            .env("AWS_REGION", LOCAL_REGION)
            .env(TABLE_VARIABLE, self.table)
            .env(SOCKETS_VARIABLE, self.sockets.as_deref().unwrap_or_default())
            .env("SOCKETS_ENDPOINT", format!("http://{}/{STAGE}", authority(runtime_api)))
            .stdin(Stdio::null())
            // Ctrl-C is for this program, which ends them.
            .process_group(0)
            .kill_on_drop(true);
        let function = function.to_owned();
        Box::pin(async move {
            let ended = async { command.spawn()?.wait().await };
            match ended.await {
                Ok(status) => format!("The function {function} ended ({status}). Its own message is above."),
                Err(cause) => format!("The function {function} cannot be started: {cause}"),
            }
        })
    }
}

/// All functions.
pub(crate) fn names() -> Vec<&'static str> {
    functions().map(|(name, _)| name).into_iter().chain([SOCKETS, WEB]).collect()
}

/// Host and port of an address.
fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}
