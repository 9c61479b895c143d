//! What members of a room say to one another.

use futures_util::future::try_join3;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::domain::account::UserId;
use shared::domain::occupancy::{Occupancy, Peer};
use shared::domain::room::SessionId;
use shared::domain::socket::PublicId;
use shared::herald::frame::{self, Kind};
use shared::table::{Connected, Error, Kept, Outgoing, Place, SignalingSession};

use crate::courier;
use crate::event::Frame;
use crate::protocol::{Reply, Request};
use crate::work::Work;

/// The longest message, in bytes, as for those who poll.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// What somebody says, and to whom.
#[derive(Serialize, Deserialize)]
pub(crate) struct Words {
    pub(crate) is_control: bool,
    pub(crate) scope: Scope,
    pub(crate) data: Value,
}

/// To whom something is said.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scope {
    /// To one address in the room.
    Session(String),
    /// To all sessions of a user in the room.
    User(String),
    /// To everybody in the room.
    Room,
    /// To everybody in the room who is in the call.
    Call,
}

/// Who says something, and where.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) public: &'a PublicId,
    pub(crate) user: Option<&'a UserId>,
    pub(crate) place: &'a Place,
}

impl Sender<'_> {
    /// As whom the sender is in the room.
    pub(crate) const fn person(&self) -> (Option<&UserId>, Option<&SessionId>) {
        (self.user, self.place.session.as_ref())
    }
}

impl Words {
    fn new(kind: Kind, mut body: Map<String, Value>) -> Result<Self, &'static str> {
        let Some(Value::Object(recipient)) = body.remove("recipient") else {
            return Err("recipient is missing.");
        };
        let text = |name: &str| recipient.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let scope = match text("type") {
            Some("session") => {
                Scope::Session(text("sessionid").ok_or("recipient.sessionid is missing.")?.to_owned())
            }
            Some("user") => Scope::User(text("userid").ok_or("recipient.userid is missing.")?.to_owned()),
            Some("room") => Scope::Room,
            Some("call") => Scope::Call,
            _ => return Err("recipient.type must be session, user, room or call."),
        };
        let data = body.remove("data").filter(|data| !data.is_null()).ok_or("data is missing.")?;
        Ok(Self { is_control: kind == Kind::Control, scope, data })
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The one session that it is for; `None` when it is for several, or for somebody who polls.
    pub(crate) fn public(&self) -> Option<PublicId> {
        match &self.scope {
            Scope::Session(address) => PublicId::parse(address),
            Scope::User(_) | Scope::Room | Scope::Call => None,
        }
    }

    /// Whether it opens what everything else belongs to: it is not held, and what follows it is.
    fn is_description(&self) -> bool {
        let kind = self.data.get("type").and_then(Value::as_str);
        matches!(self.scope, Scope::Session(_))
            && !self.is_control
            && matches!(kind, Some("offer" | "answer"))
    }

    /// Whether it is for a session in the same room; `room` is read where that depends on the call.
    pub(crate) fn are_for(&self, session: &SignalingSession, room: Option<&Occupancy>) -> bool {
        match &self.scope {
            Scope::Session(address) => address == session.public.as_str(),
            Scope::User(id) => session.user.as_ref().is_some_and(|user| user.as_str() == id),
            Scope::Room => true,
            Scope::Call => room.is_some_and(|room| {
                room.peers().any(|peer| peer.address.as_str() == session.public.as_str())
            }),
        }
    }

    /// Whether it is for somebody in the call who polls.
    pub(crate) fn are_for_peer(&self, peer: &Peer<'_>, sender: Sender<'_>) -> bool {
        if Some(peer.session) == sender.place.session.as_ref() {
            return false;
        }
        match &self.scope {
            Scope::Session(address) => address == peer.address.as_str(),
            Scope::User(id) => peer.user.is_some_and(|user| user.as_str() == id),
            Scope::Room | Scope::Call => true,
        }
    }

    /// The frame for a recipient. What the sender says of itself is made true: some clients believe it.
    pub(crate) fn frame(&self, sender: Sender<'_>) -> String {
        let kind = if self.is_control { Kind::Control } else { Kind::Message };
        let scope = match &self.scope {
            Scope::Session(_) => "session",
            Scope::User(_) => "user",
            Scope::Room => "room",
            Scope::Call => "call",
        };
        let mut data = self.data.clone();
        if let Some(from) = data.get_mut("from") {
            *from = json!(sender.public.as_str());
        }
        frame::message(kind, scope, sender.public.as_str(), sender.user, &data).to_string()
    }

