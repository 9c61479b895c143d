//! Somebody who calls the API, with a browser that keeps cookies.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use shared::domain::account::UserId;
use shared::domain::attendee::{Actor, AttendeeId};
use shared::domain::room::Token;

use crate::{Answer, Event, Tenant};

/// Where the room and call APIs lie; without another version it is v1.
const BASE: &str = "/ocs/v2.php/apps/spreed/api";

/// Somebody who calls the API.
pub struct Person<'a> {
    tenant: &'a Tenant,
    id: String,
    authorization: Option<String>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Person<'a> {
    pub(crate) fn user(tenant: &'a Tenant, id: &str, password: &str) -> Self {
        Self { id: id.to_owned(), authorization: Some(basic(id, password)), ..Self::nobody(tenant) }
    }

    /// The same person, called otherwise than the login.
    pub(crate) fn called(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    pub(crate) fn nobody(tenant: &'a Tenant) -> Self {
        Self { tenant, id: String::new(), authorization: None, cookies: Mutex::default() }
    }

    /// The same person with another password.
    #[must_use]
    pub fn with_password(&self, password: &str) -> Self {
        Self::user(self.tenant, &self.id, password)
    }

    /// The same person with another browser.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { id: self.id.clone(), authorization: self.authorization.clone(), ..Self::nobody(self.tenant) }
    }

    /// Somebody else with a password, before the same tenant.
    #[must_use]
    pub fn elsewhere_as(&self, id: &str, password: &str) -> Self {
        Self::user(self.tenant, id, password)
    }

    pub(crate) fn at<'b>(&self, tenant: &'b Tenant) -> Person<'b> {
        Person {
            tenant,
            id: self.id.clone(),
            authorization: self.authorization.clone(),
            cookies: Mutex::new(self.cookies()),
        }
    }

    /// The user id; empty without an account.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a request that a test writes itself calls this person.
    #[must_use]
    pub fn id_on_the_wire(&self) -> String {
        self.tenant.remote().map_or_else(|| self.id.clone(), |remote| remote.mark(&self.id))
    }

    /// What this person is called by number, in a room.
    ///
    /// # Panics
    /// When the token is none, or the person has no account.
    #[must_use]
    pub fn attendee_in(&self, token: &str) -> String {
        let id = self.id_on_the_wire();
        let (Some(token), Some(user)) = (Token::parse(token), UserId::parse(&id)) else {
            panic!("{token} is no token, or {id} no user")
        };
        AttendeeId::of(&token, Actor::User(&user)).number().to_string()
    }

    /// What the browser sends as `Authorization`.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// The cookies in the browser.
    #[must_use]
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a cookie into the browser.
    pub fn steal_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.insert(name.to_owned(), value.to_owned());
    }

    /// A request of this person to a path below API v1, which starts with `/v4` for that version, with `/ocs` for anything
    /// else, or is `/status.php`.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Event {
        let path = if path.starts_with("/ocs") || path.starts_with("/status.php") {
            path.to_owned()
        } else if path.starts_with("/v4/") {
            format!("{BASE}{path}")
        } else {
            format!("{BASE}/v1{path}")
        };
        let mut event = Event::new(method, &path)
            .header("host", "api-id.execute-api.eu-central-1.amazonaws.com")
            .header("x-forwarded-proto", "https")
            .header("ocs-apirequest", "true")
            .header("accept", "application/json");
        if let Some(authorization) = &self.authorization {
            event = event.header("authorization", authorization);
        }
        self.cookies().iter().fold(event, |event, (name, value)| event.cookie(name, value))
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&self, event: &Event) -> Answer {
        let answer = self.tenant.send(event).await;
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in &answer.cookies {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(&self.request("GET", path)).await
    }

    /// Posts form fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form("POST", path, fields).await
    }

    /// Puts form fields.
    pub async fn put(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form("PUT", path, fields).await
    }

    /// Deletes something; form fields say what.
    pub async fn delete(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form("DELETE", path, fields).await
    }

    /// Sends form fields.
    pub async fn form(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let event = self.request(method, path);
        if fields.is_empty() {
            return self.send(&event).await;
        }
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let field = |name: &str, value: &str| match self.tenant.remote() {
            Some(remote) => remote.field(name, value),
            None => value.to_owned(),
        };
        let pair = |(name, value): &(&str, &str)| format!("{}={}", encode(name), encode(&field(name, value)));
        let pairs: Vec<String> = fields.iter().map(pair).collect();
        self.send(&event.body("application/x-www-form-urlencoded", pairs.join("&"))).await
    }

    /// Creates a public room.
    pub async fn public_room(&self) -> String {
        self.post("/room", &[("roomType", "3")]).await.expect(201).text_at("token")
    }

    /// Creates a room for a group.
    pub async fn group_room(&self, group: &str) -> String {
        self.post("/room", &[("roomType", "2"), ("invite", group)]).await.expect(201).text_at("token")
    }

    /// Creates, or finds, the one-to-one room with somebody.
    pub async fn room_with(&self, other: &Person<'_>) -> String {
        let answer = self.post("/room", &[("roomType", "1"), ("invite", other.id())]).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
        answer.text_at("token")
    }

    /// Joins the call of a room and says under which session.
    pub async fn join(&self, token: &str) -> String {
        self.post(&format!("/call/{token}"), &[]).await.expect(200).text_at("sessionId")
    }

    /// Pings; the status says whether there was anything to keep.
    pub async fn ping(&self, token: &str) -> u16 {
        self.post(&format!("/call/{token}/ping"), &[]).await.status
    }

    /// Leaves the call.
    pub async fn leave(&self, token: &str) {
        self.delete(&format!("/call/{token}"), &[]).await.expect(200);
    }

    /// Adds somebody to a room.
    pub async fn add(&self, token: &str, other: &Person<'_>) -> Answer {
        self.post(&format!("/room/{token}/participants"), &[("newParticipant", other.id())]).await
    }

    /// Removes somebody from a room.
    pub async fn remove(&self, token: &str, other: &Person<'_>) -> Answer {
        self.delete(&format!("/room/{token}/participants"), &[("participant", other.id())]).await
    }

    /// Makes somebody a moderator.
    pub async fn promote(&self, token: &str, other: &Person<'_>) -> Answer {
        self.post(&format!("/room/{token}/moderators"), &[("participant", other.id())]).await
    }

    /// Makes a moderator a user.
    pub async fn demote(&self, token: &str, other: &Person<'_>) -> Answer {
        self.delete(&format!("/room/{token}/moderators"), &[("participant", other.id())]).await
    }

    /// The room as this person sees it.
    pub async fn room(&self, token: &str) -> serde_json::Value {
        self.get(&format!("/room/{token}")).await.expect(200).data().clone()
    }

    /// The sessions that this person sees in the call, sorted.
    pub async fn peers(&self, token: &str) -> Vec<String> {
        self.get(&format!("/call/{token}")).await.expect(200).column("sessionId")
    }
}

fn basic(id: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{password}")))
}
