//! Creates an administrator in a tenant's table, or gives one another password.
//!
//! The table's name comes in `TABLE_NAME`, the user id as the one argument, the password as the one line
//! of standard input; an empty line asks for one to be made up, which is printed once. AWS credentials
//! and region come from the environment, as for every AWS tool.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a person at a terminal reads this")]

use std::io::BufRead as _;
use std::process::ExitCode;

use shared::aws;
use shared::domain::account::{GroupId, UserId};
use shared::domain::input::Input as _;
use shared::domain::name::{DisplayName, EmailAddress};
use shared::domain::password::NewPassword;
use shared::domain::random::RandomSource;
use shared::domain::secret::PasswordHash;
use shared::gateway::{Clock as _, SystemClock, TABLE_VARIABLE};
use shared::table::{Error, NewAccount, Table};

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
    let user = UserId::parse(&id).ok_or_else(|| format!("USER {}", UserId::rule()))?;
    let typed = read_line()?;
    let random = RandomSource::from_operating_system().map_err(|cause| cause.to_string())?;
    let made_up = random.cookie_secret();
    let password = NewPassword::set_by_operator(if typed.is_empty() { made_up.expose() } else { &typed })
        .ok_or("The password must not be empty.")?;
    let hash = PasswordHash::of(password.secret())
        .map_err(|cause| format!("The password cannot be hashed: {cause}"))?;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws::of_a_person().await), &name);
    let is_new = appoint(&table, &user, hash)
        .await
        .map_err(|error| format!("The table cannot be changed: {error}"))?;
    println!("{user} is an administrator{}.", if is_new { "" } else { " and has a new password" });
    if typed.is_empty() {
        println!("Password, shown this once: {}", password.secret().expose());
    }
    Ok(())
}

fn read_line() -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|cause| format!("The password cannot be read: {cause}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Makes the user an administrator who can log in; tells whether the account is new.
async fn appoint(table: &Table, user: &UserId, password_hash: PasswordHash) -> Result<bool, Error> {
    let admins = GroupId::admin();
    table.create_group(&admins).await?;
    let (is_taken, _) = table.is_id_taken(user, SystemClock.now()).await?;
    let spelled = table.spelled(user).await?;
    let user = spelled.as_ref().unwrap_or(user);
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
                email: EmailAddress::default(),
                password_hash,
                groups: vec![admins],
            };
            table.create_account(&account).await?;
            Ok(true)
        }
    }
}
