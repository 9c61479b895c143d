//! Parameters of a request: query, form body or JSON body (`docs/api.md#parameters`). The body beats the query; the path is never overridden.

use std::collections::HashMap;

use super::fields::{self, Field, Form, body_fields, unique, urlencoded};
use super::refusal::Refusal;
use crate::domain::input::Input;
use crate::domain::secret::Secret;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The same for the messages of somebody who is in a call: JSON inside JSON inside a form can be four
/// times as long as what it says.
pub const MAX_MESSAGES_BODY_BYTES: usize = 1024 * 1024;

/// The parameters of one request, by name.
#[derive(Default)]
pub struct Parameters(HashMap<String, Field>);

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

    /// Something that is read from a text, empty when it was not sent.
    ///
    /// # Errors
    /// 400 when it is not acceptable; the message names the parameter and the limit.
    pub fn read_as<T: Input>(&self, name: &str) -> Result<T, Refusal> {
        T::parse(&self.text_or_empty(name)?)
            .ok_or_else(|| Refusal::bad_request(format!("{name} {}", T::rule())))
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

    /// A yes or no: yes is `1`, `true` or `True`, as text, number or truth value; `None` when it was not sent.
    ///
    /// # Errors
    /// 400 when it is a list or an object.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let text = self.text(name)?;
        Ok(text.map(|text| matches!(text.trim(), "1" | "true" | "True")))
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

/// The objects of a JSON list, of which the first `limit` entries are read; `None` when it is no list. What is
/// no object, or names something twice, is one without anything in it.
#[must_use]
pub fn objects(text: &str, limit: usize) -> Option<Vec<Parameters>> {
    let objects = fields::objects(text, limit)?.into_iter();
    Some(objects.map(|fields| Parameters(unique(fields).unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use lambda_http::http::Method;

    use super::super::fields::MAX_ENTRIES;
    use super::super::refusal::Kind;
    use super::*;

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
    fn yes_is_said_in_several_ways() {
        for (query, body, answer) in [
            ("", "{}", None),
            ("a=1", "{}", Some(true)),
            ("a=true", "{}", Some(true)),
            ("a=True", "{}", Some(true)),
            ("a=0", "{}", Some(false)),
            ("a=False", "{}", Some(false)),
            ("a=", "{}", Some(false)),
            ("", r#"{"a":true}"#, Some(true)),
            ("", r#"{"a":1}"#, Some(true)),
            ("", r#"{"a":false}"#, Some(false)),
        ] {
            let parameters = read(query, JSON, body.as_bytes()).unwrap_or_default();
            assert_eq!(parameters.flag("a").ok(), Some(answer), "{query} {body}");
        }
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
