//! What one request costs: DynamoDB requests, sequential round trips, consumed capacity.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What is allowed by its parts and not as a whole.
pub(super) const TRANSACTION: &str = "TransactWriteItems";
/// What is allowed by the kind of the statement.
pub(super) const STATEMENT: &str = "ExecuteStatement";

/// What a request has used of DynamoDB so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// How many requests went to DynamoDB, by operation.
    pub operations: BTreeMap<&'static str, u32>,
    /// What a function must be allowed to do for that: an action of DynamoDB for each thing done, also
    /// inside a transaction.
    pub actions: BTreeSet<&'static str>,
    /// How many of them waited for one another: requests side by side are one round trip.
    pub round_trips: u32,
    /// Capacity units, as DynamoDB counted them.
    pub capacity_units: f64,
}

impl Usage {
    /// How many requests went to DynamoDB.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.operations.values().sum()
    }
}

/// Counts while a request is answered.
#[derive(Default)]
pub(super) struct Meter(Mutex<Usage>);

impl Meter {
    /// Counts a DynamoDB request that starts; the result goes to [`Meter::end`].
    pub(super) fn start(&self, operation: &'static str) -> u32 {
        let mut usage = self.usage();
        *usage.operations.entry(operation).or_default() += 1;
        match operation {
            TRANSACTION => {}
            STATEMENT => _ = usage.actions.insert("PartiQLSelect"),
            operation => _ = usage.actions.insert(operation),
        }
        usage.round_trips.saturating_add(1)
    }

    /// Notes what a transaction does.
    pub(super) fn note(&self, actions: impl IntoIterator<Item = &'static str>) {
        self.usage().actions.extend(actions);
    }

    /// Counts its end. It came after all that had ended when it started, and beside the others.
    pub(super) fn end<'a>(
        &self,
        round_trip: u32,
        capacities: impl IntoIterator<Item = &'a ConsumedCapacity>,
    ) {
        let mut usage = self.usage();
        usage.round_trips = usage.round_trips.max(round_trip);
        let units = capacities.into_iter().filter_map(ConsumedCapacity::capacity_units);
        usage.capacity_units += units.sum::<f64>();
    }

    pub(super) fn usage(&self) -> std::sync::MutexGuard<'_, Usage> {
        // Plain numbers; a panic elsewhere leaves them whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_side_by_side_are_one_round_trip() {
        let meter = Meter::default();
        let (one, other) = (meter.start("Query"), meter.start("Query"));
        meter.end(one, []);
        meter.end(other, []);
        let last = meter.start("UpdateItem");
        meter.end(last, []);
        let usage = meter.usage().clone();
        assert_eq!((usage.requests(), usage.round_trips), (3, 2));
    }
}
