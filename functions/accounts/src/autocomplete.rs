//! `GET /core/autocomplete/get`: finds people and groups by a part of their names, for everybody who may invite them.

use serde::Serialize;
use shared::domain::identity::User;
use shared::gateway::{Exchange, Parameters, Refusal, Reply};

/// The most entries of an answer, and how many there are when nobody asks for a number.
const MAX_FOUND: usize = 200;
const USUALLY_FOUND: usize = 10;

/// What is looked for, by the numbers that clients know from sharing files.
const PEOPLE: &str = "0";
const GROUPS: &str = "1";

/// Somebody or something that a room can be made with.
#[derive(Serialize)]
struct Found {
    id: String,
    label: String,
    icon: &'static str,
    source: &'static str,
}

pub(crate) async fn find(exchange: &Exchange<'_>, user: User) -> Result<Reply, Refusal> {
    let parameters = exchange.parameters()?;
    let search = parameters.text_or_empty("search")?;
    let limit = limit(parameters)?;
    let kinds = parameters.texts("shareTypes")?;
    let wants = |kind: &str| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind);
    let people = async {
        if !wants(PEOPLE) {
            return Ok(Vec::new());
        }
        exchange.table.list_users(&search, Some(limit), 0).await
    };
    let groups = async {
        if !wants(GROUPS) {
            return Ok(Vec::new());
        }
        exchange.table.list_groups(&search).await
    };
    let found = futures_util::future::try_join(people, groups);
    let (people, groups) = exchange.beside_login(&user, found).await?;
    let people = people.into_iter().map(|user| Found {
        id: user.id,
        label: user.display_name,
        icon: "icon-user",
        source: "users",
    });
    let groups = groups.into_iter().map(|group| Found {
        id: group.clone(),
        label: group,
        icon: "icon-group",
        source: "groups",
    });
    Reply::ok(people.chain(groups.take(limit)).collect::<Vec<_>>())
}

fn limit(parameters: &Parameters) -> Result<usize, Refusal> {
    let asked = usize::try_from(parameters.integer("limit")?).unwrap_or(0);
    Ok(if asked == 0 { USUALLY_FOUND } else { asked.min(MAX_FOUND) })
}
