//! What all functions do alike: start, read an event, answer it, log a line.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{StatusCode, header};
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::{Error, service_fn};
use serde_json::Value;

use super::clock::SystemClock;
use super::exchange::Exchange;
use super::incoming::Incoming;
use super::log;
use super::ocs::{Answer, Format, Reply};
use super::refusal::Refusal;
use super::route::{Endpoints, Route};
use super::service::{Notes, Service};
use super::settings::{
    ADDRESS_LIMIT_VARIABLE, CHAT_DAYS_VARIABLE, FAILED_LOGINS_VARIABLE, GUEST_LIMIT_VARIABLE,
    PASSWORD_LENGTH_VARIABLE, SIGNALING_SECRET_VARIABLE, STREAM_VARIABLE, Signaling, TABLE_VARIABLE,
    TURN_SECRET_VARIABLE,
};
use crate::aws::{self, Journal};
use crate::domain::password::{PasswordPolicy, SHORTEST_ALLOWED, SHORTEST_AT_MOST};
use crate::domain::random::{RandomSource, up_to};
use crate::table::{Deadline, Table, Usage};

/// The longest pause before the second attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(640);
/// An attempt is not started later than this after the first: it has to end by the request's deadline.
const ATTEMPTS_WITHIN: Duration = Duration::from_secs(12);

/// Starts a function and answers events until Lambda stops it.
///
/// # Errors
/// When the environment lacks what the function needs.
pub async fn run(name: &'static str, endpoints: Endpoints) -> Result<(), Error> {
    let service = Arc::new(service_from_environment().await?.0);
    let handler = service_fn(move |event: LambdaEvent<Value>| {
        let service = Arc::clone(&service);
        async move {
            let (answer, _) = serve(name, &service, endpoints, event.payload).await;
            Ok::<_, Error>(ApiGatewayV2httpResponse::from(answer))
        }
    });
    lambda_runtime::run(handler).await
}

/// Starts what a function keeps while it is warm, as its environment says, and hands out how AWS is reached.
///
/// # Errors
/// When the environment lacks what the function needs.
pub async fn service_from_environment() -> Result<(Service, SdkConfig), Error> {
    log::start();
    let table = std::env::var(TABLE_VARIABLE)
        .map_err(|_| format!("The environment variable {TABLE_VARIABLE} is not set."))?;
    let random = RandomSource::from_operating_system()?;
    let aws = aws::of_a_function().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), &table);
    // Lambda gives a function a whole processor while it starts, and only a share of one later.
    let (signaling, ()) = futures_util::future::join(signaling(&aws), table.warm()).await;
    let mut service = Service::new(table, Arc::new(SystemClock), Arc::new(random));
    service.signaling = signaling?;
    if let Some(limit) = number(GUEST_LIMIT_VARIABLE)? {
        service.guest_limit = limit;
    }
    if let Some(limit) = number(ADDRESS_LIMIT_VARIABLE)? {
        service.most_guesses = limit;
    }
    if let Some(shortest) = number(PASSWORD_LENGTH_VARIABLE)? {
        service.password_policy = PasswordPolicy::of(shortest).ok_or_else(|| {
            format!("{PASSWORD_LENGTH_VARIABLE} must be from {SHORTEST_ALLOWED} to {SHORTEST_AT_MOST}.")
        })?;
    }
    service.chat_days = number(CHAT_DAYS_VARIABLE)?.filter(|&days| days > 0);
    if let (Some(group), Some(stream)) = (setting(FAILED_LOGINS_VARIABLE), setting(STREAM_VARIABLE)) {
        service.failed_logins = Some(Journal::new(aws.clone(), &group, &stream));
    }
    Ok((service, aws))
}

/// A number that is set in the environment, if it is.
fn number<N: FromStr>(variable: &str) -> Result<Option<N>, Error> {
    let read = |text: String| text.parse().map_err(|_| format!("{variable} must be a number, not {text:?}."));
    Ok(setting(variable).map(read).transpose()?)
}

/// What is set in the environment, if it is.
fn setting(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|text| !text.is_empty())
}

async fn signaling(aws: &SdkConfig) -> Result<Signaling, Error> {
    let setting = |name: &str| std::env::var(name).ok();
    let secrets = futures_util::future::try_join(
        aws::named_secret(aws, TURN_SECRET_VARIABLE),
        aws::named_secret(aws, SIGNALING_SECRET_VARIABLE),
    );
    let (turn, signaling) = secrets.await?;
    Ok(Signaling::new(setting, turn, signaling)?)
}

/// Answers one event of an HTTP API (payload version 2), and says what it cost.
pub async fn serve(
    name: &'static str,
    service: &Service,
    endpoints: Endpoints,
    event: Value,
) -> (Answer, Usage) {
    let started = Instant::now();
    let table = service.table.for_request(Deadline::of_request());
    let request = Incoming::from_event(&event);
    let notes = Notes::default();
    let route = Route::find(endpoints, &request);
    let outcome = settle(service, &notes, &request, &table, &route).await;
    let cause = outcome.as_ref().err().and_then(|refusal| refusal.cause.clone());
    let format = wanted_format(&request, &outcome);
    let answer = dressed(Answer::new(outcome, request.version(), format), &request);
    let usage = table.usage();
    log::request(&log::Line {
        function: name,
        request: &request,
        route: &route.logged(request.version().in_path()),
        status: answer.outcome,
        duration: started.elapsed(),
        is_cold: service.is_first_request(),
        usage: &usage,
        notes: &notes,
        cause: cause.as_deref(),
    });
    (answer, usage)
}

/// Answers a request, and starts again when somebody else was faster.
async fn settle(
    service: &Service,
    notes: &Notes,
    request: &Incoming,
    table: &Table,
    route: &Route,
) -> Result<Reply, Refusal> {
    let (started, began) = (Instant::now(), service.clock.elapsed());
    let mut longest_pause = FIRST_PAUSE;
    let mut attempt = 0;
    loop {
        let exchange = Exchange::new(service, notes, request, table, began, attempt);
        let exchange = exchange.for_bodies_of(route.body_limit());
        attempt += 1;
        let outcome = route.run(&exchange).await;
        exchange.tell(table.news_of_the_untold()).await;
        match outcome {
            Err(refusal) if refusal.is_contested() && started.elapsed() < ATTEMPTS_WITHIN => {
                tokio::time::sleep(up_to(longest_pause)).await;
                longest_pause = (longest_pause * 2).min(LONGEST_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

/// The answer with what goes for all of them on the way to this caller.
fn dressed(answer: Answer, request: &Incoming) -> Answer {
    let mut answer = answer.with_headers(request.headers_of_answer());
    // Browsers would show a page's visitor their own password dialogue.
    let is_page = request.header("x-requested-with") == Some("XMLHttpRequest");
    if answer.status == StatusCode::UNAUTHORIZED && !is_page {
        answer = answer.with_header(header::WWW_AUTHENTICATE, "Basic realm=\"spreed\", charset=\"UTF-8\"");
    }
    if request.is_head() { answer.without_body() } else { answer }
}

fn wanted_format(request: &Incoming, outcome: &Result<Reply, Refusal>) -> Format {
    // Where there is no route, only the parameter counts.
    let accept = match outcome {
        Err(refusal) if refusal.is_no_route() => None,
        _ => request.header("accept"),
    };
    Format::wanted(request.format().as_deref(), accept)
}
