//! Why the table did not do what it was asked for.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use crate::domain::denial::Denial;

/// Why the table did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// A rule says no.
    Denied(Denial),
    /// Somebody else changed what was decided on. Nothing was written, and the request starts again.
    Contested,
    /// The table cannot be reached, or is asked for too much; the cause is for operators.
    Overloaded(String),
    /// Something that must not happen; the cause is for operators.
    Defect(String),
}

impl Error {
    pub(super) fn overloaded(doing: &str, cause: &(dyn StdError + 'static)) -> Self {
        Self::Overloaded(describe(doing, cause))
    }

    pub(super) fn defect(doing: &str, cause: &(dyn StdError + 'static)) -> Self {
        Self::Defect(describe(doing, cause))
    }

    /// Whether somebody else was faster.
    #[must_use]
    pub const fn is_contested(&self) -> bool {
        matches!(self, Self::Contested)
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denial) => write!(formatter, "{denial}"),
            Self::Contested => formatter.write_str("too many changes at the same time"),
            Self::Overloaded(cause) | Self::Defect(cause) => formatter.write_str(cause),
        }
    }
}

impl StdError for Error {}

/// The whole chain of causes; errors of the SDK say little on their first level.
fn describe(doing: &str, cause: &(dyn StdError + 'static)) -> String {
    let mut text = format!("{doing}: {cause}");
    let mut next = cause.source();
    while let Some(cause) = next {
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}
