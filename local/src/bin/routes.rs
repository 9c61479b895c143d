//! `make routes`: writes the routes of `template.yaml`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a person at a terminal reads this")]

use std::process::ExitCode;

use local::with_routes;

const TEMPLATE: &str = "template.yaml";

fn main() -> ExitCode {
    match write() {
        Ok(sentence) => {
            println!("{sentence}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<&'static str, String> {
    let template = std::fs::read_to_string(TEMPLATE)
        .map_err(|cause| format!("{TEMPLATE} cannot be read ({cause}). Start with: make routes"))?;
    let written = with_routes(&template)?;
    if written == template {
        return Ok("template.yaml has the routes of the functions already.");
    }
    std::fs::write(TEMPLATE, written).map_err(|cause| format!("{TEMPLATE} cannot be written: {cause}"))?;
    Ok("template.yaml has the routes of the functions now.")
}
