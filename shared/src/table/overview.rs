//! The calls of the whole tenant. There is no list of them, because keeping one would be paid for by everybody who
//! joins; they are found by what people and sockets are in.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::client::{MAX_SIDE_BY_SIDE, Table};
use super::error::Error;
use super::item::CallItem;
use super::key::Key;
use crate::domain::account::UserId;
use crate::domain::occupancy::Occupancy;
use crate::domain::room::Token;
use crate::domain::time::Timestamp;

impl Table {
    /// The rooms in whose calls somebody is, in the order of their tokens. A call in which only guests are, and none
    /// of them by a socket, is not found.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn rooms_with_calls(&self, now: Timestamp) -> Result<Vec<Occupancy>, Error> {
        let (mut tokens, by_sockets) =
            futures_util::future::try_join(self.users_calls(), self.sockets()).await?;
        tokens.extend(by_sockets.into_iter().filter_map(|socket| Some(socket.place?.token)));
        let partitions: Vec<_> = stream::iter(tokens)
            .map(|token| async move { self.stored_partition(&token).await })
            .buffered(MAX_SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let rooms = partitions.iter().filter_map(|partition| partition.occupancy(now));
        Ok(rooms.filter(|room| room.peers().next().is_some()).collect())
    }

    /// The rooms that people with an account have a session in.
    async fn users_calls(&self) -> Result<BTreeSet<Token>, Error> {
        let users = self.list_users("", None, 0).await?;
        let users = users.iter().filter_map(|user| UserId::parse(&user.id));
        let keys: Vec<Key> = users.map(|user| Key::my_call(&user)).collect();
        let items = self.get_all(&keys).await?;
        let mut tokens = BTreeSet::new();
        for key in &keys {
            tokens.extend(items.read::<CallItem>(key)?.map(|call| call.token));
        }
        Ok(tokens)
    }
}
