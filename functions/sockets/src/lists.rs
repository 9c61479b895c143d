//! Lists of people, as sockets are told them.

use serde_json::{Value, json};
use shared::domain::account::UserId;
use shared::table::Member;

/// The most bytes of a list in one frame: longer ones go in parts. The gateway counts in units of 32 KB.
const MAX_LIST_BYTES: usize = 30 * 1024;

/// Somebody in the room, as the others see it.
pub(crate) fn joined(member: &Member) -> Value {
    let mut entry = json!({
        "sessionid": member.public.as_str(),
        "userid": member.user.as_ref().map_or("", UserId::as_str),
    });
    if let (Some(_), Some(fields)) = (&member.user, entry.as_object_mut()) {
        fields.insert("user".to_owned(), json!({"displayname": member.display_name}));
    }
    entry
}

/// A list in parts that each fit a frame; an empty one is one part.
pub(crate) fn in_parts(list: Vec<Value>) -> Vec<Vec<Value>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0_usize;
    for entry in list {
        let length = entry.to_string().len();
        if bytes.saturating_add(length) > MAX_LIST_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        if let Some(part) = parts.last_mut() {
            part.push(entry);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_for_a_frame_goes_in_several() {
        assert_eq!(in_parts(Vec::new()).len(), 1);
        let list: Vec<Value> =
            (0..900).map(|number| json!({"sessionid": format!("{number:0100}")})).collect();
        let parts = in_parts(list.clone());
        assert!(parts.len() > 1);
        for part in &parts {
            assert!(Value::Array(part.clone()).to_string().len() < 32 * 1024);
        }
        assert_eq!(parts.concat(), list);
    }
}
