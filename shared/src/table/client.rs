//! The requests that DynamoDB takes: metered, within a deadline, tried again where that helps.

use std::collections::{BTreeSet, HashMap};
use std::error::Error as StdError;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue, TransactWriteItem,
    WriteRequest,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::de::DeserializeOwned;

use super::deadline::Deadline;
use super::error::Error;
use super::item::{Attributes, from_attributes};
use super::key::{Key, PARTITION_KEY, SORT_KEY};
use super::meter::{Meter, STATEMENT, TRANSACTION, Usage};
use super::transaction::{Change, Condition, Expression, Transaction};
use crate::domain::news::{Event, News, Signal};
use crate::domain::random::up_to;
use crate::domain::room::Token;

/// The most items that DynamoDB reads in one batch.
const MAX_BATCH_READ: usize = 100;
/// The most items that DynamoDB writes in one batch.
pub(super) const MAX_BATCH_WRITE: usize = 25;
/// How often a batch is asked for that keeps coming back incomplete.
const MAX_BATCH_ROUNDS: usize = 8;
/// The pause before the second round; each later one is twice as long.
const FIRST_BATCH_PAUSE: Duration = Duration::from_millis(10);
/// How often a transaction is tried that keeps meeting others on its way.
const MAX_CONFLICTS: usize = 16;
/// The longest pause after the first conflict; it doubles up to [`LONGEST_CONFLICT_PAUSE`].
const FIRST_CONFLICT_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_CONFLICT_PAUSE: Duration = Duration::from_millis(320);
/// The most requests of one kind that run side by side, each over a connection of its own.
pub(super) const MAX_SIDE_BY_SIDE: usize = 8;

/// The table, as one request uses it.
#[derive(Clone)]
pub struct Table {
    client: Client,
    pub(super) name: Arc<str>,
    pub(super) meter: Arc<Meter>,
    pub(super) deadline: Deadline,
    /// The calls in which somebody came or went by a transaction of this request, and of which those who wait have
    /// not been told yet.
    untold: Arc<Mutex<BTreeSet<Token>>>,
}

impl Table {
    /// The table called `name`.
    #[must_use]
    pub fn new(client: Client, name: &str) -> Self {
        Self {
            client,
            name: name.into(),
            meter: Arc::default(),
            deadline: Deadline::none(),
            untold: Arc::default(),
        }
    }

    /// The same table for one request, which has to be answered by its deadline; with a meter that starts
    /// at zero.
    #[must_use]
    pub fn for_request(&self, deadline: Deadline) -> Self {
        Self { meter: Arc::default(), deadline, untold: Arc::default(), ..self.clone() }
    }

    /// Opens the connection, whose TLS handshake is most of a cold start, by the request that most
    /// answers begin with. There is nothing where it looks; a failure shows at the first request.
    pub async fn warm(&self) {
        let _ = self.query(Key::NOWHERE, "").await;
    }

    /// The news of what was committed in this request and not told: of a change in several steps of which a later
    /// one failed.
    pub fn news_of_the_untold(&self) -> News {
        let untold = self.untold().clone();
        untold.iter().fold(News::none(), |news, token| news.waking(token, Signal::People))
    }

