//! What an item keeps as one text of JSON: reading that takes a fraction of the time of a map of attributes.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::Error;

/// A value as it is kept.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Text<'a, T: Serialize>(#[serde(serialize_with = "serialize")] pub(super) &'a T);

pub(super) fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
}

pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads such a value of an item that is read field by field.
pub(super) fn read<T: DeserializeOwned>(value: AttributeValue) -> Result<T, Error> {
    let AttributeValue::S(text) = value else {
        return Err(Error::Defect("reading a value: it is no text".to_owned()));
    };
    serde_json::from_str(&text).map_err(|cause| Error::defect("reading a value", &cause))
}
