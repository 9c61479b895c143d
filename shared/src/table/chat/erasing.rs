//! Removing messages that nobody reads any more: of a history that was cleared, or of a room that is gone.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::domain::chat::MessageId;
use crate::domain::room::Token;
use crate::table::client::{MAX_BATCH_WRITE, MAX_SIDE_BY_SIDE, Table};
use crate::table::error::Error;
use crate::table::key::Key;

/// How many messages are looked up at a time.
const PAGE: usize = 200;

impl Table {
    /// Removes the messages before this one, as many as there is time for. What stays is read by nobody; it goes when
    /// this is asked for again.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn erase_messages(&self, token: &Token, before: MessageId) -> Result<(), Error> {
        let last = Key::said(token, MessageId(before.0.saturating_sub(1)));
        let first = Key::said(token, MessageId(0));
        while !self.deadline.is_near() {
            let (page, next) = self.query_between(&first, &last, true, None, PAGE).await?;
            let keys: Vec<Key> = page.iter().filter_map(Key::of).collect();
            let batches: Vec<Vec<Key>> = keys.chunks(MAX_BATCH_WRITE).map(<[Key]>::to_vec).collect();
            stream::iter(batches)
                .map(|batch| self.delete_batch(batch))
                .buffer_unordered(MAX_SIDE_BY_SIDE)
                .try_collect::<Vec<()>>()
                .await?;
            if next.is_none() {
                break;
            }
        }
        Ok(())
    }
}
