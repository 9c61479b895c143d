//! Parameters of a request: query, form body or JSON body (reference "Where parameters may come
//! from"). The body beats the query; the path is never overridden.

use std::collections::HashMap;
use std::fmt;

use futures_util::FutureExt as _;
use lambda_http::http::Method;
use percent_encoding::percent_decode;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::secret::Secret;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The same for the messages of somebody who is in a call: JSON inside JSON inside a form can be four
/// times as long as what it says.
pub const MAX_MESSAGES_BODY_BYTES: usize = 1024 * 1024;
/// The most parameters of one request, and the most entries of a list or an object among them.
const MAX_ENTRIES: usize = 1_000;

/// What parameters are read from, beside the query.
pub(super) struct Form<'a> {
    pub(super) method: &'a Method,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: &'a [u8],
    /// The largest body that is read, in bytes.
    pub(super) limit: usize,
}

/// The parameters of one request, by name.
#[derive(Default)]
pub struct Parameters(HashMap<String, Field>);

/// One value, as far as any endpoint reads it.
#[derive(Default)]
enum Field {
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

impl Parameters {
    /// Reads all parameters of a request.
    ///
    /// # Errors
    /// 400 for what cannot be understood, 413 for a body that is too large, 415 for a content type
    /// that holds no parameters.
    pub(super) fn read(query: &str, form: &Form<'_>) -> Result<Self, Refusal> {
        let mut parameters = Self::of_query(query)?;
        parameters.0.extend(unique(body_fields(form)?)?);
        Ok(parameters)
    }

    /// Reads the parameters of the query alone.
    ///
    /// # Errors
    /// 400 for what cannot be understood.
    pub(super) fn of_query(query: &str) -> Result<Self, Refusal> {
        Ok(Self(unique(urlencoded(query.as_bytes())?)?))
    }

    /// A text; `None` when it was not sent.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Field::Null) => Ok(None),
            Some(Field::Text(text)) => Ok(Some(text.clone())),
            Some(Field::Texts(_) | Field::Other) => {
                Err(Refusal::bad_request(format!("The parameter {name} must be a text.")))
            }
        }
    }

    /// A text, empty when it was not sent.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn text_or_empty(&self, name: &str) -> Result<String, Refusal> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// A secret, empty when it was not sent.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn secret(&self, name: &str) -> Result<Secret, Refusal> {
        self.text_or_empty(name).map(Secret::new)
    }

    /// A whole number, however it is written; 0 when it was not sent or is no number, as the API has it.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn integer(&self, name: &str) -> Result<i64, Refusal> {
        let text = self.text_or_empty(name)?;
        Ok(text.trim().parse().ok().or_else(|| whole(text.trim())).unwrap_or(0))
    }

    /// A list of texts: a JSON list, or `name[]` once for each entry. Empty when it was not sent.
    ///
    /// # Errors
    /// 400 when it is anything else.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let wrong = || Refusal::bad_request(format!("The parameter {name} must be a list of texts."));
        match self.0.get(name) {
            None | Some(Field::Null) => Ok(Vec::new()),
            Some(Field::Texts(texts)) => Ok(texts.clone()),
            Some(Field::Text(_) | Field::Other) => Err(wrong()),
        }
    }
}

/// The number that `3.0` or `3e0` stands for, as long as a float holds it exactly.
fn whole(text: &str) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number: f64 = text.parse().ok()?;
    let is_whole = number.fract() == 0.0 && number.abs() < EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    is_whole.then_some(number as i64)
}

/// A list of names and values that may still hold a name twice.
type Fields = Vec<(String, Field)>;

