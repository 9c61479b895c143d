//! The table's stream: what was committed reaches the function, in order, each until it took it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::filter::Filters;
use super::function::Function;

/// How often the stream is looked at when nothing came; Lambda does four times a second.
const PAUSE: Duration = Duration::from_millis(50);
/// The most records of one event.
const BATCH: usize = 100;
/// How often the function is handed the same records.
const ATTEMPTS: usize = 3;

/// What carries changes from the table to the function, until this value ends. What the function was handed by then it
/// finishes.
pub struct Changes {
    is_over: Arc<AtomicBool>,
    /// How often there was nothing more to hand over.
    rests: watch::Receiver<u64>,
}

impl Changes {
    /// Begins with what is committed from now on.
    ///
    /// # Errors
    /// When the table has no stream, or the template no filters.
    pub fn carry(
        storage: dynoxide::Database,
        table: &str,
        function: Arc<dyn Function>,
    ) -> Result<Self, String> {
        let filters = Filters::of_the_template()?;
        let mut next = start(&storage, table).map_err(|cause| format!("The table has no stream: {cause}"))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let (rest, rests) = watch::channel(0);
        tokio::spawn(async move {
            while let Some(iterator) = next.filter(|_| !over.load(Ordering::Relaxed)) {
                let request = GetRecordsRequest { shard_iterator: iterator.clone(), limit: Some(BATCH) };
                let Ok(page) = storage.get_records(request) else { return };
                let records: Vec<Value> = page.records.iter().map(|record| json!(record)).collect();
                let is_empty = records.is_empty();
                let records: Vec<Value> =
                    records.into_iter().filter(|record| filters.let_pass(record)).collect();
                if !records.is_empty() {
                    hand_over(&*function, &json!({ "Records": records })).await;
                }
                next = page.next_shard_iterator;
                if is_empty {
                    rest.send_modify(|count| *count += 1);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        });
        Ok(Self { is_over, rests })
    }

    /// Waits until everything that is committed by now was handed over.
    pub fn caught_up(&self) -> impl Future<Output = ()> + use<> {
        let mut rests = self.rests.clone();
        async move {
            // The rest that is under way may have begun before.
            let enough = *rests.borrow() + 2;
            let _ = rests.wait_for(|count| *count >= enough).await;
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn start(storage: &dynoxide::Database, table: &str) -> dynoxide::errors::Result<Option<String>> {
    let streams = storage
        .list_streams(ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() })?;
    let Some(stream) = streams.streams.into_iter().next() else { return Ok(None) };
    let description = storage.describe_stream(DescribeStreamRequest {
        stream_arn: stream.stream_arn.clone(),
        ..Default::default()
    })?;
    let Some(shard) = description.stream_description.shards.into_iter().next_back() else { return Ok(None) };
    let iterator = storage.get_shard_iterator(GetShardIteratorRequest {
        stream_arn: stream.stream_arn,
        shard_id: shard.shard_id,
        shard_iterator_type: "LATEST".to_owned(),
        sequence_number: None,
    })?;
    Ok(iterator.shard_iterator)
}

async fn hand_over(function: &dyn Function, event: &Value) {
    for _ in 0..ATTEMPTS {
        if function.invoke(event.clone()).await.is_ok() {
            return;
        }
    }
}
