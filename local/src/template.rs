//! The table as `template.yaml` defines it, so that it is defined once.

use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification,
};
use serde::Deserialize;
use serde_yaml_ng::Value;

/// The template of a stack; the tests compile it in, too, so that they run without the checkout.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<KeyPart>,
    time_to_live_specification: TimeToLive,
    stream_specification: Stream,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stream {
    stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyPart {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
}

/// What creates the table, what says which attribute lets items expire, and what is in the stream.
///
/// # Errors
/// When the template has no table that can be read.
pub fn table_definition()
-> Result<(CreateTableInputBuilder, TimeToLiveSpecification, StreamSpecification), String> {
    let wrong = |cause: &dyn std::fmt::Display| format!("template.yaml: the table cannot be read: {cause}");
    let definition: Definition = serde_yaml_ng::from_value(part(&["Resources", "Table", "Properties"])?)
        .map_err(|cause| wrong(&cause))?;
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::from(definition.stream_specification.stream_view_type.as_str()))
        .build()
        .map_err(|cause| wrong(&cause))?;
    let mut table = aws_sdk_dynamodb::operation::create_table::CreateTableInput::builder()
        .billing_mode(BillingMode::PayPerRequest);
    for attribute in definition.attribute_definitions {
        let built = AttributeDefinition::builder()
            .attribute_name(attribute.attribute_name)
            .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
            .build();
        table = table.attribute_definitions(built.map_err(|cause| wrong(&cause))?);
    }
    for part in definition.key_schema {
        let built = KeySchemaElement::builder()
            .attribute_name(part.attribute_name)
            .key_type(KeyType::from(part.key_type.as_str()))
            .build();
        table = table.key_schema(built.map_err(|cause| wrong(&cause))?);
    }
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(definition.time_to_live_specification.attribute_name)
        .enabled(true)
        .build();
    Ok((table, expiry.map_err(|cause| wrong(&cause))?, stream))
}

/// The filters of the stream, each of which lets some records reach the function behind the sockets.
///
/// # Errors
/// When the template has none that can be read.
pub(crate) fn sockets_filters() -> Result<Vec<serde_json::Value>, String> {
    let wrong = |cause: &dyn std::fmt::Display| format!("template.yaml: the filters cannot be read: {cause}");
    let filters = part(&["Resources", "SocketChanges", "Properties", "FilterCriteria", "Filters"])?;
    let filters: Vec<Filter> = serde_yaml_ng::from_value(filters).map_err(|cause| wrong(&cause))?;
    filters
        .iter()
        .map(|filter| serde_json::from_str(&filter.pattern).map_err(|cause| wrong(&cause)))
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: String,
}

fn part(path: &[&str]) -> Result<Value, String> {
    let template: Value = serde_yaml_ng::from_str(TEMPLATE)
        .map_err(|cause| format!("template.yaml cannot be read: {cause}"))?;
    let found = path.iter().try_fold(&template, |value, name| value.get(name));
    found.cloned().ok_or_else(|| format!("template.yaml: {} is missing", path.join(".")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_template_defines_a_table() {
        assert!(super::table_definition().is_ok());
    }
}
