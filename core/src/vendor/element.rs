//! How the fields of one element are collected and judged: what is wrong with them costs this element only.

use crate::{
    event::Entry,
    payload::{
        Span, Value,
        scan::{Fault, Inside, Key, Scan, Scanner, has_whole_surrogates},
    },
    rejection::Problem,
};

/// What is wrong with an element, and with which of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementFault {
    pub(crate) at: u32,
    pub(crate) problem: Problem,
    /// The field as the end of a JSON Pointer, such as `/body/ticket_id`; empty for the element itself.
    pub(crate) field: &'static str,
}

impl From<Fault> for ElementFault {
    fn from(fault: Fault) -> Self {
        Self { at: fault.at, problem: fault.problem, field: "" }
    }
}

/// The fields of an element while they are collected: keeps the first thing that is wrong.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    fault: Option<ElementFault>,
}

impl Collector {
    /// Passes the value of a field that is read, and keeps its place.
    #[inline(always)]
    pub(crate) fn field(
        &mut self,
        scanner: &mut Scanner<'_>,
        key: Key<'_>,
        open: u32,
        slot: &mut Value,
        field: &'static str,
    ) -> Scan<()> {
        let value = scanner.value(open)?;
        if let Some(at) = scanner.take_long_number() {
            // It is this field, or stands in a field before it that is not read.
            let field = if at == value.span.at() { field } else { "" };
            self.note(at, Problem::NumberTooLong, field);
        }
        if !slot.is_absent() {
            self.note(key.at(), Problem::RepeatedField, field);
            return Ok(());
        }
        if value.escaped && !has_whole_surrogates(scanner.body(), value) {
            self.note(value.span.at(), Problem::LoneSurrogate, field);
        }
        *slot = value;
        Ok(())
    }

    /// Steps into a field that is an object with fields that are read; any other value is passed and counts as
    /// absent.
    #[inline(always)]
    pub(crate) fn block(
        &mut self,
        scanner: &mut Scanner<'_>,
        key: Key<'_>,
        open: u32,
        seen: &mut bool,
        field: &'static str,
    ) -> Scan<Option<Inside>> {
        if core::mem::replace(seen, true) {
            self.note(key.at(), Problem::RepeatedField, field);
        } else if scanner.token() == b'{' {
            return scanner.open_object(open).map(Some);
        }
        scanner.value(open)?;
        Ok(None)
    }

    /// The first fault of the fields, if any.
    #[inline(always)]
    pub(crate) fn finish(self) -> Result<(), ElementFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    #[inline(always)]
    fn note(&mut self, at: u32, problem: Problem, field: &'static str) {
        self.fault = earlier(self.fault, ElementFault { at, problem, field });
    }
}

/// By value, so that a collector lives in registers.
#[cold]
fn earlier(fault: Option<ElementFault>, other: ElementFault) -> Option<ElementFault> {
    Some(fault.filter(|fault| fault.at <= other.at).unwrap_or(other))
}

/// An element that was passed: an event, or what is wrong with it.
pub(crate) type Element = Result<Entry, ElementFault>;

/// Passes an element that is not an object.
#[cold]
pub(crate) fn not_an_object(scanner: &mut Scanner<'_>, open: u32) -> Scan<Element> {
    let value = scanner.value(open)?;
    Ok(Err(ElementFault { at: value.span.at(), problem: Problem::NotAnObject, field: "" }))
}

/// A field that must be a text of at least one character, of the object at `object`.
#[inline]
pub(crate) fn required_text(
    body: &[u8],
    value: Value,
    object: Span,
    field: &'static str,
) -> Result<Span, ElementFault> {
    if value.is_absent() {
        return Err(ElementFault { at: object.at(), problem: Problem::Missing, field });
    }
    let text = optional_text(body, value);
    if text.is_absent() {
        return Err(ElementFault { at: value.span.at(), problem: Problem::NotText, field });
    }
    Ok(text)
}

/// A field that counts where it is a text of at least one character.
#[inline]
pub(crate) fn optional_text(body: &[u8], value: Value) -> Span {
    match value.span.bytes(body) {
        [b'"', _, .., b'"'] => value.span,
        _ => Span::ABSENT,
    }
}

/// An id: an integer or a text, kept as written. `null` and an empty text are no id.
#[inline]
pub(crate) fn id(body: &[u8], value: Value, field: &'static str) -> Result<Span, ElementFault> {
    match value.span.bytes(body) {
        [] | b"null" | b"\"\"" => Ok(Span::ABSENT),
        [b'"', ..] => Ok(value.span),
        number if is_integer(number) => Ok(value.span),
        _ => Err(ElementFault { at: value.span.at(), problem: Problem::NotAnId, field }),
    }
}

/// Whether this is an integer as JSON writes it, other than `-0`.
#[inline]
pub(crate) fn is_integer(text: &[u8]) -> bool {
    match text {
        [b'0'] => true,
        [b'-', digits @ ..] | digits => {
            matches!(digits, [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_has_neither_sign_of_zero_nor_leading_zeros_nor_a_fraction() {
        for integer in ["0", "7", "-7", "18446744073709551616"] {
            assert!(is_integer(integer.as_bytes()), "{integer}");
        }
        for other in ["", "-", "-0", "00", "01", "-01", "1.0", "1e2", "+1", "true", "null", "\"1\"", "[1]"] {
            assert!(!is_integer(other.as_bytes()), "{other}");
        }
    }
}
