//! A JSON value as the XML tree of OCS (`docs/api.md#the-envelope`).

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

/// The document with the one root that `value` has.
pub(super) fn document(value: &Value) -> String {
    let mut writer = Writer::new(Vec::new());
    let _ = writer.write_event(Event::Decl(BytesDecl::new("1.0", None, None)));
    content(&mut writer, value);
    // Everything written came from text.
    String::from_utf8(writer.into_inner()).unwrap_or_default()
}

/// Writing goes to memory and cannot fail, so its results are let go.
fn content(writer: &mut Writer<Vec<u8>>, value: &Value) {
    match value {
        Value::Null | Value::Bool(false) => {}
        Value::Bool(true) => text(writer, "1"),
        Value::Number(number) => text(writer, &number.to_string()),
        Value::String(string) => text(writer, string),
        Value::Array(entries) => entries.iter().for_each(|entry| element(writer, "element", entry)),
        Value::Object(fields) => fields.iter().for_each(|(name, entry)| {
            element(writer, if is_name(name) { name } else { "element" }, entry);
        }),
    }
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) {
    let is_empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(string) => string.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    };
    if is_empty {
        let _ = writer.write_event(Event::Empty(BytesStart::new(name)));
    } else {
        let _ = writer.write_event(Event::Start(BytesStart::new(name)));
        content(writer, value);
        let _ = writer.write_event(Event::End(BytesEnd::new(name)));
    }
}

fn text(writer: &mut Writer<Vec<u8>>, string: &str) {
    let clean: String = string.chars().map(|c| if is_character(c) { c } else { '\u{fffd}' }).collect();
    let _ = writer.write_event(Event::Text(BytesText::new(&clean)));
}

/// What XML 1.0 allows in a document; the rest cannot even be escaped.
const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a map's key can be the name of an element; user ids may be numbers or hold spaces.
fn is_name(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_start)
        && name.chars().all(|c| is_start(c) || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_truths_nothings_and_odd_keys_have_their_ocs_form() {
        let value = json!({"ocs": {
            "list": [1, "a<b&c"], "yes": true, "no": false, "null": null, "none": [], "text": "",
            "map": {"alice": {"type": 1}, "42": {"type": 2}, "Bob Smith": {"type": 3}}, "odd": "a\u{0}b",
        }});
        assert_eq!(
            document(&value),
            "<?xml version=\"1.0\"?><ocs><list><element>1</element><element>a&lt;b&amp;c</element></list>\
             <yes>1</yes><no/><null/><none/><text/><map><alice><type>1</type></alice>\
             <element><type>2</type></element><element><type>3</type></element></map><odd>a\u{fffd}b</odd></ocs>"
        );
    }
}
