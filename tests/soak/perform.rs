//! How people do what they do: by the API, or over a socket.

use serde_json::{Value, json};
use tests::{Answer, Client, Person, Sockets};
use tokio::runtime::Handle;

use crate::step::{Act, NAMES, Step};

/// The password of every room that has one.
const PASSWORD: &str = "open sesame";

/// An open socket that is in a room.
pub(crate) struct Socket<'a> {
    pub(crate) client: Client<'a>,
    pub(crate) room: usize,
}

/// What somebody knows who is about to do something.
pub(crate) struct Task<'a> {
    pub(crate) step: Step,
    /// The room's token; one that no room has where there is none.
    pub(crate) token: String,
    /// The session that one has in the room, if any.
    pub(crate) session: Option<String>,
    /// To whom something is said, or which guest is removed: an address.
    pub(crate) address: String,
    pub(crate) socket: Option<Socket<'a>>,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome<'a> {
    /// 0 where nothing was answered.
    pub(crate) status: u16,
    pub(crate) text: String,
    /// The room that was made, or the session that began.
    pub(crate) fresh: String,
    /// What the socket that is gone was called, over which they were heard.
    pub(crate) former_address: Option<String>,
    /// The numbers of the messages that were heard.
    pub(crate) heard: Vec<u64>,
    pub(crate) socket: Option<Socket<'a>>,
}

impl<'a> Outcome<'a> {
    fn of(answer: &Answer, field: &str, socket: Option<Socket<'a>>) -> Self {
        let fresh = answer.data().get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            status: answer.status,
            text: answer.text.clone(),
            fresh,
            former_address: None,
            heard: heard(answer),
            socket,
        }
    }
}

/// The numbers of the messages in the answer to a poll.
fn heard(answer: &Answer) -> Vec<u64> {
    let entries = answer.data().as_array().into_iter().flatten();
    let messages = entries.filter(|entry| entry["type"] == "message");
    messages.filter_map(|entry| number(&serde_json::from_str(entry["data"].as_str()?).ok()?)).collect()
}

fn number(message: &Value) -> Option<u64> {
    message["number"].as_u64()
}

/// The messages among frames of a socket.
pub(crate) fn heard_over(client: &mut Client<'_>) -> Vec<u64> {
    heard_among(&client.rest_at_once())
}

fn heard_among(frames: &[Value]) -> Vec<u64> {
    let messages = frames.iter().filter(|frame| frame["type"] == "message");
    messages.filter_map(|frame| number(&frame["message"]["data"])).collect()
}

/// Cuts a socket, of which the function learns in its own threads.
pub(crate) fn cut(client: &Client<'_>, functions: &Handle) {
    let _guard = functions.enter();
    client.cut();
}

/// Does it.
pub(crate) async fn perform<'a>(
    person: &Person<'a>,
    sockets: &'a Sockets<'a>,
    functions: &Handle,
    mut task: Task<'a>,
) -> Outcome<'a> {
    match (task.step.act, task.socket.take()) {
        (Act::Say(_), Some(socket)) => say_over(sockets, functions, &task, socket).await,
        (Act::OpenSocket, None) => open(person, sockets, functions, &task).await,
        (Act::LoseSocket, Some(mut socket)) => {
            let heard = heard_over(&mut socket.client);
            cut(&socket.client, functions);
            let former_address = Some(socket.client.public.clone());
            Outcome { heard, former_address, ..Outcome::default() }
        }
        (act, socket) => {
            let answer = ask(person, act, &task).await;
            let field = if matches!(act, Act::Join(_)) { "sessionId" } else { "token" };
            answer.map_or_else(Outcome::default, |answer| Outcome::of(&answer, field, socket))
        }
    }
}

