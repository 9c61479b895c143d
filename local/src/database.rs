//! DynamoDB on this machine: the real wire protocol over loopback, its data in a file or in memory.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::DisplayErrorContext;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::sockets::{Changes, Function};
use crate::template::table_definition;

/// What stands for an AWS account here; nobody checks it.
pub const LOCAL_KEY: &str = "local";
/// What stands for a region here.
pub const LOCAL_REGION: &str = "us-east-1";

/// A DynamoDB that ends with this value.
pub struct Database {
    storage: dynoxide::Database,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), String>>,
}

impl Database {
    /// Starts one on a free port, with its data in `file` or in memory.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file or the port.
    pub async fn start(file: Option<&Path>) -> Result<Self, String> {
        let storage = match file {
            None => dynoxide::Database::memory(),
            Some(file) => dynoxide::Database::new(&file.to_string_lossy()),
        };
        let storage = storage.map_err(|cause| match file {
            Some(file) => format!(
                "The data file {} cannot be opened ({}). Move it away, or set DATA_DIR to another folder.",
                file.display(),
                // What follows the first sentence is for those who embed the database.
                cause.to_string().split(". ").next().unwrap_or_default()
            ),
            None => format!("The database cannot be started: {cause}"),
        })?;
        let listener =
            TcpListener::bind("127.0.0.1:0").await.map_err(|cause| format!("No port is free: {cause}"))?;
        let address = listener.local_addr().map_err(|cause| format!("No port is free: {cause}"))?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, storage.clone(), async {
            let _ = stopped.await;
        }));
        Ok(Self { storage, address, stop: Some(stop), server })
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port on which it listens, on loopback.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new(LOCAL_REGION))
            .credentials_provider(Credentials::new(LOCAL_KEY, LOCAL_KEY, None, None, LOCAL_KEY))
            .endpoint_url(self.endpoint())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// Creates the table of template.yaml under this name, unless it is there.
    ///
    /// # Errors
    /// A sentence that says what the database does not like.
    pub async fn create_table(&self, name: &str) -> Result<(), String> {
        self.create_table_without_stream(name).await?;
        self.give_stream(name).await
    }

    /// The same without a stream, which makes each write slower, for tests that need none.
    ///
    /// # Errors
    /// A sentence that says what the database does not like.
    pub async fn create_table_without_stream(&self, name: &str) -> Result<(), String> {
        let client = self.client();
        let broken = |cause: &dyn std::error::Error| {
            format!("The table cannot be created: {}. Is the data file damaged?", DisplayErrorContext(cause))
        };
        let tables = client.list_tables().send().await.map_err(|cause| broken(&cause))?;
        if tables.table_names().iter().any(|known| known == name) {
            return Ok(());
        }
        let (definition, expiry, _) = table_definition()?;
        definition.table_name(name).send_with(&client).await.map_err(|cause| broken(&cause))?;
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(expiry)
            .send()
            .await
            .map_err(|cause| broken(&cause))?;
        Ok(())
    }

    /// Gives a table the stream of template.yaml, unless it has one.
    ///
    /// # Errors
    /// A sentence that says what the database does not like.
    pub async fn give_stream(&self, name: &str) -> Result<(), String> {
        let broken = |cause: &dyn std::error::Error| {
            format!("The table cannot be given a stream: {}", DisplayErrorContext(cause))
        };
        let client = self.client();
        let known = client.describe_table().table_name(name).send().await.map_err(|cause| broken(&cause))?;
        if known.table().is_some_and(|table| table.stream_specification().is_some()) {
            return Ok(());
        }
        let (_, _, stream) = table_definition()?;
        let update = client.update_table().table_name(name).stream_specification(stream);
        update.send().await.map(|_| ()).map_err(|cause| broken(&cause))
    }

    /// Carries what is committed in a table from now on to a function, until the result ends.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn carry_changes(&self, table: &str, function: Arc<dyn Function>) -> Result<Changes, String> {
        Changes::carry(self.storage.clone(), table, function)
    }

    /// Ends it, once the requests under way are answered.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = self.server.await;
    }
}
