//! What template.yaml says of the stack.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;

/// The template, as far as the tests look at it.
pub struct Stack(Value);

impl Stack {
    /// Reads template.yaml.
    ///
    /// # Panics
    /// When it is no YAML.
    #[must_use]
    pub fn read() -> Self {
        let template = serde_yaml_ng::from_str(include_str!("../../template.yaml"));
        Self(template.unwrap_or_else(|cause| panic!("template.yaml: {cause}")))
    }

    /// The number that a parameter has where nothing else is set.
    #[must_use]
    pub fn default_of(&self, parameter: &str) -> Option<u64> {
        ["Parameters", parameter, "Default"]
            .iter()
            .try_fold(&self.0, |value, name| value.get(*name))?
            .as_u64()
    }

    /// Whether anything in the stack goes by a parameter.
    #[must_use]
    pub fn uses(&self, parameter: &str) -> bool {
        fn refers(value: &Value, parameter: &str) -> bool {
            match value {
                Value::Tagged(tagged) if tagged.tag == "Ref" => tagged.value.as_str() == Some(parameter),
                Value::Tagged(tagged) => refers(&tagged.value, parameter),
                Value::Sequence(values) => values.iter().any(|value| refers(value, parameter)),
                Value::Mapping(values) => values.values().any(|value| refers(value, parameter)),
                _ => false,
            }
        }
        self.0.get("Resources").is_some_and(|resources| refers(resources, parameter))
            || self.0.get("Globals").is_some_and(|globals| refers(globals, parameter))
    }

    /// The actions of DynamoDB that a function may do.
    #[must_use]
    pub fn actions(&self, function: &str) -> BTreeSet<String> {
        let policies = ["Resources", &format!("{}Role", title(function)), "Properties", "Policies"]
            .iter()
            .try_fold(&self.0, |value, name| value.get(*name));
        let statements = policies
            .and_then(Value::as_sequence)
            .into_iter()
            .flatten()
            .filter_map(|policy| policy.get("PolicyDocument")?.get("Statement")?.as_sequence());
        let actions = statements.flatten().filter_map(|statement| statement.get("Action")?.as_sequence());
        actions
            .flatten()
            .filter_map(|action| action.as_str()?.strip_prefix("dynamodb:"))
            .map(str::to_owned)
            .collect()
    }

    /// The routes that have a bucket of requests of their own.
    #[must_use]
    pub fn own_buckets(&self) -> BTreeSet<String> {
        let settings = ["Resources", "Stage", "Properties", "RouteSettings"]
            .iter()
            .try_fold(&self.0, |value, name| value.get(*name))
            .and_then(Value::as_mapping);
        settings.into_iter().flatten().filter_map(|(key, _)| key.as_str()).map(str::to_owned).collect()
    }

    /// The methods of each path, with the function that answers it.
    #[must_use]
    pub fn routes(&self) -> BTreeMap<String, (String, BTreeSet<String>)> {
        let mut routes: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
        let resources = self.0.get("Resources").and_then(Value::as_mapping).into_iter().flatten();
        for (_, resource) in resources {
            let property = |name: &str| resource.get("Properties")?.get(name);
            let Some(key) = property("RouteKey").and_then(Value::as_str) else { continue };
            if property("ApiId").map(text).as_deref() != Some("Api") {
                continue;
            }
            let target = property("Target").map(text).unwrap_or_default();
            let function = target.trim_start_matches("integrations/${").trim_end_matches("Integration}");
            let (method, path) = key.split_once(' ').unwrap_or(("ANY", key));
            let route = routes.entry(path.to_owned()).or_default();
            route.0 = function.to_lowercase();
            route.1.insert(method.to_owned());
        }
        routes
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => tagged.value.as_str().unwrap_or_default().to_owned(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
