//! What is true of the table at every moment: nothing in it lacks its other half.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Tenant;

type Item = HashMap<String, AttributeValue>;

/// All items of a table, by their keys.
struct Contents(BTreeMap<(String, String), Item>);

impl Contents {
    fn has(&self, pk: &str, sk: &str) -> bool {
        self.0.contains_key(&(pk.to_owned(), sk.to_owned()))
    }

    fn text(&self, pk: &str, sk: &str, attribute: &str) -> Option<&str> {
        text(self.0.get(&(pk.to_owned(), sk.to_owned()))?, attribute)
    }

    /// Whether a room is being filled or emptied, while nobody sees it.
    fn is_hidden(&self, room: &str) -> bool {
        self.0
            .get(&(room.to_owned(), "ROOM".to_owned()))
            .is_some_and(|item| item.contains_key("hidden_since"))
    }

    /// Whether an account is being removed, while nobody can log in to it.
    fn is_leaving(&self, user: &str) -> bool {
        let account = self.0.get(&(user.to_owned(), "ACCOUNT".to_owned()));
        account.is_some_and(|item| item.contains_key("removed_since"))
    }

    /// The rooms that somebody belongs to.
    fn inhabited(&self) -> BTreeSet<&str> {
        let rows = self.0.keys().filter(|(pk, sk)| pk.starts_with("ROOM#") && sk.starts_with("USER#"));
        rows.map(|(pk, _)| pk.as_str()).collect()
    }

    /// What one item lacks, in words.
    fn lack(&self, pk: &str, sk: &str, item: &Item, inhabited: &BTreeSet<&str>) -> Option<String> {
        let lacks = |what: &str| Some(format!("{pk} {sk} lacks {what}"));
        let in_call = |room: &str, user: &str| {
            let here = self.text(room, &format!("PRESENCE#{user}"), "session_id");
            let there = self.text(user, "CALL", "session_id");
            let token = self.text(user, "CALL", "token").map(|token| format!("ROOM#{token}"));
            here == there && token.as_deref() == Some(room)
        };
        match (pk.split_once('#'), sk.split_once('#')) {
            (Some(("ROOM", _)), _) if self.is_hidden(pk) => None,
            (Some(("ROOM", _)), None) if sk == "ROOM" && !inhabited.contains(pk) => lacks("anybody"),
            (Some(("ROOM", _)), Some(("USER" | "GROUP", _))) if !self.has(pk, "ROOM") => lacks("its room"),
            (Some(("ROOM", _)), Some(("USER", _))) if !self.has(sk, pk) => {
                lacks("the room among the person's")
            }
            (Some(("ROOM", _)), Some(("PRESENCE", user)))
                if user.starts_with("USER#") && item.contains_key("session_id") && !in_call(pk, user) =>
            {
                lacks("the call item with its session")
            }
            (Some(("USER", _)), Some(("ROOM", _))) if !self.has(sk, pk) && !self.is_hidden(sk) => {
                lacks("the person in the room")
            }
            (Some(("USER", _)), None) if sk == "CALL" => {
                let room = format!("ROOM#{}", text(item, "token").unwrap_or_default());
                if in_call(&room, pk) { None } else { lacks("the presence with its session") }
            }
            (Some(("USER", _)), Some(("GROUP", _))) if !self.has(sk, pk) => lacks("the person in the group"),
            (Some(("GROUP", _)), Some(("USER", _))) if !self.has(sk, pk) => {
                lacks("the group among the person's")
            }
            (Some(("USER", _)), None)
                if sk == "ACCOUNT" && !self.is_leaving(pk) && !self.has("USERS", pk) =>
            {
                lacks("its place in the list")
            }
            (None, _) if pk == "USERS" && !self.has(sk, "ACCOUNT") => lacks("its account"),
            (None, _) if pk == "GROUPS" && !self.has(sk, "GROUP") => lacks("its group"),
            (Some(("SPELLING", _)), _) => {
                let user = format!("USER#{}", text(item, "id").unwrap_or_default());
                if self.has(&user, "ACCOUNT") { None } else { lacks("its account") }
            }
            (Some(("PAIR", _)), _) => {
                let room = format!("ROOM#{}", text(item, "token").unwrap_or_default());
                if self.has(&room, "ROOM") { None } else { lacks("its room") }
            }
            _ => None,
        }
    }
}

fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}

/// What of these items lacks its other half, in words.
#[must_use]
pub fn lacks(items: &[Item]) -> Vec<String> {
    let key = |item: &Item| {
        (text(item, "pk").unwrap_or_default().to_owned(), text(item, "sk").unwrap_or_default().to_owned())
    };
    let contents = Contents(items.iter().map(|item| (key(item), item.clone())).collect());
    let inhabited = contents.inhabited();
    contents.0.iter().filter_map(|((pk, sk), item)| contents.lack(pk, sk, item, &inhabited)).collect()
}

impl Tenant {
    /// What in the table lacks its other half, in words.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn lacks(&self) -> Vec<String> {
        lacks(&self.items().await)
    }
}
