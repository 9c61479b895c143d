//! One request to the parameter store of Systems Manager, made once in the life of an instance.

use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::json_service::JsonService;
use crate::domain::random::up_to;
use crate::domain::secret::Secret;

/// The store answers some forty requests a second, and a hundred instances may start at once.
const ATTEMPTS: u32 = 8;
/// The longest pause after the first attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no value.
enum Failure {
    /// Trying again may help.
    Passing(String),
    /// It will not.
    Lasting(String),
}

/// Reads a parameter, and decrypts it.
///
/// # Errors
/// A sentence for operators.
pub(super) async fn read(config: &SdkConfig, name: &str) -> Result<Secret, String> {
    let store = JsonService::new("ssm");
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt(&store, config, name).await {
            Err(Failure::Passing(_)) => sleep(up_to(pause)).await,
            outcome => return outcome.map_err(Failure::into_sentence),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    attempt(&store, config, name).await.map_err(Failure::into_sentence)
}

impl Failure {
    fn into_sentence(self) -> String {
        match self {
            Self::Passing(sentence) | Self::Lasting(sentence) => sentence,
        }
    }
}

async fn attempt(store: &JsonService, config: &SdkConfig, name: &str) -> Result<Secret, Failure> {
    let body = json!({ "Name": name, "WithDecryption": true });
    let asked = store.ask(config, "AmazonSSM.GetParameter", &body, PATIENCE).await;
    let answer = asked.map_err(|cause| Failure::Lasting(cause.to_string()))?.map_err(Failure::Passing)?;
    if let Some(value) = answer.body.pointer("/Parameter/Value").and_then(Value::as_str) {
        return Ok(Secret::new(value));
    }
    // What the store says of a failure holds no value.
    let kind = Some(answer.failure()).filter(|kind| !kind.is_empty()).unwrap_or("no value");
    let sentence = format!("the parameter store answered HTTP {}: {kind}", answer.status);
    let is_passing = answer.status >= 500 || answer.status == 429 || kind.ends_with("ThrottlingException");
    Err(if is_passing { Failure::Passing(sentence) } else { Failure::Lasting(sentence) })
}
