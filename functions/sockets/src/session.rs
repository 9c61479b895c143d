//! How a session begins, goes on over another socket, and ends.

use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::account::{Account, UserId};
use shared::domain::socket::{ConnectionId, ResumeId};
use shared::domain::ticket::Ticket;
use shared::domain::time::Timestamp;
use shared::herald::frame;
use shared::table::{Connected, Error, Handing, Holder, RESUME_SECONDS, SessionBox, SignalingSession};

use crate::event::Frame;
use crate::protocol::{Reply, Request};
use crate::work::{Hub, Work};
use crate::{courier, hall};

/// The only version of hello.
const VERSION: &str = "1.0";
/// What this server does beyond messages between sessions (`docs/sockets.md#hello`).
const FEATURES: [&str; 2] = ["incall-all", "recipient-call"];
/// How often ending a session is tried that others change at the same moment.
const ENDING_ATTEMPTS: usize = 8;

/// Begins a session by a ticket, or resumes one.
pub(crate) async fn hello(work: &Work<'_>, frame: &Frame, request: &Request) -> Result<Reply, Error> {
    let Some(body) = &request.body else { return Ok(Reply::malformed("hello is missing.")) };
    if body.get("version").and_then(Value::as_str) != Some(VERSION) {
        let sentence = format!("The version of hello must be {VERSION}.");
        return Ok(Reply::Refusal("invalid_hello_version", sentence));
    }
    match body.get("resumeid").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        Some(resume) => resumed(work, frame, request, resume).await,
        None => begun(work, frame, body.get("auth")).await,
    }
}

async fn begun(work: &Work<'_>, frame: &Frame, auth: Option<&Value>) -> Result<Reply, Error> {
    let Some(auth) = auth.filter(|auth| auth.is_object()) else {
        return Ok(Reply::malformed("hello.auth is missing."));
    };
    if !matches!(auth.get("type").and_then(Value::as_str), None | Some("" | "client")) {
        return Ok(Reply::Refusal("invalid_client_type", "Only clients say hello here.".to_owned()));
    }
    if auth.get("url").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Ok(Reply::malformed("hello.auth.url is missing."));
    }
    let text =
        |name| auth.get("params").and_then(|it| it.get(name)).and_then(Value::as_str).unwrap_or_default();
    let invalid =
        || Reply::Refusal("invalid_ticket", "The given ticket is not valid for this user.".to_owned());
    let Some(ticket) = Ticket::parse(text("ticket")) else { return Ok(invalid()) };
    if ticket.user().map_or("", UserId::as_str) != text("userid") {
        return Ok(invalid());
    }
    let account: Option<Account> = match work.table.holder(&ticket, work.now()).await? {
        None => return Ok(invalid()),
        Some(Holder::Nobody) => {
            return Ok(Reply::Refusal("no_such_user", "The given user does not exist.".to_owned()));
        }
        Some(Holder::User(account)) => Some(account),
        Some(Holder::Guest) => None,
    };
    let resume = work.random().resume_id();
    let opened = opened(frame);
    work.table.begin_session(&frame.connection, &resume, account.as_ref(), opened, work.now()).await?;
    Ok(Reply::Answer(greeting(&resume, account.as_ref().map(|account| &account.id))))
}

