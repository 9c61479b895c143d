//! How far people have read.

use super::reading::Range;
use crate::domain::chat::{Marker, MarkerId, MessageId};
use crate::domain::permission::Member;
use crate::domain::room::{Room, Token};
use crate::domain::time::Timestamp;
use crate::table::client::Table;
use crate::table::error::Error;
use crate::table::item::{LEFT_AT, MARKER, ParticipantItem};
use crate::table::key::Key;
use crate::table::partition::Partition;
use crate::table::text::Text;
use crate::table::transaction::{Change, Condition};

/// How often it is worked out anew up to where everybody has read when somebody else does the same.
const ATTEMPTS: usize = 4;
/// How long the common read marker may be out of date, in seconds: somebody may read on at the moment at which the
/// slowest reader leaves.
const CHECKED_SECONDS: i64 = 60 * 60;
/// How many messages are read at a time to find the latest one of people.
const LOOKED_AT: usize = 20;

impl Table {
    /// The marker of somebody who has read up to a message; it need not be there any more.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn marker_at(&self, room: &Room, id: MessageId, now: Timestamp) -> Result<Marker, Error> {
        if id >= room.chat.said {
            return Ok(room.chat.end());
        }
        let range = Range::Before { id, is_included: true };
        let last = self.page(&room.token, range, 1, now).await?.messages.pop();
        let count = last.map_or(room.chat.cleared_count, |message| message.count);
        Ok(Marker { id: id.into(), count })
    }

    /// The marker of somebody to whom the latest message of people is to be new.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn marker_before_the_last(&self, room: &Room, now: Timestamp) -> Result<Marker, Error> {
        let nothing = Marker { id: MarkerId::NOTHING, count: room.chat.cleared_count };
        let mut range = Range::Before { id: room.chat.said, is_included: true };
        loop {
            let page = self.page(&room.token, range, LOOKED_AT, now).await?;
            let mut messages = page.messages.iter().filter(|it| it.id > room.chat.cleared);
            if let Some(last) = messages.find(|it| it.verb.is_of_people() && it.deleted.is_none()) {
                let before = Range::Before { id: last.id, is_included: false };
                let before = self.page(&room.token, before, 1, now).await?.messages.pop();
                let before = before.filter(|message| message.id > room.chat.cleared);
                return Ok(before.map_or(nothing, |it| Marker { id: it.id.into(), count: it.count }));
            }
            match page.last {
                Some(id) if id > room.chat.cleared => range = Range::Before { id, is_included: false },
                _ => return Ok(nothing),
            }
        }
    }

    /// Notes how far a member says they have read, and up to where everybody has if that may have changed.
    ///
    /// # Errors
    /// Contested when the member is gone by now.
    pub async fn mark(&self, member: &Member, marker: Marker, now: Timestamp) -> Result<(), Error> {
        if self.set_marker(member, marker, Condition::exists()).await? {
            return self.note_read(member, marker, now).await;
        }
        Err(Error::Contested)
    }

    /// Notes how far a member has read, by what the member asks for. What somebody said meanwhile, or marked on another
    /// device, stays.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn mark_on(&self, member: &Member, marker: Marker, now: Timestamp) -> Result<(), Error> {
        let known = member.attendance().marker;
        let unmoved = match known == Marker::default() {
            // Rows from earlier releases have none.
            true => Condition::exists().missing_or_is(MARKER, &Text(&known))?,
            false => Condition::exists().with(MARKER, &Text(&known))?,
        };
        match self.set_marker(member, marker, unmoved).await? {
            true => self.note_read(member, marker, now).await,
            false => Ok(()),
        }
    }

    async fn set_marker(&self, member: &Member, marker: Marker, condition: Condition) -> Result<bool, Error> {
        let key = Key::participant(&member.room().token, member.user());
        let change = Change::default().set(MARKER, &Text(&marker))?;
        self.update(&key, change, condition.without(LEFT_AT)).await
    }

    async fn note_read(&self, member: &Member, marker: Marker, now: Timestamp) -> Result<(), Error> {
        let room = member.room();
        let was_last = member.attendance().marker.id.min(marker.id) <= room.common_read;
        if was_last || is_due(room.common_read_at, now) {
            self.note_common_read(&room.token, now).await?;
        }
        Ok(())
    }

    /// Works out anew up to where everybody has read, if one of those who left was the last to read. They have left
    /// already, so that a failure concerns nobody; whoever reads an hour later makes up for it.
    pub(in crate::table) async fn note_departure(
        &self,
        room: &Room,
        left: impl IntoIterator<Item = MarkerId>,
        now: Timestamp,
    ) {
        if left.into_iter().any(|marker| marker <= room.common_read) {
            let _ = self.note_common_read(&room.token, now).await;
        }
    }

    /// Notes up to where everybody has read.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn note_common_read(&self, token: &Token, now: Timestamp) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let partition = self.stored_partition(token).await?;
            let Some(room) = &partition.room else { return Ok(()) };
            let common = common_read(&partition);
            if common == room.common_read && !is_due(room.common_read_at, now) {
                return Ok(());
            }
            let known = Some(room.reads).filter(|reads| *reads > 0);
            let unread = Condition::exists().same("reads", known.as_ref())?;
            let change = Change::default().set("common_read", &common)?.set("common_read_at", &now)?;
            let change = change.add("reads", 1);
            match self.update(&Key::room(token), change, unread).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.is_contested() => {}
                Err(error) => return Err(error),
            }
        }
        // Somebody who reads next works it out again.
        Ok(())
    }
}

/// Whether it was last worked out so long ago that it may be wrong.
fn is_due(worked_out_at: Timestamp, now: Timestamp) -> bool {
    worked_out_at <= now.minus(CHECKED_SECONDS)
}

/// Up to which message everybody with an account has read.
fn common_read(partition: &Partition) -> MarkerId {
    let rows = partition.users.values().filter_map(|row| row.participant.as_ref());
    let markers = rows.filter(|row: &&ParticipantItem| row.is_present()).map(|row| row.marker.id);
    markers.min().unwrap_or_default().max(MarkerId::default())
}
