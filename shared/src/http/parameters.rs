//! Parameters of a request: query, form body or JSON body (reference "Where parameters may come
//! from"). The body beats the query; the path is never overridden.

use std::collections::HashMap;

use lambda_http::http::Method;
use percent_encoding::percent_decode;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::secret::Secret;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The same for signaling, where many messages come at once: below the 4 MB of a transaction, and, in
/// base64, below the 6 MB that Lambda takes.
pub(super) const MAX_SIGNALING_BODY_BYTES: usize = 3 * 1024 * 1024;

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
pub struct Parameters(HashMap<String, Value>);

impl Parameters {
    /// Reads all parameters of a request.
    ///
    /// # Errors
    /// 400 for what cannot be understood, 413 for a body that is too large, 415 for a content type
    /// that holds no parameters.
    pub(super) async fn read(query: &str, form: Form<'_>) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for fields in [urlencoded(query.as_bytes())?, body_fields(form).await?] {
            parameters.0.extend(unique(fields)?);
        }
        Ok(parameters)
    }

    /// A text; `None` when it was not sent.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(yes)) => Ok(Some(if *yes { "1" } else { "" }.to_owned())),
            Some(Value::Array(_) | Value::Object(_)) => {
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

    /// A whole number; 0 when it was not sent or is no number, as the API has it.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn integer(&self, name: &str) -> Result<i64, Refusal> {
        Ok(self.text_or_empty(name)?.trim().parse().unwrap_or(0))
    }

    /// A list of texts: a JSON list, or `name[]` once for each entry. Empty when it was not sent.
    ///
    /// # Errors
    /// 400 when it is anything else.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let wrong = || Refusal::bad_request(format!("The parameter {name} must be a list of texts."));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(entries)) => {
                entries.iter().map(|entry| entry.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }
}

/// A list of names and values that may still hold a name twice.
type Fields = Vec<(String, Value)>;

/// Refuses a name that comes twice, because two readers could take two different values; names that
/// end in `[]` are lists.
fn unique(fields: Fields) -> Result<HashMap<String, Value>, Refusal> {
    let mut unique = HashMap::new();
    for (name, value) in fields {
        if let Some(list) = name.strip_suffix("[]") {
            match unique.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(entries) => entries.push(value),
                _ => return Err(twice()),
            }
        } else if unique.insert(name, value).is_some() {
            return Err(twice());
        }
    }
    Ok(unique)
}

fn twice() -> Refusal {
    Refusal::bad_request("A parameter is given twice.")
}

async fn body_fields(form: Form<'_>) -> Result<Fields, Refusal> {
    let Form { method, content_type, body, limit } = form;
    if body.is_empty() {
        return Ok(Fields::new());
    }
    if body.len() > limit {
        return Err(Refusal::too_large(format!("The body is larger than {limit} bytes.")));
    }
    let full = content_type.unwrap_or_default();
    let essence = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => urlencoded(body),
        "application/json" => json(body),
        "multipart/form-data" if method == Method::POST => multipart(full, body).await,
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
    bytes
        .split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            Ok((name, Value::String(decode(halves.next().unwrap_or_default())?)))
        })
        .collect()
}

fn json(body: &[u8]) -> Result<Fields, Refusal> {
    serde_json::from_slice::<Object>(body)
        .map(|object| object.0)
        .map_err(|_| Refusal::bad_request("The body is not a JSON object."))
}

/// A JSON object with every name that was written, even twice.
struct Object(Fields);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Fields;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Entries).map(Self)
    }
}

async fn multipart(content_type: &str, body: &[u8]) -> Result<Fields, Refusal> {
    let broken = |_| Refusal::bad_request("The multipart body is broken.");
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let bytes = body.to_vec();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut fields = Fields::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(broken)?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Refusal::bad_request("A parameter is not valid UTF-8."))?;
        fields.push((name, Value::String(text)));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Kind;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");
    const JSON: Option<&str> = Some("application/json");

    async fn read(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Parameters, u16> {
        let read = Parameters::read(
            query,
            Form { method: &Method::POST, content_type, body, limit: MAX_BODY_BYTES },
        )
        .await;
        read.map_err(|refusal| match refusal.kind {
            Kind::Status(status) => status.as_u16(),
            _ => 0,
        })
    }

    async fn text(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Option<String>, u16> {
        read(query, content_type, body).await.map(|parameters| parameters.text("a").unwrap_or_default())
    }

    #[tokio::test]
    async fn a_text_comes_from_query_form_json_and_multipart() {
        let multipart = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--x--\r\n";
        let wanted = Ok(Some("b c".to_owned()));
        assert_eq!(text("a=b+c", None, b"").await, wanted);
        assert_eq!(text("a=b%20c", FORM, b"").await, wanted);
        assert_eq!(text("", FORM, b"x=1&a=b%20c").await, wanted);
        assert_eq!(text("a=query", FORM, b"a=b+c").await, wanted);
        assert_eq!(text("a=query", JSON, br#"{"a":"b c"}"#).await, wanted);
        assert_eq!(text("", Some("multipart/form-data; boundary=x"), multipart).await, wanted);
        assert_eq!(text("", JSON, br#"{"a":12}"#).await, Ok(Some("12".to_owned())));
        assert_eq!(text("", JSON, br#"{"a":null}"#).await, Ok(None));
    }

    #[tokio::test]
    async fn what_cannot_be_understood_is_refused() {
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
        ] {
            assert_eq!(read("", content_type, body).await.err(), Some(status), "{content_type:?}");
        }
        assert_eq!(read("a=1&a=2", None, b"").await.err(), Some(400));
    }

    #[tokio::test]
    async fn numbers_may_be_texts_and_texts_that_are_none_count_as_zero() {
        for (query, number) in [("a=3", 3), ("a=", 0), ("", 0), ("a=x", 0), ("a=99999999999999999999", 0)] {
            let parameters = read(query, None, b"").await.unwrap_or_default();
            assert_eq!(parameters.integer("a").ok(), Some(number), "{query}");
        }
        let json = read("", JSON, br#"{"a":3,"l":["x","y"],"o":{}}"#).await.unwrap_or_default();
        assert_eq!(json.integer("a").ok(), Some(3));
        assert_eq!(json.texts("l").ok(), Some(vec!["x".to_owned(), "y".to_owned()]));
        assert!(json.text("l").is_err() && json.text("o").is_err() && json.texts("a").is_err());
        let form = read("", FORM, b"l[]=x&l[]=y").await.unwrap_or_default();
        assert_eq!(form.texts("l").ok(), Some(vec!["x".to_owned(), "y".to_owned()]));
    }
}