/// Goes on with a session: the answer, what was missed, and then how things are.
async fn resumed(work: &Work<'_>, frame: &Frame, request: &Request, text: &str) -> Result<Reply, Error> {
    let gone = || Reply::Refusal("no_such_session", "There is no such session any more.".to_owned());
    let Some(resume) = ResumeId::parse(text) else { return Ok(gone()) };
    let Some(known) = work.table.resumable(&resume, work.now()).await? else { return Ok(gone()) };
    // From here on nobody else hands on what was missed, so that nothing comes before the answer.
    let turn = work.table.take_box(&known.public, SessionBox::In, work.milliseconds()).await?;
    let session = match work.table.resume(&frame.connection, &known, opened(frame), work.now()).await {
        Ok(session) => session,
        Err(error) => {
            if let Some((turn, _)) = turn {
                work.table.hand_over(turn, Handing::none()).await?;
            }
            return Err(error);
        }
    };
    let answer = request.answered(greeting(&resume, session.user.as_ref()));
    work.post(&frame.connection, &answer).await;
    work.dismiss(&known.connection, "session_resumed").await;
    if let Some((turn, _)) = turn {
        courier::hand_on(work, turn, &session).await?;
    }
    courier::empty_inbox(work, &session.public).await?;
    if let Some(place) = &session.place {
        hall::tell_if_nobody_does(work, &place.token).await?;
    }
    Ok(Reply::Nothing)
}

/// When the gateway opened the socket of a frame.
const fn opened(frame: &Frame) -> Timestamp {
    Timestamp(frame.opened / 1000)
}

fn greeting(resume: &ResumeId, user: Option<&UserId>) -> Value {
    json!({"type": "hello", "hello": {
        "version": VERSION,
        "sessionid": resume.public().as_str(),
        "resumeid": resume.expose(),
        "userid": user.map_or("", UserId::as_str),
        "server": {"version": env!("CARGO_PKG_VERSION"), "features": FEATURES},
    }})
}

/// Ends a session at once.
pub(crate) async fn bye(work: &Work<'_>, connected: &Connected, request: &Request) -> Result<Reply, Error> {
    // What was said before it is still to be heard.
    courier::empty_outbox_at_once(work, &connected.public).await?;
    if let Some(session) = work.table.signaling_session(&connected.public).await? {
        let news = work.table.end_session(&session).await?;
        work.tell(&news).await;
    }
    work.post(&connected.connection, &request.answered(frame::bye(""))).await;
    work.close(&connected.connection).await;
    Ok(Reply::Nothing)
}

/// Waits for a client whose socket was closed, and ends its session if it does not come back.
pub(crate) async fn closed(hub: &Hub, work: &Work<'_>, connection: &ConnectionId) -> Result<(), Error> {
    let Some(cut) = work.table.cut(connection, work.now()).await? else { return Ok(()) };
    let over = cut.gone_at.unwrap_or_else(|| work.now()).plus(RESUME_SECONDS);
    let left = over.0.saturating_sub(work.now().0).max(0);
    work.clock().sleep(Duration::from_secs(left.unsigned_abs())).await;
    // The time of the first step is over.
    let later = Work::new(hub);
    match later.table.signaling_session(&cut.public).await? {
        Some(session) if session.epoch() == cut.epoch() && !session.is_alive(later.now()) => {
            end(&later, &session).await
        }
        _ => Ok(()),
    }
}

/// Ends a session, unless it was resumed since it was read.
pub(crate) async fn end(work: &Work<'_>, session: &SignalingSession) -> Result<(), Error> {
    let mut known = session.clone();
    for _ in 0..ENDING_ATTEMPTS {
        match work.table.end_session(&known).await {
            Ok(news) => {
                work.tell(&news).await;
                return Ok(());
            }
            Err(error) if error.is_contested() => {}
            Err(error) => return Err(error),
        }
        match work.table.signaling_session(&session.public).await? {
            Some(current) if current.epoch() == session.epoch() => known = current,
            _ => return Ok(()),
        }
    }
    Err(Error::Contested)
}

/// Ends a session, also one that is resumed at this moment, and closes its socket.
pub(crate) async fn throw_out(work: &Work<'_>, session: &SignalingSession) -> Result<(), Error> {
    let mut known = session.clone();
    for _ in 0..ENDING_ATTEMPTS {
        end(work, &known).await?;
        work.close(&known.connection).await;
        match work.table.signaling_session(&session.public).await? {
            Some(current) => known = current,
            None => return Ok(()),
        }
    }
    Err(Error::Contested)
}
