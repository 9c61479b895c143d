//! The house stands on one side: a layer of `shared` knows those below it, no file waits for another in a circle, and
//! functions know no other function.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The layers, the lowest first. `aws` and `domain` know nothing of each other but secrets.
const LAYERS: [&str; 5] = ["domain", "aws", "table", "herald", "gateway"];
/// What the domain must not know: HTTP, AWS, and whatever waits.
const FOREIGN_TO_THE_DOMAIN: [&str; 6] = ["lambda_http", "aws_", "tokio", "futures_util", "async ", ".await"];

/// Each file of a crate, by its path below `src`, without what only its tests use.
fn files(source: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(source).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
            let name = path.strip_prefix(&root).unwrap().with_extension("");
            found.insert(name.to_string_lossy().replace('/', "::"), product);
        }
    }
    found
}

/// What a file uses of its own crate: full paths, one for each name.
fn uses(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in text.split("use ").skip(1) {
        let Some((path, _)) = piece.split_once(';') else { continue };
        expand("", path, &mut found);
    }
    // Paths that are written out in the code.
    for piece in text.split("crate::").skip(1) {
        let path: String = piece.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        found.push(format!("crate::{path}"));
    }
    for piece in text.split(|c: char| c.is_whitespace() || "(&<,![".contains(c)) {
        if piece.starts_with("super::") {
            found.push(piece.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect());
        }
    }
    found.into_iter().filter_map(|path| absolute(file, &path)).collect()
}

/// A path from the root of the crate, as a file writes it.
fn absolute(file: &str, path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    if let Some(rest) = path.strip_prefix("self::") {
        return Some(format!("{file}::{rest}"));
    }
    let (mut at, mut rest) = (file.to_owned(), path.strip_prefix("super::")?);
    loop {
        at = at.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_owned());
        match rest.strip_prefix("super::") {
            Some(further) => rest = further,
            None if at.is_empty() => return Some(rest.to_owned()),
            None => return Some(format!("{at}::{rest}")),
        }
    }
}

/// Writes `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn expand(prefix: &str, path: &str, found: &mut Vec<String>) {
    let path: String = path.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((head, list)) = path.split_once('{') else {
        let name = path.split(" as ").next().unwrap_or_default().trim();
        found.push(format!("{prefix}{name}"));
        return;
    };
    let list = list.trim_end().trim_end_matches('}');
    let (mut depth, mut start) = (0, 0);
    let mut entries = Vec::new();
    for (place, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                entries.push(&list[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    entries.push(&list[start..]);
    for entry in entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty()) {
        expand(&format!("{prefix}{}", head.trim()), entry, found);
    }
}

/// Whether a file only says which files belong together.
fn is_list(text: &str) -> bool {
    let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.is_empty());
    code.clone().count() > 0
        && text.contains("mod ")
        && !["fn ", "struct ", "enum ", "impl "]
            .iter()
            .any(|word| code.clone().any(|line| line.contains(word)))
}

/// From each file to the files it uses. A list of files leads to the one that has the name.
fn arrows(files: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let file_of = |path: &str| {
        let mut name = path.to_owned();
        loop {
            if let Some((file, text)) = files.get_key_value(&name) {
                let item = path[name.len()..].trim_start_matches("::");
                if !is_list(text) || item.is_empty() {
                    return Some(file.as_str());
                }
                let reexported = uses(file, text).into_iter().find(|it| it.ends_with(&format!("::{item}")));
                let reexported = reexported.filter(|it| it.starts_with(&format!("{name}::")))?;
                let inner = reexported.rsplit_once("::")?.0.to_owned();
                return files.get_key_value(&inner).map(|(file, _)| file.as_str());
            }
            name = name.rsplit_once("::")?.0.to_owned();
        }
    };
    files
        .iter()
        .filter(|(_, text)| !is_list(text))
        .map(|(file, text)| {
            let used = uses(file, text).into_iter().filter_map(|path| file_of(&path));
            (file.as_str(), used.filter(|used| used != file).collect())
        })
        .collect()
}

/// A way from a file back to itself, if there is one.
fn circle<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    fn walk<'a>(
        at: &'a str,
        arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> bool {
        if way.contains(&at) {
            way.push(at);
            return true;
        }
        if !done.insert(at) {
            return false;
        }
        way.push(at);
        if arrows.get(at).into_iter().flatten().any(|&next| walk(next, arrows, way, done)) {
            return true;
        }
        way.pop();
        false
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|&start| {
        let mut way = Vec::new();
        walk(start, arrows, &mut way, &mut done).then_some(way)
    })
}

#[test]
fn no_file_waits_for_another_in_a_circle() {
    for source in [
        "shared",
        "local",
        "operator",
        "functions/rooms",
        "functions/participants",
        "functions/calls",
        "functions/signaling",
        "functions/accounts",
        "functions/web",
    ] {
        let files = files(source);
        assert_eq!(circle(&arrows(&files)), None, "{source}");
    }
    // The search finds what it looks for.
    let of = |pairs: &[(&'static str, &'static str)]| {
        let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        pairs.iter().for_each(|(from, to)| _ = arrows.entry(from).or_default().insert(to));
        circle(&arrows).is_some()
    };
    assert!(of(&[("a", "b"), ("b", "c"), ("c", "b")]) && !of(&[("a", "b"), ("b", "c"), ("a", "c")]));
}

#[test]
fn a_layer_knows_only_those_below() {
    let files = files("shared");
    let floor = |file: &str| {
        let layer = file.split("::").next().unwrap_or_default();
        LAYERS.iter().position(|known| *known == layer)
    };
    let mut crossed = 0;
    for (file, text) in &files {
        let Some(own) = floor(file) else { continue };
        for used in uses(file, text) {
            let Some(other) = floor(&used) else { continue };
            assert!(other <= own, "{file} knows {used}, which is above it");
            crossed += usize::from(other < own);
        }
    }
    assert!(crossed > 100, "only {crossed} arrows were found");
}

#[test]
fn functions_know_no_other_function() {
    let functions = ["rooms", "participants", "calls", "signaling", "accounts", "web"];
    for function in functions {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let manifest = root.join("functions").join(function).join("Cargo.toml");
        let text = std::fs::read_to_string(manifest).unwrap();
        let dependencies = text.split_once("[dependencies]").unwrap().1;
        for other in functions {
            assert!(!dependencies.contains(&format!("\n{other}.")), "{function} knows {other}");
        }
    }
}

#[test]
fn the_domain_knows_neither_http_nor_aws_and_does_not_wait() {
    for (file, text) in files("shared").iter().filter(|(file, _)| file.starts_with("domain")) {
        for word in FOREIGN_TO_THE_DOMAIN {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.clone().any(|line| line.contains(word)), "{file} knows {word}");
        }
    }
}
