//! What docs/openapi.json says: every answer that a test gets has to be one that it promises.
#![expect(clippy::indexing_slicing, reason = "a JSON value answers null for what it does not have")]

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use matchit::Router;
use serde_json::{Value, json};

use crate::{Answer, Event};

/// The document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| match serde_json::from_str(include_str!("../../docs/openapi.json")) {
        Ok(document) => document,
        Err(cause) => panic!("docs/openapi.json: {cause}"),
    });

static PATHS: LazyLock<Router<String>> = LazyLock::new(|| {
    let mut router = Router::new();
    let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
    for (path, _) in paths {
        router
            .insert(path, path.clone())
            .unwrap_or_else(|cause| panic!("docs/openapi.json: {path}: {cause}"));
    }
    router
});

/// A schema once it is read, by the place where it stands.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// Every operation: its path, its method in capitals, and what the document says of it.
#[must_use]
pub fn operations() -> Vec<(String, String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(|(method, operation)| (path.clone(), method.to_ascii_uppercase(), operation))
        })
        .collect()
}

/// Fails for an answer of OCS version 2 that the document does not promise.
pub(crate) fn demand_documented(event: &Event, answer: &Answer) {
    let Ok(found) = PATHS.at(event.path()) else { return };
    let path = found.value.as_str();
    let method =
        if event.method() == "HEAD" { "get".to_owned() } else { event.method().to_ascii_lowercase() };
    let Some(operation) = DOCUMENT["paths"][path].get(&method) else { return };
    let status = answer.status.to_string();
    let what = format!("{method} {path} with {status}");
    let Some(response) = operation["responses"].get(&status) else {
        panic!("docs/openapi.json does not have {what}: {}", answer.text)
    };
    let response = match response["$ref"].as_str() {
        Some(place) => DOCUMENT.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => response,
    };
    // XML has no schema, and an empty answer no content.
    if answer.text.is_empty() || !answer.header("content-type").starts_with("application/json") {
        return;
    }
    assert!(!answer.json.is_null(), "{what} is no JSON: {}", answer.text);
    let schema = &response["content"]["application/json"]["schema"];
    assert!(!schema.is_null(), "docs/openapi.json has no JSON for {what}");
    let validator = validator(&what, schema);
    if let Err(error) = validator.validate(&answer.json) {
        panic!("{what} is not as docs/openapi.json has it: {error} at {}", error.instance_path());
    }
}

fn validator(what: &str, schema: &Value) -> &'static Validator {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    validators.entry(what.to_owned()).or_insert_with(|| {
        let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        let validator = jsonschema::draft202012::new(&whole);
        // One for each kind of answer, for as long as the tests run.
        Box::leak(Box::new(validator.unwrap_or_else(|cause| panic!("docs/openapi.json: {what}: {cause}"))))
    })
}