    pub(super) fn untold(&self) -> MutexGuard<'_, BTreeSet<Token>> {
        // A set is whole, also after a panic elsewhere.
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was used since [`Table::for_request`].
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.usage().clone()
    }

    /// Until when the request has to be answered.
    #[must_use]
    pub const fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    /// Does what only spares others a wait: a change that is committed does not wait long for it.
    pub(super) async fn hurry(&self, work: impl Future<Output = ()> + Send) {
        self.deadline.hurry(Box::pin(work)).await;
    }

    /// Reads one item.
    pub(super) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.get_item(key, true).await
    }

    /// Reads one item as it was a moment ago, for half the price.
    pub(super) async fn get_lately<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.get_item(key, false).await
    }

    async fn get_item<T: DeserializeOwned>(
        &self,
        key: &Key,
        is_consistent: bool,
    ) -> Result<Option<T>, Error> {
        let request = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(is_consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let round_trip = self.meter.start("GetItem");
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().filter_map(|output| output.consumed_capacity()));
        let output = outcome.map_err(|cause| read_error("reading an item", cause))?;
        output.item.map(from_attributes).transpose()
    }

    /// Reads several items in one round trip: a hundred with each request, and the requests side by side.
    pub(super) async fn get_all(&self, keys: &[Key]) -> Result<Items, Error> {
        self.get_parts(keys, &[]).await
    }

    /// The same with as much of each item as these attributes are, among them those of the key.
    pub(super) async fn get_parts(&self, keys: &[Key], attributes: &[&str]) -> Result<Items, Error> {
        // DynamoDB refuses a batch that names a key twice.
        let keys: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let wanted = |batch: &[&Key]| batch.iter().map(|key| key.attributes()).collect();
        let batches: Vec<Vec<Attributes>> = keys.chunks(MAX_BATCH_READ).map(wanted).collect();
        let found: Vec<HashMap<Key, Attributes>> = stream::iter(batches)
            .map(|batch| self.get_whole_batch(batch, attributes))
            .buffer_unordered(MAX_SIDE_BY_SIDE)
            .try_collect()
            .await?;
        Ok(Items(found.into_iter().flatten().collect()))
    }

    /// Reads a batch, and what DynamoDB did not get to again.
    async fn get_whole_batch(
        &self,
        keys: Vec<Attributes>,
        attributes: &[&str],
    ) -> Result<HashMap<Key, Attributes>, Error> {
        let mut found = HashMap::new();
        let mut missing = self.get_batch(keys, attributes, &mut found).await?;
        let mut pause = FIRST_BATCH_PAUSE;
        for _ in 1..MAX_BATCH_ROUNDS {
            if missing.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            missing = self.get_batch(missing, attributes, &mut found).await?;
        }
        if missing.is_empty() { Ok(found) } else { Err(Error::overloaded("reading a batch", &Unprocessed)) }
    }

    /// Reads a batch into `found` and hands back the keys that DynamoDB did not get to.
    async fn get_batch(
        &self,
        keys: Vec<Attributes>,
        attributes: &[&str],
        found: &mut HashMap<Key, Attributes>,
    ) -> Result<Vec<Attributes>, Error> {
        // Some names are words of DynamoDB's own, so each gets a placeholder.
        let names: HashMap<_, _> =
            attributes.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect();
        let projection = names.keys().cloned().collect::<Vec<_>>().join(", ");
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .set_projection_expression(Some(projection).filter(|it| !it.is_empty()))
            .set_expression_attribute_names(Some(names).filter(|it| !it.is_empty()))
            .consistent_read(true)
            .build()
            .map_err(|cause| Error::defect("reading a batch", &cause))?;
        let request = self
            .client
            .batch_get_item()
            .request_items(&*self.name, wanted)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let round_trip = self.meter.start("BatchGetItem");
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().flat_map(|output| output.consumed_capacity()));
        let output = outcome.map_err(|cause| read_error("reading a batch", cause))?;
        for mut item in output.responses.unwrap_or_default().into_values().flatten() {
            if let Some(key) = Key::take(&mut item) {
                found.insert(key, item);
            }
        }
        let unprocessed = output.unprocessed_keys.unwrap_or_default();
        Ok(unprocessed.into_values().flat_map(|entry| entry.keys).collect())
    }

    /// Reads a partition, or the part of it whose sort keys start with `prefix`, page by page.
    pub(super) async fn query(&self, partition: &str, prefix: &str) -> Result<Vec<(Key, Attributes)>, Error> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let (page, next) = self.query_page(partition, prefix, start, None).await?;
            items.extend(page.into_iter().filter_map(|mut item| Some((Key::take(&mut item)?, item))));
            match next {
                Some(next) => start = Some(next),
                None => return Ok(items),
            }
        }
    }

    /// Reads several partitions at once, page by page. It costs what a query of each would: DynamoDB reads them one
    /// by one, and only the requests are fewer.
    pub(super) async fn query_all(&self, partitions: &[String]) -> Result<Vec<(Key, Attributes)>, Error> {
        let marks = vec!["?"; partitions.len()].join(",");
        let statement = format!("SELECT * FROM \"{}\" WHERE {PARTITION_KEY} IN [{marks}]", self.name);
        let keys: Vec<_> = partitions.iter().cloned().map(AttributeValue::S).collect();
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .execute_statement()
                .statement(&statement)
                .set_parameters(Some(keys.clone()))
                .consistent_read(true)
                .set_next_token(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let round_trip = self.meter.start(STATEMENT);
            let outcome = self.deadline.bound(request.send()).await;
            self.meter.end(round_trip, outcome.iter().filter_map(|output| output.consumed_capacity()));
            let output = outcome.map_err(|cause| read_error("reading partitions", cause))?;
            let page = output.items.unwrap_or_default();
            items.extend(page.into_iter().filter_map(|mut item| Some((Key::take(&mut item)?, item))));
            match output.next_token {
                Some(next) => start = Some(next),
                None => return Ok(items),
            }
        }
    }

    pub(super) async fn query_page(
        &self,
        partition: &str,
        prefix: &str,
        start: Option<Attributes>,
        limit: Option<i32>,
    ) -> Result<(Vec<Attributes>, Option<Attributes>), Error> {
        let mut request = self
            .client
            .query()
            .table_name(&*self.name)
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .set_limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()));
        request = if prefix.is_empty() {
            request.key_condition_expression("#pk = :pk")
        } else {
            request
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        };
        let round_trip = self.meter.start("Query");
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().filter_map(|output| output.consumed_capacity()));
        let output = outcome.map_err(|cause| read_error("reading a partition", cause))?;
        let next = output.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((output.items.unwrap_or_default(), next))
    }

    /// Reads some items of one partition, from one sort key to another, in their order or backwards; with them comes from
    /// where to go on.
    pub(super) async fn query_between(
        &self,
        first: &Key,
        last: &Key,
        is_forward: bool,
        start: Option<Attributes>,
        limit: usize,
    ) -> Result<(Vec<Attributes>, Option<Attributes>), Error> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .consistent_read(true)
            .scan_index_forward(is_forward)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":pk", text(&first.pk))
            .expression_attribute_values(":first", text(&first.sk))
            .expression_attribute_values(":last", text(&last.sk));
        let round_trip = self.meter.start("Query");
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().filter_map(|output| output.consumed_capacity()));
        let output = outcome.map_err(|cause| read_error("reading a part of a partition", cause))?;
        let next = output.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((output.items.unwrap_or_default(), next))
    }

    /// Makes all changes of a transaction or none. A transaction that met another one on its way is
    /// tried again.
    ///
    /// # Errors
    /// Contested when a condition does not hold (any more), or others are in the way all the time.
    pub(super) async fn write(&self, transaction: Transaction) -> Result<News, Error> {
        let (moved, spoken) = (transaction.moved().clone(), transaction.spoken().clone());
        self.meter.note(transaction.actions());
        let items =
            transaction.into_items(&self.name).map_err(|cause| Error::defect("changing items", &cause))?;
        let mut pause = FIRST_CONFLICT_PAUSE;
        let mut attempt = 1;
        loop {
            match self.write_once(items.clone()).await {
                Ok(()) => {
                    self.untold().extend(moved.iter().cloned());
                    let said = |news: News, token: &Token| news.and(token, Event::Said);
                    let wake = |news: News, token: &Token| news.waking(token, Signal::People);
                    return Ok(moved.iter().fold(spoken.iter().fold(News::none(), said), wake));
                }
                Err(Unwritten::Refused(error)) => return Err(error),
                Err(Unwritten::Conflict) if attempt == MAX_CONFLICTS => return Err(Error::Contested),
                Err(Unwritten::Conflict) => tokio::time::sleep(up_to(pause)).await,
            }
            attempt += 1;
            pause = (pause * 2).min(LONGEST_CONFLICT_PAUSE);
        }
    }

    pub(super) async fn write_once(&self, items: Vec<TransactWriteItem>) -> Result<(), Unwritten> {
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let round_trip = self.meter.start(TRANSACTION);
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().flat_map(|output| output.consumed_capacity()));
        outcome.map(|_| ()).map_err(Unwritten::from_error)
    }

    /// Writes several transactions, some side by side; stops at the first that fails.
    pub(super) async fn write_all(&self, transactions: Vec<Transaction>) -> Result<News, Error> {
        stream::iter(transactions)
            .map(|transaction| self.write(transaction))
            .buffer_unordered(MAX_SIDE_BY_SIDE)
            .try_fold(News::none(), |all, news| async { Ok(all.then(news)) })
            .await
    }

    /// Deletes up to [`MAX_BATCH_WRITE`] items, and what DynamoDB did not get to again.
    pub(super) async fn delete_batch(&self, keys: Vec<Key>) -> Result<(), Error> {
        let deletion = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key.attributes())).build();
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        };
        let doing = "deleting a batch";
        let mut missing: Vec<WriteRequest> = keys
            .iter()
            .map(deletion)
            .collect::<Result<_, _>>()
            .map_err(|cause| Error::defect(doing, &cause))?;
        let mut pause = FIRST_BATCH_PAUSE;
        for _ in 0..MAX_BATCH_ROUNDS {
            if missing.is_empty() {
                return Ok(());
            }
            let request = self
                .client
                .batch_write_item()
                .request_items(&*self.name, missing)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let round_trip = self.meter.start("BatchWriteItem");
            let outcome = self.deadline.bound(request.send()).await;
            self.meter.end(round_trip, outcome.iter().flat_map(|output| output.consumed_capacity()));
            let output = outcome.map_err(|cause| read_error(doing, cause))?;
            missing = output.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            if !missing.is_empty() {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Error::overloaded(doing, &Unprocessed)) }
    }

    /// Changes one item if the condition holds; tells whether it did.
    pub(super) async fn update(
        &self,
        key: &Key,
        change: Change,
        condition: Condition,
    ) -> Result<bool, Error> {
        Ok(self.update_and_read(key, change, condition, ReturnValue::None).await?.is_some())
    }

    /// The same as [`Table::update_and_read`] with the item as it is after the change, where a transaction that is under way
    /// on the item is no reason to start anew.
    pub(super) async fn update_patiently(
        &self,
        key: &Key,
        change: Change,
        condition: Condition,
    ) -> Result<Option<Attributes>, Error> {
        let mut pause = FIRST_CONFLICT_PAUSE;
        for _ in 1..MAX_CONFLICTS {
            let updated = self.update_and_read(key, change.clone(), condition.clone(), ReturnValue::AllNew);
            match updated.await {
                Err(error) if error.is_contested() => tokio::time::sleep(up_to(pause)).await,
                outcome => return outcome,
            }
            pause = (pause * 2).min(LONGEST_CONFLICT_PAUSE);
        }
        self.update_and_read(key, change, condition, ReturnValue::AllNew).await
    }

    /// Changes one item if the condition holds, and reads it as it was before or is after that.
    pub(super) async fn update_and_read(
        &self,
        key: &Key,
        change: Change,
        condition: Condition,
        what: ReturnValue,
    ) -> Result<Option<Attributes>, Error> {
        let expression = Expression::new(change, condition);
        let request = self
            .client
            .update_item()
            .table_name(&*self.name)
            .set_key(Some(key.attributes()))
            .update_expression(expression.update)
            .set_condition_expression(expression.condition)
            .set_expression_attribute_names(expression.names)
            .set_expression_attribute_values(expression.values)
            .return_values(what)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let round_trip = self.meter.start("UpdateItem");
        let outcome = self.deadline.bound(request.send()).await;
        self.meter.end(round_trip, outcome.iter().filter_map(|output| output.consumed_capacity()));
        match outcome {
            Ok(output) => Ok(Some(output.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(None)
            }
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), UpdateItemError::TransactionConflictException(_)) =>
            {
                Err(Error::Contested)
            }
            Err(cause) => Err(read_error("changing an item", cause)),
        }
    }
}

