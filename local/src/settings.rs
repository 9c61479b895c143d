//! What can be set from outside.

use std::env;
use std::path::PathBuf;

use shared::domain::account::UserId;
use shared::domain::input::Input as _;
use shared::domain::password::NewPassword;
use tokio::net::TcpListener;

/// What `make run` is told by its environment.
pub(crate) struct Settings {
    /// The port of the API on loopback.
    pub(crate) port: u16,
    /// The first administrator.
    pub(crate) admin: UserId,
    /// The first administrator's password.
    pub(crate) admin_password: NewPassword,
    /// Whether clients are told to open a socket.
    pub(crate) has_sockets: bool,
    /// Where data lies; `None` for in memory.
    data_folder: Option<PathBuf>,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// A sentence that names the variable and what it can be.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let port = text("PORT", "9000");
        let admin = text("ADMIN_USER", "admin");
        Ok(Self {
            port: port
                .parse()
                .ok()
                .filter(|&port| port > 0)
                .ok_or_else(|| format!("PORT must be a number from 1 to 65535, not {port:?}."))?,
            admin: UserId::parse(&admin).ok_or_else(|| format!("ADMIN_USER {}", UserId::rule()))?,
            admin_password: NewPassword::set_by_operator(&text("ADMIN_PASSWORD", "admin"))
                .ok_or("ADMIN_PASSWORD must not be empty.")?,
            has_sockets: match text("WEB_SOCKETS", "true").as_str() {
                "true" => true,
                "false" => false,
                other => return Err(format!("WEB_SOCKETS must be true or false, not {other:?}.")),
            },
            data_folder: (text("EPHEMERAL", "") != "1").then(|| PathBuf::from(text("DATA_DIR", ".local"))),
        })
    }

    /// The file that holds the data, in a folder that exists; `None` for in memory.
    ///
    /// # Errors
    /// A sentence that says why the folder cannot be made.
    pub(crate) fn data_file(&self) -> Result<Option<PathBuf>, String> {
        let Some(folder) = &self.data_folder else { return Ok(None) };
        std::fs::create_dir_all(folder).map_err(|cause| {
            format!("The folder {} cannot be made ({cause}). Set DATA_DIR to another one.", folder.display())
        })?;
        Ok(Some(folder.join("dynamodb.sqlite")))
    }

    /// Takes the port.
    ///
    /// # Errors
    /// A sentence that says what to do when it cannot be had.
    pub(crate) async fn listener(&self) -> Result<TcpListener, String> {
        TcpListener::bind(("127.0.0.1", self.port)).await.map_err(|cause| {
            format!(
                "Port {} cannot be used ({cause}). Choose another one: make run PORT={}",
                self.port,
                self.port.checked_add(1).unwrap_or(9000)
            )
        })
    }

    /// Where clients find the API.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn text(variable: &str, default: &str) -> String {
    env::var(variable).ok().filter(|text| !text.is_empty()).unwrap_or_else(|| default.to_owned())
}
