//! What the terminal says.
#![expect(clippy::print_stdout, reason = "this is what the person at the terminal reads")]

use crate::accounts::{DEMO_GROUP, DEMO_USERS, People};
use crate::settings::Settings;

/// Says that the functions are on their way.
pub(crate) fn starting(settings: &Settings) {
    println!("Starting the functions on {}", settings.address());
}

/// Says where the API is, who can log in, and what to try.
pub(crate) fn ready(settings: &Settings, people: &People) {
    let address = settings.address();
    let api = format!("{address}/ocs/v2.php/apps/spreed/api/v1");
    let password = if people.is_admin_password_known {
        settings.admin_password.secret().expose()
    } else {
        "(the one it was created with)"
    };
    println!("\nOpen in a browser: {address}\n");
    println!("The API is there, too. Log in as:\n");
    println!("  administrator   {} / {password}", settings.admin);
    for (id, name) in DEMO_USERS {
        println!("  {name:<15} {id} / {id}   in the group {DEMO_GROUP}");
    }
    let (first, second) = (DEMO_USERS[0].0, DEMO_USERS[1].0);
    println!("\nTry:\n");
    println!("  curl -u {first}:{first} -H 'OCS-APIRequest: true' '{api}/room?format=json' -d roomType=3");
    println!(
        "  curl -u {first}:{first} -H 'OCS-APIRequest: true' '{api}/room?format=json' -d roomType=1 -d invite={second}"
    );
    println!("  curl -u {second}:{second} -H 'OCS-APIRequest: true' '{api}/room?format=json'");
    println!("\nCtrl-C ends it.\n");
}
