//! From a frame to what it asks for.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use shared::domain::socket::PublicId;
use shared::herald::frame;
use shared::table::{Connected, Error, SignalingSession};

use crate::event::Frame;
use crate::work::Work;
use crate::{room, session, talk};

/// How long a socket may try to say hello, in milliseconds. One that says nothing at all is cut by the gateway, after
/// ten minutes that cost nothing.
const HELLO_MILLISECONDS: i64 = 60_000;
/// A frame that lost a race is not tried again later than this.
const ATTEMPTS_WITHIN: Duration = Duration::from_secs(5);
/// The pause before the next attempt.
const PAUSE: Duration = Duration::from_millis(20);

/// What a client asks for.
pub(crate) struct Request {
    /// Echoed in the answer, by which a client tells it from an event.
    pub(crate) id: Option<Value>,
    pub(crate) kind: String,
    /// The part that is called like the type.
    pub(crate) body: Option<Map<String, Value>>,
}

/// What a client is told.
pub(crate) enum Reply {
    Nothing,
    /// An answer.
    Answer(Value),
    /// A refusal, by its code and a sentence.
    Refusal(&'static str, String),
    /// A refusal after which the socket is closed.
    Farewell(&'static str, String),
}

impl Reply {
    /// The refusal of what lacks something.
    pub(crate) fn malformed(sentence: &str) -> Self {
        Self::Refusal("invalid_format", sentence.to_owned())
    }
}

impl Request {
    /// Reads a frame; `None` when it is not what the protocol speaks.
    fn read(text: &str) -> Option<Self> {
        let Value::Object(mut fields) = serde_json::from_str(text).ok()? else { return None };
        let Some(Value::String(kind)) = fields.remove("type") else { return None };
        let body = match fields.remove(&kind) {
            Some(Value::Object(body)) => Some(body),
            _ => None,
        };
        Some(Self { id: fields.remove("id"), kind, body })
    }

    /// The answer to this request.
    pub(crate) fn answered(&self, answer: Value) -> Value {
        match (answer, &self.id) {
            (Value::Object(mut fields), Some(id)) => {
                fields.insert("id".to_owned(), id.clone());
                Value::Object(fields)
            }
            (answer, _) => answer,
        }
    }

    /// The session that a message is for, if it is for one.
    fn recipient(&self) -> Option<PublicId> {
        let recipient = self.body.as_ref()?.get("recipient")?;
        PublicId::parse(recipient.get("sessionid")?.as_str()?)
    }
}

/// Answers a frame.
///
/// # Errors
/// When the table fails; the client has been told then.
pub(crate) async fn answer(work: &Work<'_>, frame: &Frame) -> Result<(), Error> {
    let request = Request::read(&frame.text);
    let (reply, outcome) = match settle(work, frame, request.as_ref()).await {
        Ok(reply) => (reply, Ok(())),
        Err(error) => {
            let sentence = "This could not be done at the moment. Try again.".to_owned();
            (Reply::Refusal("processing_failed", sentence), Err(error))
        }
    };
    let (answer, is_last) = match reply {
        Reply::Nothing => return outcome,
        Reply::Answer(answer) => (answer, false),
        Reply::Refusal(code, sentence) => (frame::error(code, &sentence), false),
        Reply::Farewell(code, sentence) => (frame::error(code, &sentence), true),
    };
    let answer = match &request {
        Some(request) => request.answered(answer),
        None => answer,
    };
    work.post(&frame.connection, &answer).await;
    if is_last {
        work.close(&frame.connection).await;
    }
    outcome
}

/// Does what a frame asks for, and starts again when somebody else was faster.
async fn settle(work: &Work<'_>, frame: &Frame, request: Option<&Request>) -> Result<Reply, Error> {
    let started = Instant::now();
    loop {
        match dispatch(work, frame, request).await {
            Err(error) if error.is_contested() && started.elapsed() < ATTEMPTS_WITHIN => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

async fn dispatch(work: &Work<'_>, frame: &Frame, request: Option<&Request>) -> Result<Reply, Error> {
    let (connected, other) = who(work, frame, request).await?;
    match (connected, request) {
        (Some(_), None) => Ok(Reply::malformed("A frame must be a JSON object with a type.")),
        (None, None) => {
            Ok(Reply::Farewell("invalid_format", "A frame must be a JSON object with a type.".to_owned()))
        }
        (None, Some(request)) if request.kind == "hello" => {
            let reply = session::hello(work, frame, request).await?;
            let is_late = work.milliseconds().saturating_sub(frame.opened) > HELLO_MILLISECONDS;
            Ok(match reply {
                Reply::Refusal(code, sentence) if is_late => Reply::Farewell(code, sentence),
                reply => reply,
            })
        }
        (None, Some(_)) => Ok(Reply::Farewell("hello_expected", "Say hello first.".to_owned())),
        (Some(connected), Some(request)) => match request.kind.as_str() {
            "bye" => session::bye(work, &connected, request).await,
            "room" => room::room(work, &connected, request).await,
            "message" => talk::say(work, frame, &connected, other, request, frame::Kind::Message).await,
            "control" => talk::say(work, frame, &connected, other, request, frame::Kind::Control).await,
            "transient" => Ok(Reply::Refusal("not_allowed", "There is no transient data here.".to_owned())),
            "internal" => Ok(Reply::Refusal("not_allowed", "There are no internal clients here.".to_owned())),
            // A second hello, and what later clients may say, is passed over.
            _ => Ok(Reply::Nothing),
        },
    }
}

/// Who sends a frame, and the session that it is for, in one round trip.
async fn who(
    work: &Work<'_>,
    frame: &Frame,
    request: Option<&Request>,
) -> Result<(Option<Connected>, Option<SignalingSession>), Error> {
    match request.and_then(Request::recipient) {
        Some(recipient) => work.table.connected_with(&frame.connection, &recipient).await,
        None => Ok((work.table.connected(&frame.connection).await?, None)),
    }
}
