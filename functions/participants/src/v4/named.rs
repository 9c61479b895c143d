//! What the endpoints have in common that name an attendee by number.

use shared::domain::permission::{Attendee, Moderator, Target};
use shared::gateway::{Exchange, Refusal};
use shared::table::Partition;

/// The attendee whom the moderator of a room of many names.
pub(super) fn attendee(
    exchange: &Exchange<'_>,
    moderator: &Moderator,
    partition: &Partition,
) -> Result<Attendee, Refusal> {
    moderator.demand_many()?;
    let number = exchange.parameters()?.integer("attendeeId")?;
    partition.attendee(number, exchange.now).ok_or_else(Refusal::not_found)
}

/// The same where only people with an account will do.
pub(super) fn person(
    exchange: &Exchange<'_>,
    moderator: &Moderator,
    partition: &Partition,
) -> Result<Target, Refusal> {
    match attendee(exchange, moderator, partition)? {
        Attendee::User(target) => Ok(target),
        Attendee::Guest(_) | Attendee::Group(_) => {
            Err(Refusal::bad_request("attendeeId must be that of somebody with an account."))
        }
    }
}
