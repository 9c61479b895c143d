//! A DynamoDB in memory with the table of `template.yaml`, for benchmarks: prints its address, and ends with its
//! standard input.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reads this")]

use std::process::ExitCode;

use local::Database;
use tokio::io::{AsyncReadExt as _, stdin};

#[tokio::main]
async fn main() -> ExitCode {
    let table = std::env::args().nth(1).unwrap_or_else(|| "bench".to_owned());
    match serve(&table).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(table: &str) -> Result<(), String> {
    let database = Database::start(None).await?;
    database.create_table(table).await?;
    println!("{}", database.endpoint());
    let _ = stdin().read_to_end(&mut Vec::new()).await;
    database.stop().await;
    Ok(())
}
