//! The routes of `template.yaml`, written from the functions' own tables.

use std::collections::{BTreeMap, BTreeSet};

use shared::gateway::Endpoint;

use crate::gateway::{NOWHERE, WEB, functions};

/// A route of the stack: what it is called there, and which function answers it under which throttle.
struct Route {
    name: String,
    key: String,
    function: &'static str,
    throttle: Throttle,
}

/// Which bucket of requests a route has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Throttle {
    /// The one that all routes share which refuse everybody without a login.
    Shared,
    /// One of its own, of the same size: it is answered without a login.
    Own,
    /// A small one of its own: it says the same to everybody.
    Open,
}

impl Throttle {
    fn of(endpoint: &Endpoint) -> Self {
        match endpoint.guard() {
            "everybody" => Self::Open,
            "server" | "caller" | "anybody" | "sight" | "insider" => Self::Own,
            _ => Self::Shared,
        }
    }

    const fn parameters(self) -> Option<&'static str> {
        match self {
            Self::Shared => None,
            Self::Own => Some("ThrottlingRate"),
            Self::Open => Some("OpenThrottlingRate"),
        }
    }
}

/// The template with the routes that the functions have. Existing names are kept, because a stack that is updated
/// would make a renamed route before it removes the old one, and have two for one path.
///
/// # Errors
/// A sentence when a place for the routes is missing.
pub fn with_routes(template: &str) -> Result<String, String> {
    let routes = routes(&names(template));
    let mut written = template.to_owned();
    for (place, lines) in [
        ("order", routes.iter().filter_map(order).collect::<String>()),
        ("throttles", routes.iter().filter_map(throttle).collect()),
        ("routes", routes.iter().map(resource).collect()),
    ] {
        written = replaced(&written, place, &lines)?;
    }
    Ok(written)
}

/// What each route is called in the template.
fn names(template: &str) -> BTreeMap<String, String> {
    let named = |line: &str| {
        let (name, rest) = line.trim().split_once(": { Type: AWS::ApiGatewayV2::Route,")?;
        let key = rest.split_once("RouteKey: \"")?.1.split('"').next()?;
        Some((key.to_owned(), name.to_owned()))
    };
    template.lines().filter_map(named).collect()
}

fn routes(names: &BTreeMap<String, String>) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut add = |key: String, function, throttle| {
        let name = names.get(&key).cloned().unwrap_or_else(|| name_of(&key));
        routes.push(Route { name, key, function, throttle });
    };
    for (function, endpoints) in functions() {
        let mut paths = BTreeSet::new();
        for endpoint in endpoints {
            let path = endpoint.path();
            if paths.insert(path) && function != NOWHERE {
                // Other methods go to the same function, which refuses them.
                add(format!("ANY {path}"), function, Throttle::Open);
            }
            add(format!("{} {path}", endpoint.method()), function, Throttle::of(endpoint));
        }
    }
    for path in web::PATHS {
        // Somebody who opens a link asks for five files at once.
        add(format!("ANY {path}"), WEB, Throttle::Own);
    }
    add("$default".to_owned(), NOWHERE, Throttle::Open);
    routes
}

/// A name for a new route: its method and the words of its path.
fn name_of(key: &str) -> String {
    let words = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.filter(|word| !["ocs", "version", "apps", "spreed", "api", "v1"].contains(word));
    format!("{}Route", words.map(title).collect::<String>())
}

/// A word with a capital letter in front and no other.
fn title(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A stage knows the routes that it has settings for.
fn order(route: &Route) -> Option<String> {
    route.throttle.parameters().map(|_| format!("      - {}\n", route.name))
}

fn throttle(route: &Route) -> Option<String> {
    let rate = route.throttle.parameters()?;
    let burst = rate.replace("Rate", "Burst");
    let key = &route.key;
    Some(format!(
        "        \"{key}\": {{ ThrottlingRateLimit: !Ref {rate}, ThrottlingBurstLimit: !Ref {burst} }}\n"
    ))
}

fn resource(route: &Route) -> String {
    let function = title(route.function);
    format!(
        "  {}: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref Api, Target: !Sub \
         \"integrations/${{{function}Integration}}\", RouteKey: \"{}\" }} }}\n",
        route.name, route.key
    )
}

/// Puts lines between the two comments that mark a place.
fn replaced(text: &str, place: &str, lines: &str) -> Result<String, String> {
    let (begin, end) = (format!("# written by make routes: {place}\n"), format!("# end of {place}\n"));
    let missing = || format!("template.yaml has no place for the {place}.");
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (old, after) = rest.split_once(&end).ok_or_else(missing)?;
    let indent: String = old.rsplit('\n').next().unwrap_or_default().to_owned();
    Ok(format!("{before}{begin}{lines}{indent}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_route_is_called_by_its_path() {
        let key = "PUT /ocs/{version}/apps/spreed/api/v1/room/{token}/description";
        assert_eq!(name_of(key), "PutRoomTokenDescriptionRoute");
        assert_eq!(name_of("GET /ocs/{version}/apps/spreed/api/v4/room"), "GetV4RoomRoute");
    }
}