    /// The text for somebody who polls; `None` for what such a client does not know.
    pub(crate) fn polled(&self, sender: Sender<'_>) -> Option<String> {
        if self.is_control {
            return None;
        }
        let mut data = self.data.as_object()?.clone();
        data.insert("from".to_owned(), json!(sender.public.as_str()));
        Some(Value::Object(data).to_string())
    }
}

/// Says something to others in the room. Those who are not there get nothing, and the sender does not learn of it.
pub(crate) async fn say(
    work: &Work<'_>,
    frame: &Frame,
    connected: &Connected,
    other: Option<SignalingSession>,
    request: &Request,
    kind: Kind,
) -> Result<Reply, Error> {
    let words = match request.body.clone().map(|body| Words::new(kind, body)) {
        Some(Ok(words)) => words,
        Some(Err(sentence)) => return Ok(Reply::malformed(sentence)),
        None => return Ok(Reply::malformed("The message is missing.")),
    };
    if frame.text.len() > MAX_MESSAGE_BYTES {
        let sentence = format!("A message must have at most {MAX_MESSAGE_BYTES} bytes.");
        return Ok(Reply::Refusal("invalid_format", sentence));
    }
    let Some(place) = &connected.place else { return Ok(Reply::Nothing) };
    let sender = Sender { public: &connected.public, user: connected.user.as_ref(), place };
    if words.is_description() {
        match at_once(work, frame, sender, other, &words).await? {
            Urgent::Done(reply) => return Ok(reply),
            Urgent::HasToWait => {}
        }
    } else if !count(work, frame, sender).await? {
        return Ok(too_much());
    }
    let text = serde_json::to_string(&words).unwrap_or_default();
    let message = Outgoing { text, place: place.clone(), milliseconds: frame.milliseconds };
    match work.table.keep_outgoing(sender.public, &frame.id, &message, work.now()).await? {
        Kept::Yes => {}
        Kept::Full => return Ok(too_much()),
        Kept::Gone => return Ok(Reply::Nothing),
    }
    courier::empty_outbox(work, sender.public, &frame.id, frame.milliseconds).await?;
    Ok(Reply::Nothing)
}

/// A link must not be enough to fill the table: what guests write in a minute is counted, as for those who poll.
async fn count(work: &Work<'_>, frame: &Frame, sender: Sender<'_>) -> Result<bool, Error> {
    match sender.person() {
        (None, Some(session)) => {
            let token = &sender.place.token;
            work.table.count_guest(token, session, frame.text.len(), work.now()).await
        }
        _ => Ok(true),
    }
}

fn too_much() -> Reply {
    Reply::Refusal(
        "too_many_requests",
        "More messages wait, or were written this minute, than may.".to_owned(),
    )
}

enum Urgent {
    Done(Reply),
    /// Something that was said before is not handed on yet.
    HasToWait,
}

async fn at_once(
    work: &Work<'_>,
    frame: &Frame,
    sender: Sender<'_>,
    other: Option<SignalingSession>,
    words: &Words,
) -> Result<Urgent, Error> {
    let counted = count(work, frame, sender);
    let Some(recipient) = other else {
        // Those who poll look once a second: nothing is gained by haste.
        return Ok(if counted.await? { Urgent::HasToWait } else { Urgent::Done(too_much()) });
    };
    let token = &sender.place.token;
    if recipient.place.as_ref().is_none_or(|place| place.token != *token) {
        return Ok(Urgent::Done(Reply::Nothing));
    }
    let people = [sender.person(), courier::person(&recipient)];
    let admitted = work.table.admitted(token, &people, work.now());
    let earlier = work.table.outgoing(sender.public, frame.milliseconds);
    let (admitted, (earlier, _), counted) = try_join3(admitted, earlier, counted).await?;
    if admitted.contains(&None) || recipient.public == *sender.public {
        return Ok(Urgent::Done(Reply::Nothing));
    }
    if !counted {
        return Ok(Urgent::Done(too_much()));
    }
    if earlier.iter().any(|message| concerns(message, words)) {
        return Ok(Urgent::HasToWait);
    }
    let is_all = courier::to_socket(work, &recipient, vec![words.frame(sender)]).await?;
    Ok(Urgent::Done(if is_all { Reply::Nothing } else { too_much() }))
}

/// Whether a message that waits goes to the same recipient.
fn concerns(message: &Outgoing, words: &Words) -> bool {
    match Words::read(&message.text).map(|earlier| earlier.scope) {
        Some(scope @ Scope::Session(_)) => scope == words.scope,
        Some(_) => true,
        None => false,
    }
}
