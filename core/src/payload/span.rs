//! The place of a JSON value in the body.

use core::ops::Range;

/// The place of a JSON value in the body. A string includes its quotes.
///
/// The first byte tells the type of the value. A value has at least one byte, so no bytes mean no value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    at: u32,
    length: u32,
}

impl Span {
    pub(crate) const ABSENT: Self = Self { at: 0, length: 0 };

    /// Positions have 32 bits, because the size limit of a receiver keeps bodies smaller.
    #[inline]
    pub(super) fn new(at: usize, length: usize) -> Self {
        let position = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { at: position(at), length: position(length) }
    }

    pub(crate) fn is_absent(self) -> bool {
        self.length == 0
    }

    #[inline]
    pub(crate) fn bytes(self, body: &[u8]) -> &[u8] {
        body.get(self.range()).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn range(self) -> Range<usize> {
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        at..at.saturating_add(length)
    }
}

impl Span {
    pub(crate) fn bounds(self) -> Range<u32> {
        self.at..self.at.saturating_add(self.length)
    }

    pub(crate) fn of_bounds(bounds: &Range<u32>) -> Self {
        Self { at: bounds.start, length: bounds.end.saturating_sub(bounds.start) }
    }
}
