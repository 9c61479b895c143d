//! What the sockets in a room were last told, and whose turn it is to tell them more.
//!
//! Two who tell at once could end with the older news. So one at a time does, and what is told is the difference
//! between what was told and what is. Those who find another one telling leave word that there is more, and wait until
//! that is told, too; should the other one die, one of them goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::account::UserId;
use crate::domain::room::{ParticipantType, Token};
use crate::domain::socket::PublicId;
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::from_attributes;
use crate::table::key::Key;
use crate::table::transaction::{Change, Condition};

/// For how long one tells before others may take over, in milliseconds.
const TURN_MILLISECONDS: i64 = 20_000;
/// How long a roster is kept after the last change, in seconds.
const ROSTER_SECONDS: i64 = 24 * 60 * 60;
/// The most bytes of addresses that are kept: of those beyond, nobody is told by name that they left.
const MAX_TOLD_BYTES: usize = 200 * 1024;

/// Somebody in the call, as the sockets in the room were told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ToldPeer {
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// By its number.
    pub participant_type: u8,
}

impl ToldPeer {
    /// Somebody in the call.
    #[must_use]
    pub fn new(address: &str, user: Option<&UserId>, participant_type: ParticipantType) -> Self {
        Self { address: address.to_owned(), user: user.cloned(), participant_type: participant_type.number() }
    }
}

/// What the sockets in a room were told.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The sessions in the room, each with how often it was resumed by then.
    #[serde(default)]
    pub members: BTreeMap<PublicId, u64>,
    /// Who is in the call.
    #[serde(default)]
    pub peers: BTreeSet<ToldPeer>,
}

#[derive(Default, Deserialize)]
struct RosterItem {
    #[serde(default)]
    told: Told,
    /// How often something was to be told.
    #[serde(default)]
    wanted: u64,
    /// How much of that is done.
    #[serde(default)]
    done: u64,
    /// Until when somebody has the turn, in milliseconds.
    #[serde(default)]
    until: i64,
}

/// Whose turn it is.
pub enum Roster {
    /// One's own, with what was told so far.
    Mine(Turn, Told),
    /// Another one's, who tells up to this as well.
    Others(u64),
}

/// The right to tell the sockets in a room.
pub struct Turn {
    token: Token,
    owner: String,
    wanted: u64,
}

impl Table {
    /// Asks for the turn to tell the sockets in a room. `owner` is a random text of one's own.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn take_turn(&self, token: &Token, owner: &str, milliseconds: i64) -> Result<Roster, Error> {
        let key = Key::roster(token);
        let expires_at = Timestamp(milliseconds / 1000).plus(ROSTER_SECONDS);
        let wanted = Change::default().add("wanted", 1).set("expires_at", &expires_at)?;
        let turn = wanted
            .clone()
            .set("until", &milliseconds.saturating_add(TURN_MILLISECONDS))?
            .set("owner", &owner)?;
        let free = Condition::default().missing_or_at_most("until", milliseconds.unsigned_abs());
        if let Some(item) = self.update_patiently(&key, turn, free).await? {
            let item: RosterItem = from_attributes(item)?;
            let turn = Turn { token: token.clone(), owner: owner.to_owned(), wanted: item.wanted };
            return Ok(Roster::Mine(turn, item.told));
        }
        let item = self.update_patiently(&key, wanted, Condition::default()).await?;
        let item: RosterItem = item.map(from_attributes).transpose()?.unwrap_or_default();
        Ok(Roster::Others(item.wanted))
    }

    /// What the sockets in a room were told; `None` while more is to be told.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn told(&self, token: &Token) -> Result<Option<Told>, Error> {
        let item: RosterItem = self.get(&Key::roster(token)).await?.unwrap_or_default();
        Ok((item.done >= item.wanted).then_some(item.told))
    }

    /// Whether all that was wanted by then is told, or nobody has the turn any more: `Some(true)` or `Some(false)`.
    /// `None` while somebody is.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn is_told(
        &self,
        token: &Token,
        wanted: u64,
        milliseconds: i64,
    ) -> Result<Option<bool>, Error> {
        let item: RosterItem = self.get(&Key::roster(token)).await?.unwrap_or_default();
        if item.done >= wanted {
            return Ok(Some(true));
        }
        Ok((item.until <= milliseconds).then_some(false))
    }

    /// Notes what was told. `None` when that was all; otherwise the turn goes on, because there is more.
    ///
    /// # Errors
    /// Contested when another one took over meanwhile.
    pub async fn end_turn(&self, turn: Turn, told: &Told, milliseconds: i64) -> Result<Option<Turn>, Error> {
        let key = Key::roster(&turn.token);
        let told = Change::default().set("told", &within_bounds(told))?.set("done", &turn.wanted)?;
        let mine = Condition::default().with("owner", &turn.owner)?;
        let all = mine.clone().with("wanted", &turn.wanted)?;
        if self.update(&key, told.clone().set("until", &0)?, all).await? {
            return Ok(None);
        }
        let more = told.set("until", &milliseconds.saturating_add(TURN_MILLISECONDS))?;
        let item = self.update_patiently(&key, more, mine).await?;
        let item: RosterItem = from_attributes(item.ok_or(Error::Contested)?)?;
        Ok(Some(Turn { wanted: item.wanted, ..turn }))
    }
}

/// As much as fits an item of 400 KB beside the sessions in the room.
fn within_bounds(told: &Told) -> Told {
    let mut bytes = 0_usize;
    let peers = told.peers.iter().take_while(|peer| {
        bytes = bytes.saturating_add(peer.address.len());
        bytes <= MAX_TOLD_BYTES
    });
    Told { members: told.members.clone(), peers: peers.cloned().collect() }
}
