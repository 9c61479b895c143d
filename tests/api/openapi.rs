//! docs/openapi.json says of every endpoint what the functions' tables say, and of nothing else.
//!
//! Whether answers are as it has them, every other test asks of each answer that it gets.

use std::collections::BTreeSet;

use local::functions;
use serde_json::{Value, json};
use shared::gateway::MAX_BODY_BYTES;
use tests::{DOCUMENT, endpoints, operations};

/// How the document names those whom a guard lets in. `local/src/stack.rs` throttles by the same guards.
fn security(guard: &str) -> Value {
    match guard {
        "everybody" | "server" => json!([]),
        "caller" | "anybody" | "sight" | "insider" => json!([{"basic": []}, {"guest": []}, {}]),
        "login" | "user" | "admin" | "user_sight" | "member" | "participant" | "moderator"
        | "moderator_of_all" => {
            json!([{"basic": []}])
        }
        other => panic!("say here and in local/src/stack.rs whom the guard {other} lets in"),
    }
}

/// The names in braces.
fn captures(path: &str) -> BTreeSet<String> {
    path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

fn is_referred_to(operation: &Value, kind: &str, name: &str) -> bool {
    let place = format!("#/components/{kind}/{name}");
    operation[kind].as_array().into_iter().flatten().any(|entry| entry["$ref"] == place.as_str())
}

#[test]
fn every_endpoint_is_documented() {
    for (function, endpoints) in functions() {
        for endpoint in endpoints {
            let path = endpoint.path().replace("{version}", "v2.php");
            let method = endpoint.method().as_str();
            let operation = &DOCUMENT["paths"][&path][method.to_ascii_lowercase()];
            assert!(operation.is_object(), "{method} {path} is not in docs/openapi.json");
            assert_eq!(operation["tags"], json!([function]), "{method} {path}");
            assert_eq!(operation["security"], security(endpoint.guard()), "{method} {path}");
            let limit = operation["x-body-limit"].as_u64().unwrap_or(MAX_BODY_BYTES as u64);
            assert_eq!(limit, endpoint.body_limit() as u64, "{method} {path}");
            for name in captures(&path) {
                assert!(is_referred_to(operation, "parameters", &name), "{method} {path}: {name}");
            }
            let asks_for_the_header = is_referred_to(operation, "parameters", "ApiRequest");
            assert_eq!(asks_for_the_header, !security(endpoint.guard()).as_array().unwrap().is_empty());
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{method} {path}");
        }
    }
}

/// The names of parameters in a function's code: texts that it asks its parameters for.
fn asked_for(function: &str) -> BTreeSet<String> {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("functions").join(function);
    let mut names = BTreeSet::new();
    let folders = [folder.join("src"), folder.join("src/v4")];
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        // An entry of a list of messages has fields of its own.
        let text = text.replace("let text = |name| fields.text(name)", "");
        for call in [
            ".text(\"",
            ".text_or_empty(\"",
            ".secret(\"",
            ".integer(\"",
            ".texts(\"",
            ".read_as(\"",
            ".flag(\"",
        ] {
            names
                .extend(text.split(call).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
        for call in ["Named::read(", "Named::read_other("] {
            let arguments = text.split(call).skip(1).filter_map(|rest| rest.split_once(')'));
            names.extend(arguments.filter_map(|(list, _)| Some(list.split('"').nth(1)?.to_owned())));
        }
    }
    names
}

#[test]
fn parameters_are_called_as_the_functions_call_them() {
    for (function, _) in functions() {
        let mut documented = BTreeSet::new();
        for (_, _, operation) in operations().iter().filter(|(_, _, it)| it["tags"][0] == function) {
            let query = operation["parameters"].as_array().into_iter().flatten();
            let query =
                query.filter(|entry| entry["in"] == "query").filter_map(|entry| entry["name"].as_str());
            documented.extend(query.map(|name| name.trim_end_matches("[]").to_owned()));
            let kinds = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let properties = kinds.filter_map(|(_, kind)| kind["schema"]["properties"].as_object());
            documented.extend(properties.flatten().map(|(name, _)| name.clone()));
        }
        assert_eq!(documented, asked_for(function), "{function}");
    }
}

#[test]
fn nothing_else_is_documented() {
    let known: BTreeSet<(String, String)> = functions()
        .into_iter()
        .flat_map(|(_, endpoints)| endpoints)
        .map(|endpoint| (endpoint.path().replace("{version}", "v2.php"), endpoint.method().to_string()))
        .collect();
    for (path, method, _) in operations() {
        assert!(known.contains(&(path.clone(), method.clone())), "no function has {method} {path}");
    }
}

#[test]
fn every_endpoint_is_told_of_in_words() {
    let words = [include_str!("../../docs/api.md"), include_str!("../../docs/api-v4.md")].concat();
    for row in endpoints() {
        let path = row.path.replace("/ocs/{version}", "");
        let told = format!("`{} {path}`", row.method);
        assert!(words.contains(&told), "neither docs/api.md nor docs/api-v4.md has {told}");
    }
}

/// What headings become in an address.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    let anchor = |heading: &str| {
        heading.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != ' ', "").replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn every_comment_that_cites_the_docs_leads_somewhere() {
    let documents = [
        ("docs/api.md#", anchors(include_str!("../../docs/api.md"))),
        ("docs/api-v4.md#", anchors(include_str!("../../docs/api-v4.md"))),
    ];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = ["shared", "functions", "local", "operator"].map(|folder| root.join(folder)).to_vec();
    let mut cited = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for (document, known) in &documents {
                for citation in text.split(document).skip(1) {
                    let anchor: String =
                        citation.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
                    assert!(known.contains(&anchor), "{}: {document}{anchor} leads nowhere", path.display());
                    cited += 1;
                }
            }
        }
    }
    assert!(cited > 20, "only {cited} citations were found");
}
