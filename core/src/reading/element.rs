//! Collects and checks the fields of one element. A fault in them affects only this element.

use super::{fault::ElementFault, reader::Reader};
use crate::{
    event::Entry,
    payload::{
        JsonValue, Span,
        scan::{MemberName, NameBuffer, Scan, Scanner, Visitor},
        string::has_whole_surrogates,
    },
    rejection::Problem,
};

/// The fields of an element to read: members of the element, and of objects inside it.
pub(crate) trait ElementFields<'a> {
    /// Names the objects whose members are read. The default is the element.
    type Object: Copy + Default;

    /// How to treat a member of this object, by its name.
    fn role(&mut self, object: Self::Object, name: &[u8]) -> Role<'_, 'a, Self::Object>;

    fn parent(object: Self::Object) -> Self::Object;
}

/// How to treat a member. `pointer` is its JSON Pointer suffix, as in [`ElementFault`].
pub(crate) enum Role<'f, 'a, O> {
    /// Pass it.
    Ignored,
    /// Keep its value. A second member with the name is a fault.
    Field { value: &'f mut JsonValue<'a>, pointer: &'static str },
    /// Read its members if it is an object. Any other value counts as absent. A second member with the name is a fault.
    Object { object: O, was_seen: &'f mut bool, pointer: &'static str },
}

impl<'b> Reader<'b, '_> {
    /// Passes the element under the cursor, fills in its fields, and adds the event that `normalize` makes of them.
    /// `normalize` also gets the whole element.
    // Without `always` (instructions): a Benti answer +0.6 %.
    #[inline(always)]
    pub(crate) fn element<F: ElementFields<'b>>(
        &mut self,
        fields: F,
        normalize: impl FnOnce(&F, JsonValue<'b>) -> Result<Entry, ElementFault>,
    ) -> Scan<()> {
        if self.token() != b'{' {
            return self.not_an_object();
        }
        let mut collector = Collector { fields, fault: None };
        let element = self.scanner.walk(self.depth, &mut collector)?;
        let read = match collector.fault {
            None => normalize(&collector.fields, element),
            Some(fault) => Err(fault),
        };
        self.push(read);
        Ok(())
    }

    #[cold]
    fn not_an_object(&mut self) -> Scan<()> {
        let at = self.value()?.at;
        self.push(Err(ElementFault { at, problem: Problem::NotAnObject, field: "" }));
        Ok(())
    }
}

struct Collector<F> {
    fields: F,
    fault: Option<ElementFault>,
}

impl<'a, F: ElementFields<'a>> Visitor<'a> for Collector<F> {
    type Object = F::Object;

    // Without `always` (instructions): a Benji body +0.3 %.
    #[inline(always)]
    fn member(
        &mut self,
        scanner: &mut Scanner<'a>,
        object: F::Object,
        member: MemberName<'a>,
        depth: u32,
    ) -> Scan<Option<F::Object>> {
        let mut buffer = NameBuffer::default();
        match self.fields.role(object, member.short_text(&mut buffer)) {
            Role::Ignored => {}
            Role::Object { object, was_seen, pointer } => {
                if core::mem::replace(was_seen, true) {
                    self.note(member.at(), Problem::RepeatedField, pointer);
                } else if scanner.token() == b'{' {
                    return Ok(Some(object));
                }
            }
            Role::Field { value: kept, pointer } => {
                let value = scanner.value(depth)?;
                let is_first = kept.is_absent();
                if is_first {
                    *kept = value;
                }
                if let Some(at) = scanner.take_long_number() {
                    // A number inside an ignored member before this field has no pointer.
                    let pointer = if at == value.at { pointer } else { "" };
                    self.note(at, Problem::NumberTooLong, pointer);
                }
                if !is_first {
                    self.note(member.at(), Problem::RepeatedField, pointer);
                } else if value.has_escapes && !has_whole_surrogates(value) {
                    self.note(value.at, Problem::LoneSurrogate, pointer);
                }
                return Ok(None);
            }
        }
        scanner.value(depth)?;
        Ok(None)
    }

    #[inline]
    fn parent(object: F::Object) -> F::Object {
        F::parent(object)
    }
}

impl<F> Collector<F> {
    #[inline]
    fn note(&mut self, at: usize, problem: Problem, field: &'static str) {
        self.fault = earlier(self.fault, ElementFault { at, problem, field });
    }
}

/// Takes and returns the fault by value, so that the collector can stay in registers.
#[cold]
fn earlier(fault: Option<ElementFault>, other: ElementFault) -> Option<ElementFault> {
    Some(fault.filter(|fault| fault.at <= other.at).unwrap_or(other))
}

/// A required field: a text of at least one character. If it is missing, the fault is at `object`.
#[inline]
pub(crate) fn required_text(
    value: JsonValue<'_>,
    object: JsonValue<'_>,
    field: &'static str,
) -> Result<Span, ElementFault> {
    match value.json {
        [b'"', _, .., b'"'] => Ok(value.span()),
        [] => Err(ElementFault { at: object.at, problem: Problem::Missing, field }),
        _ => Err(ElementFault { at: value.at, problem: Problem::NotText, field }),
    }
}

/// An optional field: a text of at least one character. Any other value counts as absent.
#[inline]
pub(crate) fn optional_text(value: JsonValue<'_>) -> Span {
    match value.json {
        [b'"', _, .., b'"'] => value.span(),
        _ => Span::ABSENT,
    }
}

/// An id: an integer or a text, kept as written. `null` and an empty text count as absent.
#[inline]
pub(crate) fn id(value: JsonValue<'_>, field: &'static str) -> Result<Span, ElementFault> {
    if value.is_absent_or_null() {
        return Ok(Span::ABSENT);
    }
    match value.json {
        b"\"\"" => Ok(Span::ABSENT),
        [b'"', ..] => Ok(value.span()),
        number if is_integer(number) => Ok(value.span()),
        _ => Err(ElementFault { at: value.at, problem: Problem::NotAnId, field }),
    }
}

/// Whether this is an integer in the grammar of JSON, other than `-0`.
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
