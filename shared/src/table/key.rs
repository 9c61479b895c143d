//! Where each item lies. What is read together has one partition key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::account::{GroupId, UserId};
use crate::domain::address::Address;
use crate::domain::app_password::Locator;
use crate::domain::chat::MessageId;
use crate::domain::guesses::Source;
use crate::domain::room::{GuestId, Pair, Token};
use crate::domain::secret::Digest;
use crate::domain::socket::{ConnectionId, PublicId};

/// The name of the partition key.
pub(crate) const PARTITION_KEY: &str = "pk";
/// The name of the sort key.
pub(crate) const SORT_KEY: &str = "sk";

pub(super) const ROOM: &str = "ROOM";
pub(super) const USER_PREFIX: &str = "USER#";
pub(super) const USER_PRESENCE_PREFIX: &str = "PRESENCE#USER#";
pub(super) const GUEST_PRESENCE_PREFIX: &str = "PRESENCE#GUEST#";
pub(super) const ROOM_PREFIX: &str = "ROOM#";
pub(super) const GROUP: &str = "GROUP";
pub(super) const GROUP_PREFIX: &str = "GROUP#";
pub(super) const APP_PREFIX: &str = "APP#";
pub(super) const SOCKETS: &str = "SOCKETS";
pub(super) const HALL_PREFIX: &str = "HALL#";
pub(super) const SESSION_PREFIX: &str = "SESSION#";

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    /// A partition in which no item ever lies.
    pub(super) const NOWHERE: &str = "NOWHERE";

    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    pub(crate) fn room(token: &Token) -> Self {
        Self::new(Self::room_partition(token), ROOM)
    }

    pub(super) fn room_partition(token: &Token) -> String {
        format!("{ROOM_PREFIX}{token}")
    }

    pub(super) fn participant(token: &Token, user: &UserId) -> Self {
        Self::new(Self::room_partition(token), format!("{USER_PREFIX}{user}"))
    }

    /// That a group was invited as such.
    pub(super) fn invited_group(token: &Token, group: &GroupId) -> Self {
        Self::new(Self::room_partition(token), Self::group_partition(group))
    }

    pub(super) fn user_presence(token: &Token, user: &UserId) -> Self {
        Self::new(Self::room_partition(token), format!("{USER_PRESENCE_PREFIX}{user}"))
    }

    pub(super) fn guest_presence(token: &Token, guest: &GuestId) -> Self {
        Self::new(Self::room_partition(token), format!("{GUEST_PRESENCE_PREFIX}{}", guest.as_str()))
    }

    pub(super) fn user_partition(user: &UserId) -> String {
        format!("{USER_PREFIX}{user}")
    }

    pub(super) fn my_room(user: &UserId, token: &Token) -> Self {
        Self::new(Self::user_partition(user), Self::room_partition(token))
    }

    pub(super) fn my_call(user: &UserId) -> Self {
        Self::new(Self::user_partition(user), "CALL")
    }

    pub(super) fn account(user: &UserId) -> Self {
        Self::new(Self::user_partition(user), "ACCOUNT")
    }

    pub(super) fn app_password(user: &UserId, digest: &Digest) -> Self {
        Self::new(Self::user_partition(user), format!("{APP_PREFIX}{}", digest.as_str()))
    }

    /// Whose app passwords end like this.
    pub(super) fn locator(locator: &Locator) -> Self {
        Self::new(format!("LOCATOR#{}", locator.as_str()), "LOCATOR")
    }

    /// What the user says of itself.
    pub(super) fn status(user: &UserId) -> Self {
        Self::new(Self::user_partition(user), "STATUS")
    }

    pub(super) fn my_group(user: &UserId, group: &GroupId) -> Self {
        Self::new(Self::user_partition(user), Self::group_partition(group))
    }

    pub(super) fn group_partition(group: &GroupId) -> String {
        format!("{GROUP_PREFIX}{}", group.as_str())
    }

    pub(super) fn group(group: &GroupId) -> Self {
        Self::new(Self::group_partition(group), GROUP)
    }

    pub(super) fn group_member(group: &GroupId, user: &UserId) -> Self {
        Self::new(Self::group_partition(group), Self::user_partition(user))
    }

    pub(super) fn pair(pair: &Pair) -> Self {
        let (one, other) = pair.ids();
        Self::new(format!("PAIR#{one}#{other}"), "PAIR")
    }

    /// What happened to the call of a room. Apart from the room, because it outlives it for a while.
    pub(super) fn signals(token: &Token) -> Self {
        Self::new(format!("SIGNALS#{token}"), "SIGNALS")
    }

    /// Where messages for somebody wait.
    pub(super) fn queue_partition(address: Address<'_>) -> String {
        format!("QUEUE#{}", Digest::of(address.as_str().as_bytes()).as_str())
    }

    /// A waiting message; the number has as many digits as the largest, so that keys sort like numbers.
    pub(super) fn message(address: Address<'_>, number: u64) -> Self {
        Self::new(Self::queue_partition(address), format!("MESSAGE#{number:020}"))
    }

    /// What was said in a room. Apart from the room, so that a look at that does not read it; the number has as many digits
    /// as the largest.
    pub(super) fn said(token: &Token, id: MessageId) -> Self {
        Self::new(format!("CHAT#{token}"), format!("{:020}", id.0))
    }

    /// All open sockets in one partition, so that going through them needs no scan.
    pub(super) fn socket(connection: &ConnectionId) -> Self {
        Self::new(SOCKETS.to_owned(), connection.as_str())
    }

    /// A session of signaling.
    pub(super) fn signaling_session(public: &PublicId) -> Self {
        Self::new(format!("SESSION#{}", public.as_str()), "SESSION")
    }

    /// What a session of signaling says and is not handed on yet.
    pub(super) fn outbox_partition(public: &PublicId) -> String {
        format!("OUTBOX#{}", public.as_str())
    }

    /// Such a message, in the order of the moments at which the gateway took it.
    pub(super) fn outgoing(public: &PublicId, milliseconds: i64, id: &str) -> Self {
        Self::new(Self::outbox_partition(public), format!("{milliseconds:016}#{id}"))
    }

    /// Who is in a room by a socket. Apart from the room, so that nobody else reads it.
    pub(super) fn hall_partition(token: &Token) -> String {
        format!("{HALL_PREFIX}{token}")
    }

    pub(super) fn in_hall(token: &Token, public: &PublicId) -> Self {
        Self::new(Self::hall_partition(token), format!("{SESSION_PREFIX}{}", public.as_str()))
    }

    /// What the sockets in a room were last told.
    pub(super) fn roster(token: &Token) -> Self {
        Self::new(Self::hall_partition(token), "ROSTER")
    }

    /// The open sockets of a user.
    pub(super) fn my_sockets(user: &UserId) -> Self {
        Self::new(Self::user_partition(user), SOCKETS)
    }

    /// The number in the key of a message.
    pub(super) fn message_number(&self) -> Option<u64> {
        self.sk.strip_prefix("MESSAGE#")?.parse().ok()
    }

    /// What proves to the signaling server who somebody is.
    pub(super) fn ticket_secret(user: Option<&UserId>) -> Self {
        let partition = user.map_or_else(|| "GUESTS".to_owned(), Self::user_partition);
        Self::new(partition, "TICKET")
    }

    /// All accounts in one partition, so that listing them needs no scan.
    pub(super) fn listed_user(user: &UserId) -> Self {
        Self::new("USERS".to_owned(), Self::user_partition(user))
    }

    /// All groups in one partition.
    pub(super) fn listed_group(group: &GroupId) -> Self {
        Self::new("GROUPS".to_owned(), Self::group_partition(group))
    }

    /// How an id is spelled, whatever case somebody writes it in.
    pub(super) fn spelling(user: &UserId) -> Self {
        Self::new(format!("SPELLING#{}", user.as_str().to_lowercase()), "SPELLING")
    }

    /// What was tried from one source. All of them lie in one partition.
    pub(super) fn guesses(source: &Source) -> Self {
        Self::new("GUESSES".to_owned(), source.as_str())
    }

    /// The key as attributes.
    pub(super) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PARTITION_KEY.to_owned(), AttributeValue::S(self.pk.clone())),
            (SORT_KEY.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// Takes the key out of a stored item; `None` when it has none, which DynamoDB rules out.
    pub(super) fn take(item: &mut HashMap<String, AttributeValue>) -> Option<Self> {
        let mut text = |name| match item.remove(name)? {
            AttributeValue::S(text) => Some(text),
            _ => None,
        };
        Some(Self { pk: text(PARTITION_KEY)?, sk: text(SORT_KEY)? })
    }

    /// The key of a stored item; `None` when it has none, which DynamoDB rules out.
    pub(super) fn of(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        Some(Self { pk: text(PARTITION_KEY)?, sk: text(SORT_KEY)? })
    }
}
