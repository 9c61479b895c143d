//! `GET /chat/{token}/mentions`: whom a message can mean.

use serde::Serialize;
use shared::domain::chat::EVERYBODY;
use shared::domain::permission::Member;
use shared::gateway::{Exchange, Refusal, Reply};
use shared::table::Partition;

/// The most entries of an answer, and how many there are where nobody asks for a number.
const MAX_FOUND: usize = 200;
const USUALLY_FOUND: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    id: &'a str,
    label: &'a str,
    source: &'static str,
    mention_id: &'a str,
}

pub(crate) async fn find(
    exchange: &Exchange<'_>,
    (member, partition): (Member, Partition),
) -> Result<Reply, Refusal> {
    let writer = member.writer()?;
    let parameters = exchange.parameters()?;
    let search = parameters.text_or_empty("search")?.to_lowercase();
    let limit = match usize::try_from(parameters.integer("limit")?) {
        Ok(limit @ 1..) => limit.min(MAX_FOUND),
        _ => USUALLY_FOUND,
    };
    let room = partition.occupancy(exchange.now).ok_or_else(Refusal::not_found)?;
    let fits = |text: &str| text.to_lowercase().contains(&search);
    let name = if room.room.name.is_empty() { EVERYBODY } else { &room.room.name };
    let means_all = !room.room.is_one_to_one() && (fits(EVERYBODY) || fits(name));
    let all = Candidate { id: EVERYBODY, label: name, source: "calls", mention_id: EVERYBODY };
    let others = room.users.iter().filter(|it| it.user != *writer.member().user());
    let people = others.filter(|it| fits(it.user.as_str()) || fits(&it.display_name)).map(|it| Candidate {
        id: it.user.as_str(),
        label: &it.display_name,
        source: "users",
        mention_id: it.user.as_str(),
    });
    Reply::ok(means_all.then_some(all).into_iter().chain(people).take(limit).collect::<Vec<_>>())
}