/// Items by key, as a batch read found them.
pub(super) struct Items(HashMap<Key, Attributes>);

impl Items {
    pub(super) fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.0.get(key).cloned().map(from_attributes).transpose()
    }

    /// Takes an item that is needed only once, so that it need not be copied.
    pub(super) fn take(&mut self, key: &Key) -> Option<Attributes> {
        self.0.remove(key)
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }
}

/// DynamoDB kept leaving a part of a batch undone.
#[derive(Debug)]
struct Unprocessed;

impl std::fmt::Display for Unprocessed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("keys stayed unprocessed")
    }
}

impl StdError for Unprocessed {}

/// The codes of what passes when one waits; everything else is a defect or a missing right.
const PASSING_ERRORS: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "LimitExceededException",
    "TransactionInProgressException",
];

fn read_error<E, R>(doing: &str, error: SdkError<E, R>) -> Error
where
    E: StdError + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    let is_passing = match &error {
        SdkError::ServiceError(service) => {
            service.err().code().is_none_or(|code| PASSING_ERRORS.contains(&code))
        }
        SdkError::ConstructionFailure(_) => false,
        _ => true,
    };
    if is_passing { Error::overloaded(doing, &error) } else { Error::defect(doing, &error) }
}

/// Why a transaction was not written.
pub(super) enum Unwritten {
    /// Another transaction was under way on one of the items; nothing is decided.
    Conflict,
    /// Anything else.
    Refused(Error),
}

impl Unwritten {
    fn from_error<R: std::fmt::Debug + 'static>(error: SdkError<TransactWriteItemsError, R>) -> Self {
        let doing = "changing items";
        let reasons: Vec<&str> = match &error {
            SdkError::ServiceError(service) => match service.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                    cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let is = |code: &str| reasons.contains(&code);
        if is("ConditionalCheckFailed") {
            Self::Refused(Error::Contested)
        } else if is("TransactionConflict") {
            Self::Conflict
        } else if is("ThrottlingError") || is("ProvisionedThroughputExceeded") {
            Self::Refused(Error::overloaded(doing, &error))
        } else {
            Self::Refused(read_error(doing, error))
        }
    }
}
