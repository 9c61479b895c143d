//! A log beside the function's own, whose lines are kept for a time of their own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::{Value, json};

use super::json_service::JsonService;

/// How long a line may take: it is not worth more of a caller's time.
const PATIENCE: Duration = Duration::from_millis(300);

/// A log of CloudWatch, to which this instance has a stream of its own.
pub struct Journal {
    config: SdkConfig,
    group: String,
    stream: String,
    service: JsonService,
    has_stream: AtomicBool,
}

impl Journal {
    /// The log called `group`; `stream` names this instance.
    #[must_use]
    pub fn new(config: SdkConfig, group: &str, stream: &str) -> Self {
        Self {
            config,
            group: group.to_owned(),
            stream: stream.to_owned(),
            service: JsonService::new("logs"),
            has_stream: AtomicBool::new(false),
        }
    }

    /// Writes a line, of a moment in milliseconds since 1970. One that cannot be written is lost, and the function's own
    /// log says so.
    pub async fn note(&self, line: &Value, milliseconds: i64) {
        if let Err(cause) = self.write(line, milliseconds).await {
            tracing::warn!(cause, "a line of the log of failed logins was lost");
        }
    }

    async fn write(&self, line: &Value, milliseconds: i64) -> Result<(), String> {
        let stream = json!({"logGroupName": self.group, "logStreamName": self.stream});
        if !self.has_stream.load(Ordering::Relaxed) {
            self.ask("Logs_20140328.CreateLogStream", &stream).await?;
            self.has_stream.store(true, Ordering::Relaxed);
        }
        let mut events = stream;
        if let Some(fields) = events.as_object_mut() {
            let event = json!({"timestamp": milliseconds, "message": line.to_string()});
            fields.insert("logEvents".to_owned(), json!([event]));
        }
        let written = self.ask("Logs_20140328.PutLogEvents", &events).await;
        // The log may have been made anew.
        self.has_stream.store(written.is_ok(), Ordering::Relaxed);
        written
    }

    async fn ask(&self, target: &'static str, body: &Value) -> Result<(), String> {
        let asked = self.service.ask(&self.config, target, body, PATIENCE).await;
        let answer = asked.map_err(|cause| cause.to_string())??;
        match answer.status {
            200..=299 => Ok(()),
            _ if answer.failure().ends_with("ResourceAlreadyExistsException") => Ok(()),
            status => Err(format!("CloudWatch answered HTTP {status}: {}", answer.failure())),
        }
    }
}
