//! The names and values of a request, read from query, form, JSON or multipart, and no further than any endpoint
//! looks at them.

use std::collections::HashMap;
use std::fmt;

use futures_util::FutureExt as _;
use lambda_http::http::Method;
use percent_encoding::percent_decode;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::refusal::Refusal;

/// The most parameters of one request, and the most entries of a list or an object among them.
pub(super) const MAX_ENTRIES: usize = 1_000;

/// What parameters are read from, beside the query.
pub(super) struct Form<'a> {
    pub(super) method: &'a Method,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: &'a [u8],
    /// The largest body that is read, in bytes.
    pub(super) limit: usize,
}

/// One value, as far as any endpoint reads it.
#[derive(Default)]
pub(super) enum Field {
    /// `null`, which counts as not sent.
    #[default]
    Null,
    /// A text, or a number or a truth value as a text.
    Text(String),
    /// A list of texts and nothing else.
    Texts(Vec<String>),
    /// An object, or a list with something else in it. Nobody asks for what it holds, so that is not kept.
    Other,
}

/// A list of names and values that may still hold a name twice.
pub(super) type Fields = Vec<(String, Field)>;

/// Refuses a name that comes twice, because two readers could take two different values; names that
/// end in `[]` are lists.
pub(super) fn unique(fields: Fields) -> Result<HashMap<String, Field>, Refusal> {
    let mut unique = HashMap::new();
    for (name, value) in fields {
        let Some(list) = name.strip_suffix("[]") else {
            if unique.insert(name, value).is_some() {
                return Err(twice());
            }
            continue;
        };
        let listed = unique.entry(list.to_owned()).or_insert_with(|| Field::Texts(Vec::new()));
        match (listed, value) {
            (Field::Texts(texts), Field::Text(text)) => texts.push(text),
            (listed @ Field::Texts(_), _) => *listed = Field::Other,
            _ => return Err(twice()),
        }
    }
    Ok(unique)
}

fn twice() -> Refusal {
    Refusal::bad_request("A parameter is given twice.")
}

/// What is wrong with a body that holds more than anybody reads.
fn too_wide() -> Refusal {
    Refusal::bad_request(format!("A request holds at most {MAX_ENTRIES} parameters."))
}

pub(super) fn body_fields(form: &Form<'_>) -> Result<Fields, Refusal> {
    let Form { method, content_type, body, limit } = form;
    if body.is_empty() {
        return Ok(Fields::new());
    }
    if body.len() > *limit {
        return Err(Refusal::too_large(format!("The body is larger than {limit} bytes.")));
    }
    let full = content_type.unwrap_or_default();
    let essence = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => urlencoded(body),
        "application/json" => json(body),
        "multipart/form-data" if *method == Method::POST => multipart(full, body),
        _ => Err(Refusal::wrong_content_type(
            "The body must be application/x-www-form-urlencoded or application/json \
             (for POST also multipart/form-data).",
        )),
    }
}

pub(super) fn urlencoded(bytes: &[u8]) -> Result<Fields, Refusal> {
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        percent_decode(&spaced)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| Refusal::bad_request("A parameter is not valid UTF-8."))
    };
    let pairs = || bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    if pairs().nth(MAX_ENTRIES).is_some() {
        return Err(too_wide());
    }
    pairs()
        .map(|pair| {
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            Ok((name, Field::Text(decode(halves.next().unwrap_or_default())?)))
        })
        .collect()
}

fn json(body: &[u8]) -> Result<Fields, Refusal> {
    let object = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str::<Object>(text).ok());
    object.and_then(|object| object.0).ok_or_else(|| {
        Refusal::bad_request(format!(
            "The body is not a JSON object, or holds more than {MAX_ENTRIES} entries in one place."
        ))
    })
}

/// The objects of a JSON list, up to a limit, each with every name that was written; without anything for what
/// is none. `None` when it is no list.
pub(super) fn objects(text: &str, limit: usize) -> Option<Vec<Fields>> {
    struct List(usize);
    impl<'de> Visitor<'de> for List {
        type Value = Vec<Fields>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut objects = Vec::new();
            while objects.len() < self.0 {
                let Some(Object(fields)) = list.next_element()? else { return Ok(objects) };
                objects.push(fields.unwrap_or_default());
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(objects)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let objects = deserializer.deserialize_seq(List(limit)).ok()?;
    deserializer.end().is_ok().then_some(objects)
}

/// Refuses a list or an object while it is read, before it can fill the memory. The depth has a limit of
/// serde_json's own.
fn demand_width<E: serde::de::Error>(entries: usize) -> Result<(), E> {
    if entries > MAX_ENTRIES { Err(E::custom("too many entries")) } else { Ok(()) }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Field, E> {
        Ok(Field::Text(if yes { "1" } else { "" }.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field, E> {
        Ok(Field::Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field, E> {
        Ok(Field::Text(Value::from(number).to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Field, A::Error> {
        let (mut texts, mut count) = (Some(Vec::new()), 0);
        while let Some(entry) = entries.next_element()? {
            count += 1;
            demand_width(count)?;
            match (&mut texts, entry) {
                (Some(texts), Field::Text(text)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Field::Other, Field::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Field, A::Error> {
        let mut count = 0;
        while entries.next_entry::<IgnoredAny, Field>()?.is_some() {
            count += 1;
            demand_width(count)?;
        }
        Ok(Field::Other)
    }
}

/// The fields of an object, with every name that was written, even twice; `None` for what is no object.
struct Object(Option<Fields>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fielded;
        impl<'de> Visitor<'de> for Fielded {
            type Value = Object;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                FieldVisitor.expecting(formatter)
            }
            fn visit_unit<E>(self) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_str<E>(self, _: &str) -> Result<Object, E> {
                Ok(Object(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Object, A::Error> {
                FieldVisitor.visit_seq(list).map(|_| Object(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Fields::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                    demand_width(fields.len())?;
                }
                Ok(Object(Some(fields)))
            }
        }
        deserializer.deserialize_any(Fielded)
    }
}

fn multipart(content_type: &str, body: &[u8]) -> Result<Fields, Refusal> {
    let broken = || Refusal::bad_request("The multipart body is broken.");
    let boundary = multer::parse_boundary(content_type).map_err(|_| broken())?;
    let bytes = body.to_vec();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
    // The whole body is there, so that there is nothing to wait for.
    multipart_fields(multer::Multipart::new(stream, boundary)).now_or_never().ok_or_else(broken)?
}

async fn multipart_fields(mut parts: multer::Multipart<'_>) -> Result<Fields, Refusal> {
    let broken = |_| Refusal::bad_request("The multipart body is broken.");
    let mut fields = Fields::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        if fields.len() == MAX_ENTRIES {
            return Err(too_wide());
        }
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(broken)?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Refusal::bad_request("A parameter is not valid UTF-8."))?;
        fields.push((name, Field::Text(text)));
    }
    Ok(fields)
}
