//! `make run`: the whole API on this machine.

mod accounts;
mod binaries;
mod settings;
mod welcome;

use std::process::ExitCode;

use local::{Database, Gateway, PATIENCE};
use shared::table::Table;
use tokio::signal::unix::{SignalKind, signal};

use crate::binaries::Binaries;
use crate::settings::Settings;

/// The name of the table; there is one tenant on a laptop.
const TABLE: &str = "local";

#[tokio::main]
#[expect(clippy::print_stderr, reason = "a failed start says so in the terminal")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Starts everything, waits for Ctrl-C, ends everything.
async fn run() -> Result<(), String> {
    let settings = Settings::from_environment()?;
    let listener = settings.listener().await?;
    let database = Database::start(settings.data_file()?.as_deref()).await?;
    database.create_table(TABLE).await?;
    let table = Table::new(database.client(), TABLE);
    let people = accounts::create(&table, &settings).await?;

    welcome::starting(&settings);
    let sockets = settings.has_sockets.then(|| settings.address());
    let binaries = Binaries::new(database.endpoint(), TABLE, sockets)?;
    let gateway = Gateway::start(listener, Box::new(binaries), PATIENCE).await?;
    let changes = settings.has_sockets.then(|| gateway.carry_changes(&database, TABLE)).transpose()?;
    let outcome = tokio::select! {
        outcome = serve(&gateway, &settings, &people) => outcome,
        () = interrupted() => Ok(()),
    };
    drop(changes);
    drop(gateway);
    database.stop().await;
    outcome
}

/// Starts the functions; from then on, each request that finds none at rest starts another one.
async fn serve(gateway: &Gateway, settings: &Settings, people: &accounts::People) -> Result<(), String> {
    gateway.instances().warm(&binaries::names()).await?;
    welcome::ready(settings, people);
    std::future::pending().await
}

/// Ctrl-C, or a polite request to stop.
async fn interrupted() {
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}
