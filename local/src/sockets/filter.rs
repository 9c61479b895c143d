//! Which changes of the table reach the function, by the filters of `template.yaml`.

use serde_json::Value;

use crate::template::sockets_filters;

/// The filters of the stream. A record that one of them fits reaches the function.
pub struct Filters(Vec<Value>);

impl Filters {
    /// Reads the template.
    ///
    /// # Errors
    /// When it has no filters that can be read.
    pub fn of_the_template() -> Result<Self, String> {
        sockets_filters().map(Self)
    }

    /// Whether a record reaches the function.
    #[must_use]
    pub fn let_pass(&self, record: &Value) -> bool {
        self.0.iter().any(|pattern| fits(pattern, Some(record)))
    }
}

/// An object's parts have to fit all, a list's alternatives one.
fn fits(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(parts) => {
            parts.iter().all(|(name, part)| fits(part, value.and_then(|value| value.get(name))))
        }
        Value::Array(alternatives) => alternatives.iter().any(|alternative| is(alternative, value)),
        _ => false,
    }
}

fn is(alternative: &Value, value: Option<&Value>) -> bool {
    let Value::Object(rule) = alternative else { return Some(alternative) == value };
    if let Some(exists) = rule.get("exists").and_then(Value::as_bool) {
        return value.is_some() == exists;
    }
    let prefix = rule.get("prefix").and_then(Value::as_str);
    let text = value.and_then(Value::as_str);
    matches!((prefix, text), (Some(prefix), Some(text)) if text.starts_with(prefix))
}
