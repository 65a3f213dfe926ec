//! A JSON value that the scanner has passed, with its place.

use super::span::Span;

/// A value that the scanner has passed; no bytes mean no value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JsonValue<'a> {
    /// As it was written. A string includes its quotes.
    pub(crate) json: &'a [u8],
    /// The place of its first byte in the body.
    pub(crate) at: usize,
    /// Whether it is a string with escapes.
    pub(crate) has_escapes: bool,
}

impl JsonValue<'_> {
    pub(crate) fn is_absent(self) -> bool {
        self.json.is_empty()
    }

    pub(crate) fn is_absent_or_null(self) -> bool {
        matches!(self.json, [] | b"null")
    }

    #[inline]
    pub(crate) fn span(self) -> Span {
        Span::new(self.at, self.json.len())
    }
}
