//! `GET /chat/{token}`: what was said, page by page, or what is said next.

use futures_util::future::try_join;
use lambda_http::http::{HeaderName, HeaderValue};
use serde_json::value::{RawValue, to_raw_value};
use shared::domain::chat::MessageId;
use shared::domain::identity::User;
use shared::domain::permission::Member;
use shared::domain::room::Token;
use shared::gateway::{Exchange, Parameters, Refusal, Reply};
use shared::table::{History, MAX_PAGE, Range};

use crate::object::{object, or_refused, with_common_read};
use crate::wait;

/// The last message that an answer has, or skipped.
const LAST_GIVEN: HeaderName = HeaderName::from_static("x-chat-last-given");
/// How many messages there are where nobody asks for a number.
const USUAL_PAGE: usize = 100;
/// The most bytes of messages in one answer. Each has with it the one to which it is an answer, and quotation marks take
/// several times the place on the way through Lambda, which takes 6 MB.
const MAX_BYTES: usize = 1024 * 1024;

/// Which messages somebody asks for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// The message that the client knows.
    pub(crate) known: MessageId,
    is_included: bool,
    limit: usize,
}

impl Wanted {
    fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let limit = usize::try_from(parameters.integer("limit")?).unwrap_or_default();
        Ok(Self {
            known: MessageId::from_number(parameters.integer("lastKnownMessageId")?).unwrap_or_default(),
            is_included: parameters.flag("includeLastKnown")?.unwrap_or_default(),
            limit: if limit == 0 { USUAL_PAGE } else { limit.min(MAX_PAGE) },
        })
    }

    /// The page before the known message, or the latest one.
    const fn before(&self) -> Range {
        if self.known.0 == 0 {
            return Range::Before { id: MessageId(u64::MAX), is_included: true };
        }
        Range::Before { id: self.known, is_included: self.is_included }
    }

    /// The page after the known message.
    pub(crate) const fn after(&self) -> Range {
        Range::After { id: self.known, is_included: self.is_included }
    }

    /// The same for somebody who knows all up to a message.
    pub(crate) const fn knowing(self, known: MessageId) -> Self {
        Self { known, is_included: false, ..self }
    }

    /// How many messages at most.
    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// Whether there is anything after the known message.
    pub(crate) fn has_news(&self, said: MessageId) -> bool {
        said > self.known || (self.is_included && said == self.known && said.0 > 0)
    }
}

pub(crate) async fn receive(exchange: &Exchange<'_>, user: User, token: &Token) -> Result<Reply, Refusal> {
    let read = || {
        let parameters = exchange.parameters()?;
        Ok((Wanted::read(parameters)?, parameters.flag("lookIntoFuture")?.unwrap_or_default()))
    };
    let (wanted, is_future) = or_refused(exchange, &user, token, read()).await?;
    if is_future {
        return wait::wait(exchange, &user, token, wanted).await;
    }
    let table = exchange.table;
    let page = table.page(token, wanted.before(), wanted.limit, exchange.now);
    let read = try_join(table.standing(token, user.id()), page);
    let (standing, page) = exchange.beside_login(&user, read).await?;
    let member = standing.member(&user)?;
    let history = table.complete(member.room(), page).await?;
    answer(&history, &member)
}

/// A page, or that there is nothing.
pub(crate) fn answer(history: &History, member: &Member) -> Result<Reply, Refusal> {
    let shown = as_many_as_fit(history, member)?;
    let last = match shown.len().checked_sub(1) {
        Some(last) if shown.len() < history.messages.len() => history.messages.get(last).map(|it| it.id),
        _ => history.last,
    };
    let mut reply = if shown.is_empty() { Reply::not_modified() } else { Reply::ok(shown)? };
    if let Some(last) = last {
        reply = reply.with_header(LAST_GIVEN, HeaderValue::from(last.0));
    }
    Ok(with_common_read(reply, member.room().common_read))
}

/// The first messages that fit into one answer, and at any rate the first, each as JSON.
fn as_many_as_fit(history: &History, member: &Member) -> Result<Vec<Box<RawValue>>, Refusal> {
    let (mut shown, mut bytes) = (Vec::new(), 0_usize);
    for message in &history.messages {
        let object = object(message, history.parent_of(message), &history.names, member);
        let json =
            to_raw_value(&object).map_err(|cause| Refusal::defect(format!("writing a message: {cause}")))?;
        bytes = bytes.saturating_add(json.get().len());
        if bytes > MAX_BYTES && !shown.is_empty() {
            break;
        }
        shown.push(json);
    }
    Ok(shown)
}
