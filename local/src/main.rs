//! `make run`: the whole API on this machine.

mod accounts;
mod functions;
mod settings;
mod welcome;

use std::process::ExitCode;

use local::Database;
use shared::table::Table;
use tokio::signal::unix::{SignalKind, signal};

use crate::functions::Functions;
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
    settings.demand_free_port()?;
    let database = Database::start(settings.data_file()?.as_deref()).await?;
    database.create_table(TABLE).await?;
    let table = Table::new(database.client(), TABLE);
    let people = accounts::create(&table, &settings).await?;

    welcome::starting(&settings);
    let mut functions = Functions::start(&settings, &database.endpoint(), TABLE)?;
    let outcome = tokio::select! {
        outcome = serve(&mut functions, &settings, &people) => outcome,
        () = interrupted() => Ok(()),
    };
    functions.stop().await;
    database.stop().await;
    outcome
}

async fn serve(
    functions: &mut Functions,
    settings: &Settings,
    people: &accounts::People,
) -> Result<(), String> {
    functions.answer(settings).await?;
    welcome::ready(settings, people);
    functions.end().await
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
