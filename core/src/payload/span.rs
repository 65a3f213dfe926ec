use core::ops::Range;

/// The place of a JSON value in the body, a string with its quotes.
///
/// The first byte tells what the value is. A value takes at least one byte, so no bytes mean no value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    at: u32,
    length: u32,
}

impl Span {
    pub(crate) const ABSENT: Self = Self { at: 0, length: 0 };

    /// The place between two positions.
    #[inline(always)]
    pub(crate) fn between(start: u32, end: u32) -> Self {
        Self { at: start, length: end.saturating_sub(start) }
    }

    pub(crate) fn is_absent(self) -> bool {
        self.length == 0
    }

    /// Where the value starts, in bytes.
    pub(crate) fn at(self) -> u32 {
        self.at
    }

    #[inline(always)]
    pub(crate) fn bytes(self, body: &[u8]) -> &[u8] {
        body.get(self.range()).unwrap_or_default()
    }

    #[inline(always)]
    pub(crate) fn range(self) -> Range<usize> {
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        at..at.saturating_add(length)
    }
}

/// A position in a body as 32 bits; the size limit of a receiver keeps bodies below.
#[inline]
pub(crate) fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A value that the scanner has passed, and whether it is a string with escapes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Value {
    pub(crate) span: Span,
    pub(crate) escaped: bool,
}

impl Value {
    pub(crate) fn is_absent(self) -> bool {
        self.span.is_absent()
    }
}
