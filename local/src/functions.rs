//! The functions, under `cargo lambda watch`: the very binaries that are deployed.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use shared::function::TABLE_VARIABLE;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::settings::Settings;
use local::{LOCAL_KEY, LOCAL_REGION};

/// A path that each function answers.
const PROBES: [(&str, &str); 5] = [
    ("rooms", "/ocs/v2.php/apps/spreed/api/v1/room"),
    ("participants", "/ocs/v2.php/apps/spreed/api/v1/room/probe/participants"),
    ("calls", "/ocs/v2.php/apps/spreed/api/v1/call/probe"),
    ("signaling", "/ocs/v2.php/apps/spreed/api/v1/signaling/settings"),
    ("accounts", "/ocs/v2.php/cloud/capabilities"),
];
/// A function that was built answers within seconds; the rest is for a laptop that is busy.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the functions have to end by themselves.
const GRACE: Duration = Duration::from_secs(5);
const BETWEEN_PROBES: Duration = Duration::from_millis(200);

/// `cargo lambda watch` and everything that it starts.
pub(crate) struct Functions {
    watch: Child,
    /// Its process group, which has its own id.
    group: Option<Pid>,
    /// Hands on what the functions log.
    output: Option<JoinHandle<()>>,
}

impl Functions {
    /// Starts it in a process group of its own, so that it can be ended with all its children.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub(crate) fn start(settings: &Settings, database: &str, table: &str) -> Result<Self, String> {
        let mut watch = Command::new("cargo")
            .args([
                "lambda",
                "watch",
                "--quiet",
                "--disable-cors",
                "--invoke-address",
                "127.0.0.1",
                "--invoke-port",
            ])
            .arg(settings.port.to_string())
            // Several clients at once are what a call is.
            .args(["--concurrency", "16"])
            // Its own chatter; what the functions say and what the compiler says still comes.
            .env("RUST_LOG", "error")
            .env("AWS_ENDPOINT_URL", database)
            .env("AWS_ACCESS_KEY_ID", LOCAL_KEY)
            .env("AWS_SECRET_ACCESS_KEY", LOCAL_KEY)
            .env("AWS_REGION", LOCAL_REGION)
            .env(TABLE_VARIABLE, table)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| format!("cargo lambda cannot be started: {cause}"))?;
        let group = watch.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let output = watch.stdout.take().map(|mut output| {
            tokio::spawn(async move {
                let _ = tokio::io::copy(&mut output, &mut tokio::io::stdout()).await;
            })
        });
        Ok(Self { watch, group, output })
    }

    /// Waits until every function has answered.
    ///
    /// # Errors
    /// A sentence that names the function that does not.
    pub(crate) async fn answer(&mut self, settings: &Settings) -> Result<(), String> {
        for (function, path) in PROBES {
            let address = format!("{}{path}", settings.address());
            tokio::select! {
                outcome = probe(function, address) => outcome?,
                outcome = ended(&mut self.watch) => return outcome,
            }
        }
        Ok(())
    }

    /// Waits until `cargo lambda watch` ends, which it should not.
    ///
    /// # Errors
    /// Always, with a sentence.
    pub(crate) async fn end(&mut self) -> Result<(), String> {
        ended(&mut self.watch).await
    }

    /// Ends it with all its children.
    pub(crate) async fn stop(mut self) {
        let Some(group) = self.group else { return };
        // While it ends its children, it complains of each that has ended.
        self.output.iter().for_each(JoinHandle::abort);
        let _ = kill_process(group, Signal::INT);
        let _ = tokio::time::timeout(GRACE, self.watch.wait()).await;
        // Whatever is still there.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

async fn ended(watch: &mut Child) -> Result<(), String> {
    match watch.wait().await {
        Ok(status) => Err(format!("cargo lambda watch ended ({status}). Its own message is above.")),
        Err(cause) => Err(format!("cargo lambda watch cannot be waited for: {cause}")),
    }
}

async fn probe(function: &'static str, address: String) -> Result<(), String> {
    let answers = async {
        while !has_answered(&address).await {
            tokio::time::sleep(BETWEEN_PROBES).await;
        }
    };
    tokio::time::timeout(PATIENCE, answers)
        .await
        .map_err(|_| format!("The function {function} has not answered within {} s.", PATIENCE.as_secs()))
}

/// Whether the function itself answered: 404 and 401 are answers, a gateway's 5xx is none.
async fn has_answered(address: &str) -> bool {
    let address = address.to_owned();
    let request = tokio::task::spawn_blocking(move || {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        agent.get(&address).header("ocs-apirequest", "true").call().map(|answer| answer.status().as_u16())
    });
    matches!(request.await, Ok(Ok(status)) if status < 500)
}
