//! How the fields of one element are collected and judged: what is wrong with them costs this element only.

use super::{batch::Filling, fault::ElementFault};
use crate::{
    event::Entry,
    payload::{
        Span, Value,
        scan::{Key, NameBuffer, Scan, Scanner, Visitor},
        string::has_whole_surrogates,
    },
    rejection::Problem,
};

/// Which fields of an element are read: the members of the element, and of objects inside of it.
pub(crate) trait Fields<'a> {
    /// The objects whose members are read.
    type Block: Copy + Default;

    /// What a member of such an object is, by its name.
    fn member(&mut self, block: Self::Block, name: &[u8]) -> Member<'_, 'a, Self::Block>;

    /// The object that this one is a member of.
    fn parent(block: Self::Block) -> Self::Block;
}

/// What the name of a member says; with it goes the place of the member as in [`ElementFault`].
pub(crate) enum Member<'f, 'a, B> {
    /// It is not read.
    Unread,
    /// It is a field, kept here.
    Field(&'f mut Value<'a>, &'static str),
    /// It is an object with fields, of which only the first counts; another value counts as absent.
    Block(B, &'f mut bool, &'static str),
}

/// Passes the element under the cursor, which is an object with these fields to fill in, and hands it over.
#[inline(always)]
pub(crate) fn read<'a, F: Fields<'a>>(
    scanner: &mut Scanner<'a>,
    open: u32,
    filling: &mut Filling<'_>,
    fields: F,
    normalize: impl FnOnce(&F, Value<'a>) -> Result<Entry, ElementFault>,
) -> Scan<()> {
    if scanner.token() != b'{' {
        return not_an_object(scanner, open, filling);
    }
    let mut collector = Collector { fields, fault: None };
    let object = scanner.walk(open, &mut collector)?;
    let read = match collector.fault {
        None => normalize(&collector.fields, object),
        Some(fault) => Err(fault),
    };
    filling.push(scanner, read);
    Ok(())
}

#[cold]
fn not_an_object(scanner: &mut Scanner<'_>, open: u32, filling: &mut Filling<'_>) -> Scan<()> {
    let value = scanner.value(open)?;
    filling.push(scanner, Err(ElementFault { at: value.at, problem: Problem::NotAnObject, field: "" }));
    Ok(())
}

/// The fields of an element while they are collected, and the first thing that is wrong with them.
struct Collector<F> {
    fields: F,
    fault: Option<ElementFault>,
}

impl<'a, F: Fields<'a>> Visitor<'a> for Collector<F> {
    type Block = F::Block;

    #[inline(always)]
    fn member(
        &mut self,
        scanner: &mut Scanner<'a>,
        block: F::Block,
        key: Key<'a>,
        open: u32,
    ) -> Scan<Option<F::Block>> {
        let mut buffer = NameBuffer::default();
        match self.fields.member(block, key.name(&mut buffer)) {
            Member::Unread => {}
            Member::Block(block, seen, place) => {
                if core::mem::replace(seen, true) {
                    self.note(key.at(), Problem::RepeatedField, place);
                } else if scanner.token() == b'{' {
                    return Ok(Some(block));
                }
            }
            Member::Field(slot, place) => {
                let value = scanner.value(open)?;
                let first = slot.is_absent();
                if first {
                    *slot = value;
                }
                if let Some(at) = scanner.take_long_number() {
                    // It is this field, or stands in a field before it that is not read.
                    let place = if at == value.at { place } else { "" };
                    self.note(at, Problem::NumberTooLong, place);
                }
                if !first {
                    self.note(key.at(), Problem::RepeatedField, place);
                } else if value.escaped && !has_whole_surrogates(value) {
                    self.note(value.at, Problem::LoneSurrogate, place);
                }
                return Ok(None);
            }
        }
        scanner.value(open)?;
        Ok(None)
    }

    #[inline(always)]
    fn parent(block: F::Block) -> F::Block {
        F::parent(block)
    }
}

impl<F> Collector<F> {
    #[inline(always)]
    fn note(&mut self, at: usize, problem: Problem, field: &'static str) {
        self.fault = earlier(self.fault, ElementFault { at, problem, field });
    }
}

/// By value, so that a collector lives in registers.
#[cold]
fn earlier(fault: Option<ElementFault>, other: ElementFault) -> Option<ElementFault> {
    Some(fault.filter(|fault| fault.at <= other.at).unwrap_or(other))
}

/// A field that must be a text of at least one character, of the object at `object`.
#[inline]
pub(crate) fn required_text(
    value: Value<'_>,
    object: Value<'_>,
    field: &'static str,
) -> Result<Span, ElementFault> {
    match value.json {
        [b'"', _, .., b'"'] => Ok(value.span()),
        [] => Err(ElementFault { at: object.at, problem: Problem::Missing, field }),
        _ => Err(ElementFault { at: value.at, problem: Problem::NotText, field }),
    }
}

/// A field that counts where it is a text of at least one character.
#[inline]
pub(crate) fn optional_text(value: Value<'_>) -> Span {
    match value.json {
        [b'"', _, .., b'"'] => value.span(),
        _ => Span::ABSENT,
    }
}

/// An id: an integer or a text, kept as written. `null` and an empty text are no id.
#[inline]
pub(crate) fn id(value: Value<'_>, field: &'static str) -> Result<Span, ElementFault> {
    match value.json {
        [] | b"null" | b"\"\"" => Ok(Span::ABSENT),
        [b'"', ..] => Ok(value.span()),
        number if is_integer(number) => Ok(value.span()),
        _ => Err(ElementFault { at: value.at, problem: Problem::NotAnId, field }),
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