/// Asks the API for it; `None` for what the API is not asked for.
async fn ask(person: &Person<'_>, act: Act, task: &Task<'_>) -> Option<Answer> {
    let token = &task.token;
    let room = format!("/room/{token}");
    let (call, public) = (format!("/call/{token}"), format!("{room}/public"));
    let (participants, moderators) = (format!("{room}/participants"), format!("{room}/moderators"));
    let (guests, signaling) = (format!("{participants}/guests"), format!("/signaling/{token}"));
    let participant = |user: usize| [("participant", NAMES[user])];
    let groups = |user: usize| format!("/ocs/v2.php/cloud/users/{}/groups", NAMES[user]);
    Some(match act {
        Act::MakePublic => person.post("/room", &[("roomType", "3")]).await,
        Act::MakeGroup => person.post("/room", &[("roomType", "2"), ("invite", "team")]).await,
        Act::MakePair(user) => person.post("/room", &[("roomType", "1"), ("invite", NAMES[user])]).await,
        Act::Rename(name) => person.put(&room, &[("roomName", &format!("name {name}"))]).await,
        Act::Describe(text) => {
            person.put(&format!("{room}/description"), &[("description", &format!("about {text}"))]).await
        }
        Act::Lock => person.put(&format!("{room}/password"), &[("password", PASSWORD)]).await,
        Act::Unlock => person.put(&format!("{room}/password"), &[("password", "")]).await,
        Act::Open => person.post(&public, &[]).await,
        Act::Close => person.delete(&public, &[]).await,
        Act::Delete => person.delete(&room, &[]).await,
        Act::Add(user) => person.post(&participants, &[("newParticipant", NAMES[user])]).await,
        Act::Remove(user) => person.delete(&participants, &participant(user)).await,
        Act::RemoveGuest(_) => person.delete(&guests, &[("participant", &task.address)]).await,
        Act::Leave => person.delete(&format!("{participants}/self"), &[]).await,
        Act::Promote(user) => person.post(&moderators, &participant(user)).await,
        Act::Demote(user) => person.delete(&moderators, &participant(user)).await,
        Act::Join(true) => person.post(&call, &[("password", PASSWORD)]).await,
        Act::Join(false) => person.post(&call, &[]).await,
        Act::HangUp => person.delete(&call, &[]).await,
        Act::Ping => person.post(&format!("{call}/ping"), &[]).await,
        Act::Say(_) => person.post(&signaling, &[("messages", &messages(task)?)]).await,
        Act::Poll => person.get(&signaling).await,
        Act::EnterGroup(user) => person.post(&groups(user), &[("groupid", "team")]).await,
        Act::ExitGroup(user) => person.delete(&groups(user), &[("groupid", "team")]).await,
        Act::RemoveAccount(user) => {
            person.delete(&format!("/ocs/v2.php/cloud/users/{}", NAMES[user]), &[]).await
        }
        Act::OpenSocket | Act::LoseSocket | Act::Arrive(_) | Act::FallSilent => return None,
    })
}

fn messages(task: &Task<'_>) -> Option<String> {
    let session = task.session.as_ref()?;
    let payload = json!({"to": task.address, "type": "candidate", "number": task.step.number});
    Some(json!([{"ev": "message", "fn": payload.to_string(), "sessionId": session}]).to_string())
}

/// Sends a frame, and waits until the function is done with it.
async fn frame(sockets: &Sockets<'_>, functions: &Handle, client: &Client<'_>, frame: &Value) -> bool {
    let Some(event) = sockets.gateway.event(&client.id, &frame.to_string()) else { return false };
    // The function's connections belong to the threads of the functions.
    functions.spawn(sockets.invoke(event)).await.is_ok()
}

async fn say_over<'a>(
    sockets: &Sockets<'_>,
    functions: &Handle,
    task: &Task<'_>,
    mut socket: Socket<'a>,
) -> Outcome<'a> {
    let message = json!({"type": "message", "message": {
        "recipient": {"type": "session", "sessionid": task.address},
        "data": {"type": "candidate", "number": task.step.number}}});
    let is_handled = frame(sockets, functions, &socket.client, &message).await;
    let frames = socket.client.rest_at_once();
    let is_refused = frames.iter().any(|frame| frame["type"] == "error");
    let heard = heard_among(&frames);
    let status = if is_handled && !is_refused { 200 } else { 0 };
    Outcome { status, heard, socket: Some(socket), ..Outcome::default() }
}

/// Opens a socket, says hello and enters the room. What fails on the way is given up.
async fn open<'a>(
    person: &Person<'a>,
    sockets: &'a Sockets<'a>,
    functions: &Handle,
    task: &Task<'_>,
) -> Outcome<'a> {
    let Some(session) = &task.session else { return Outcome::default() };
    let settings = person.get("/signaling/settings").await;
    if settings.status != 200 {
        return Outcome { status: settings.status, text: settings.text, ..Outcome::default() };
    }
    let mut client = sockets.open();
    let hello = json!({"type": "hello", "hello": {"version": "1.0", "auth": {
        "url": "https://talk.example/", "params": settings.data()["helloAuthParams"]["1.0"]}}});
    frame(sockets, functions, &client, &hello).await;
    let greeting = client.rest_at_once().into_iter().find(|frame| frame["type"] == "hello");
    let public = greeting.and_then(|greeting| Some(greeting["hello"]["sessionid"].as_str()?.to_owned()));
    let Some(public) = public else {
        cut(&client, functions);
        return Outcome::default();
    };
    client.public = public;
    let room = json!({"type": "room", "room": {"roomid": task.token, "sessionid": session}});
    frame(sockets, functions, &client, &room).await;
    let frames = client.rest_at_once();
    if !frames.iter().any(|frame| frame["type"] == "room" && frame["room"]["roomid"] == task.token.as_str()) {
        cut(&client, functions);
        return Outcome::default();
    }
    let heard = heard_among(&frames);
    Outcome {
        status: 200,
        heard,
        socket: Some(Socket { client, room: task.step.room }),
        ..Outcome::default()
    }
}