/// Refuses a name that comes twice, because two readers could take two different values; names that
/// end in `[]` are lists.
fn unique(fields: Fields) -> Result<HashMap<String, Field>, Refusal> {
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

fn body_fields(form: &Form<'_>) -> Result<Fields, Refusal> {
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

fn urlencoded(bytes: &[u8]) -> Result<Fields, Refusal> {
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

/// The objects of a JSON list, of which the first `limit` entries are read; `None` when it is no list. What is
/// no object, or names something twice, is one without anything in it.
#[must_use]
pub fn objects(text: &str, limit: usize) -> Option<Vec<Parameters>> {
    struct List(usize);
    impl<'de> Visitor<'de> for List {
        type Value = Vec<Parameters>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut objects = Vec::new();
            while let Some(Object(fields)) = list.next_element()? {
                objects.push(Parameters(unique(fields.unwrap_or_default()).unwrap_or_default()));
                if objects.len() == self.0 {
                    while list.next_element::<IgnoredAny>()?.is_some() {}
                    break;
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Kind;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");
    const JSON: Option<&str> = Some("application/json");

    fn read(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Parameters, u16> {
        let form = Form { method: &Method::POST, content_type, body, limit: MAX_BODY_BYTES };
        let read = Parameters::read(query, &form);
        read.map_err(|refusal| match refusal.kind {
            Kind::Status(status) => status.as_u16(),
            _ => 0,
        })
    }

    fn text(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Option<String>, u16> {
        read(query, content_type, body).map(|parameters| parameters.text("a").unwrap_or_default())
    }

    #[test]
    fn a_text_comes_from_query_form_json_and_multipart() {
        let multipart = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--x--\r\n";
        let wanted = Ok(Some("b c".to_owned()));
        assert_eq!(text("a=b+c", None, b""), wanted);
        assert_eq!(text("a=b%20c", FORM, b""), wanted);
        assert_eq!(text("", FORM, b"x=1&a=b%20c"), wanted);
        assert_eq!(text("a=query", FORM, b"a=b+c"), wanted);
        assert_eq!(text("a=query", JSON, br#"{"a":"b c"}"#), wanted);
        assert_eq!(text("", Some("multipart/form-data; boundary=x"), multipart), wanted);
        assert_eq!(text("", JSON, br#"{"a":12}"#), Ok(Some("12".to_owned())));
        assert_eq!(text("", JSON, br#"{"a":null}"#), Ok(None));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (content_type, body, status) in [
            (JSON, &b"{"[..], 400),
            (JSON, b"[1]", 400),
            (JSON, b"\"text\"", 400),
            (JSON, b"{\"a\":\"\xff\"}", 400),
            (JSON, br#"{"a":1,"a":2}"#, 400),
            (FORM, b"a=%ff", 400),
            (FORM, b"a=\xff", 400),
            (FORM, b"a=1&a=2", 400),
            (FORM, b"a=1&a[]=2", 400),
            (Some("text/plain"), b"a=1", 415),
            (None, b"a=1", 415),
            (Some("multipart/form-data"), b"a=1", 400),
            (Some("multipart/form-data; boundary=x"), b"--x\r\nbroken", 400),
            (FORM, &vec![b'a'; MAX_BODY_BYTES + 1], 413),
            (FORM, "a[]&".repeat(MAX_ENTRIES + 1).as_bytes(), 400),
            (JSON, format!("{{\"a\":[{}1]}}", "[],".repeat(MAX_ENTRIES)).as_bytes(), 400),
            (JSON, format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500)).as_bytes(), 400),
        ] {
            assert_eq!(read("", content_type, body).err(), Some(status), "{content_type:?}");
        }
        assert_eq!(read("a=1&a=2", None, b"").err(), Some(400));
    }

    #[test]
    fn numbers_may_be_texts_and_texts_that_are_none_count_as_zero() {
        for (query, number) in [
            ("a=3", 3),
            ("a=3.0", 3),
            ("a=3.5", 0),
            ("a=inf", 0),
            ("a=", 0),
            ("", 0),
            ("a=x", 0),
            ("a=99999999999999999999", 0),
        ] {
            let parameters = read(query, None, b"").unwrap_or_default();
            assert_eq!(parameters.integer("a").ok(), Some(number), "{query}");
        }
        let json = read("", JSON, br#"{"a":3,"l":["x","y"],"o":{}}"#).unwrap_or_default();
        assert_eq!(json.integer("a").ok(), Some(3));
        assert_eq!(json.texts("l").ok(), Some(vec!["x".to_owned(), "y".to_owned()]));
        assert!(json.text("l").is_err() && json.text("o").is_err() && json.texts("a").is_err());
        for number in ["3", "3.0", "3e0", "30e-1", "\"3\""] {
            let body = format!("{{\"a\":{number}}}");
            assert_eq!(
                read("", JSON, body.as_bytes()).unwrap_or_default().integer("a").ok(),
                Some(3),
                "{number}"
            );
        }
        let form = read("", FORM, b"l[]=x&l[]=y").unwrap_or_default();
        assert_eq!(form.texts("l").ok(), Some(vec!["x".to_owned(), "y".to_owned()]));
    }
}
