//! Creates an administrator in a tenant's table, or gives one another password.
//!
//! The table's name comes in `TABLE_NAME`, the user id as the one argument, the password as the one line
//! of standard input; an empty line asks for one to be made up, which is printed once. AWS credentials
//! and region come from the environment, as for every AWS tool.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a person at a terminal reads this")]

use std::io::BufRead as _;
use std::process::ExitCode;

use shared::account::{GroupId, UserId};
use shared::aws;
use shared::function::TABLE_VARIABLE;
use shared::name::DisplayName;
use shared::random::RandomSource;
use shared::refusal::Refusal;
use shared::secret::{PasswordHash, Secret};
use shared::table::{NewAccount, Table};
use shared::time::{Clock as _, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let name = std::env::var(TABLE_VARIABLE).map_err(|_| format!("{TABLE_VARIABLE} is not set."))?;
    let id = std::env::args().nth(1).unwrap_or_default();
    let user = UserId::parse(&id)
        .ok_or_else(|| format!("USER must be 1 to 64 letters, digits, spaces or _.@-', not {id:?}."))?;
    let typed = read_password()?;
    let random = RandomSource::from_operating_system().map_err(|cause| cause.to_string())?;
    let password = if typed.is_empty() { random.cookie_secret() } else { Secret::new(typed.expose()) };
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws::of_a_person().await), &name);
    let is_new = appoint(&table, &user, &password)
        .await
        .map_err(|refusal| format!("The table cannot be changed: {}", refusal.describe()))?;
    println!("{user} is an administrator{}.", if is_new { "" } else { " and has a new password" });
    if typed.is_empty() {
        println!("Password, shown this once: {}", password.expose());
    }
    Ok(())
}

fn read_password() -> Result<Secret, String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|cause| format!("The password cannot be read: {cause}"))?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

/// Makes the user an administrator who can log in; tells whether the account is new.
async fn appoint(table: &Table, user: &UserId, password: &Secret) -> Result<bool, Refusal> {
    let admins = GroupId::admin();
    table.create_group(&admins).await?;
    let password_hash = PasswordHash::of(password)?;
    let is_taken = table.is_id_taken(user, SystemClock.now()).await?;
    match table.account(user).await? {
        Some(account) if is_taken => {
            table.set_password(&account, &password_hash).await?;
            table.enable(user).await?;
            table.join_group(&admins, &account).await?;
            Ok(false)
        }
        _ => {
            let account = NewAccount {
                id: user.clone(),
                display_name: DisplayName::from(user),
                email: String::new(),
                password_hash,
                groups: vec![admins],
            };
            table.create_account(&account).await?;
            Ok(true)
        }
    }
}
