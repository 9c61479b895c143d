//! Texts that people send, and what is acceptable as what.

/// Something that is read from a text, which may be refused.
pub trait Input: Sized {
    /// Reads a text; `None` when it is not acceptable.
    fn parse(text: &str) -> Option<Self>;

    /// What is acceptable: a sentence that begins after the name of the field, as in "must have at most 200
    /// characters."
    fn rule() -> String;
}
