//! Walks a payload and collects its elements.

use super::{batch::Batch, fault::ElementFault};
use crate::{
    event::Entry,
    freshness::HeaderTime,
    limits::{Limits, MAX_EVENTS},
    payload::{
        JsonValue,
        encoding::check_text,
        scan::{Fault, MemberName, NameBuffer, Scan, Scanner},
    },
    rejection::{Path, Problem, Reason},
};

/// The settings and the time with which a payload is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'r> {
    pub(crate) limits: &'r Limits,
    /// The offset of times without a zone, in minutes east of UTC.
    pub(crate) utc_offset_minutes: i16,
    /// The time in the request's header, which is that of its events, if the vendor has it there.
    pub(crate) header_time: Option<HeaderTime>,
    /// Whether an event of a form that its sender chose must have a name or a subject.
    pub(crate) require_name_or_subject: bool,
}

/// Reads a payload of one vendor into the batch, with [`read_payload`].
pub(crate) type ReadPayload = fn(&[u8], &ReadContext<'_>, &mut Batch) -> Result<(), Reason>;

/// A payload while it is read: the cursor, and the elements that it has passed.
#[derive(Debug)]
pub(crate) struct Reader<'b, 'r> {
    pub(super) scanner: Scanner<'b>,
    /// The number of lists and objects that are open around the cursor.
    pub(super) depth: u32,
    context: &'r ReadContext<'r>,
    batch: &'r mut Batch,
    /// The container that is being read, and whether it is a list.
    container: Container,
    in_list: bool,
    /// Whether there is an element beyond the limit. The fault that ends the reading then does not count.
    has_too_many: bool,
}

/// A list or object that holds elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Container {
    /// Its place in the body, as a JSON Pointer.
    pub(crate) pointer: &'static str,
    /// The length in bytes of the shortest element that can be read, with its comma. It bounds how many elements can
    /// still come, so that memory is reserved once for all. The bound is at most [`MAX_EVENTS`], so that a sender
    /// cannot reserve more.
    pub(crate) shortest_element_bytes: usize,
}

impl Container {
    /// The body itself is the only element.
    pub(crate) const BODY: Self = Self { pointer: "", shortest_element_bytes: 1 };
}

/// Reads a payload into the batch. A fault of one element makes only that element malformed. A fault of the JSON text
/// refuses the payload, and so does a payload whose elements are all malformed.
#[inline]
pub(crate) fn read_payload<'b, 'r>(
    body: &'b [u8],
    context: &'r ReadContext<'r>,
    batch: &'r mut Batch,
    read: impl FnOnce(&mut Reader<'b, 'r>) -> Result<(), ElementFault>,
) -> Result<(), Reason> {
    let mut reader = Reader {
        scanner: Scanner::new(body, context.limits),
        depth: 0,
        context,
        batch,
        container: Container::BODY,
        in_list: false,
        has_too_many: false,
    };
    let outcome = match check_text(body) {
        Ok(()) => read(&mut reader).and_then(|()| Ok(reader.scanner.finish()?)),
        Err(fault) => Err(fault.into()),
    };
    match outcome {
        Ok(()) if reader.batch.malformed.is_empty() || !reader.batch.entries.is_empty() => Ok(()),
        outcome => Err(reader.refusal(body, outcome)),
    }
}

impl<'b, 'r> Reader<'b, 'r> {
    pub(crate) fn context(&self) -> &'r ReadContext<'r> {
        self.context
    }

    #[inline]
    pub(crate) fn token(&mut self) -> u8 {
        self.scanner.token()
    }

    #[inline]
    pub(crate) fn value(&mut self) -> Scan<JsonValue<'b>> {
        self.scanner.value(self.depth)
    }

    /// The cursor for looking ahead, and the number of lists and objects that are open around it.
    pub(crate) fn ahead(&self) -> (Scanner<'b>, u32) {
        (self.scanner, self.depth)
    }

    // Without `always` (instructions): a Bento event +0.6 %.
    #[inline(always)]
    pub(crate) fn expect_object(&mut self) -> Result<(), ElementFault> {
        if self.token() == b'{' {
            return Ok(());
        }
        let at = self.value()?.at;
        Err(ElementFault { at, problem: Problem::NotAnObject, field: "" })
    }

    /// Passes the object under the cursor. `pass_value` passes the value of each member.
    #[inline]
    pub(crate) fn members<E: From<Fault>>(
        &mut self,
        mut pass_value: impl FnMut(&mut Self, MemberName<'b>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut object = self.scanner.open_object(self.depth)?;
        self.depth += 1;
        while let Some(member) = self.scanner.next_member(&mut object)? {
            pass_value(self, member)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Passes an object and reads the elements in its member `name`: a list, or a single element. Returns whether it
    /// has that member.
    #[inline]
    pub(crate) fn envelope(
        &mut self,
        name: &[u8],
        container: Container,
        element: impl Fn(&mut Self) -> Scan<()>,
    ) -> Result<bool, ElementFault> {
        let mut was_seen = false;
        self.members(|reader, member| {
            let refuse = |at, problem| Err(ElementFault { at, problem, field: container.pointer });
            if member.short_text(&mut NameBuffer::default()) != name {
                reader.value()?;
            } else if core::mem::replace(&mut was_seen, true) {
                return refuse(member.at(), Problem::RepeatedField);
            } else if matches!(reader.token(), b'[' | b'{') {
                reader.list_or_one(container, &element)?;
            } else {
                return refuse(reader.value()?.at, Problem::NotAContainer);
            }
            Ok(())
        })?;
        Ok(was_seen)
    }

    /// Passes a container: a list of elements, or a single element. `element` passes one element.
    #[inline]
    pub(crate) fn list_or_one(
        &mut self,
        container: Container,
        element: impl Fn(&mut Self) -> Scan<()>,
    ) -> Scan<()> {
        if self.token() != b'[' {
            return self.one(container, element);
        }
        self.begin(container, true)?;
        let mut list = self.scanner.open_list(self.depth)?;
        self.depth += 1;
        while self.scanner.next_element(&mut list)? {
            self.expect_room()?;
            element(self)?;
        }
        self.depth -= 1;
        self.end();
        Ok(())
    }

    /// Passes a container that is a single element, of any type.
    #[inline]
    pub(crate) fn one(&mut self, container: Container, element: impl Fn(&mut Self) -> Scan<()>) -> Scan<()> {
        self.begin(container, false)?;
        self.expect_room()?;
        element(self)?;
        self.end();
        Ok(())
    }

    /// Passes a container that is an object whose members are the elements.
    pub(crate) fn one_for_each_member(
        &mut self,
        container: Container,
        mut element: impl FnMut(&mut Self, MemberName<'b>) -> Scan<()>,
    ) -> Scan<()> {
        self.begin(container, true)?;
        self.members(|reader, member| {
            reader.expect_room()?;
            element(reader, member)
        })?;
        self.end();
        Ok(())
    }

    /// Goes back to the first byte and forgets all elements, to read the body in another shape.
    pub(crate) fn start_again(&mut self) {
        self.scanner.rewind();
        self.depth = 0;
        *self.batch = Batch::default();
    }

    /// Passes the element under the cursor and adds it as malformed, without looking into it.
    #[cold]
    pub(crate) fn pass_malformed(&mut self, at: usize, problem: Problem) -> Scan<()> {
        self.value()?;
        self.push(Err(ElementFault { at, problem, field: "" }));
        Ok(())
    }

    #[inline]
    fn begin(&mut self, container: Container, in_list: bool) -> Scan<()> {
        if let Some(at) = self.scanner.take_long_number() {
            // The number precedes the elements, so the whole body is at fault.
            return Err(Fault { at, problem: Problem::NumberTooLong });
        }
        self.container = container;
        self.in_list = in_list;
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        self.container = Container::BODY;
        self.in_list = false;
    }

    /// Refuses an element beyond the limit.
    #[inline]
    fn expect_room(&mut self) -> Scan<()> {
        if self.elements_left() == 0 {
            self.has_too_many = true;
            return self.scanner.fault(NO_MORE_ELEMENTS);
        }
        Ok(())
    }

    #[inline]
    fn elements_left(&self) -> usize {
        let elements = usize::try_from(self.batch.elements).unwrap_or(usize::MAX);
        self.context.limits.events.saturating_sub(elements)
    }

    /// Adds the element that the cursor has passed: an event, or its fault.
    // Without `always` (instructions): 1,000 Bento events +3.7 %.
    #[inline(always)]
    pub(super) fn push(&mut self, read: Result<Entry, ElementFault>) {
        match (read, self.scanner.take_long_number()) {
            (Ok(entry), None) => {
                let left = self.elements_left();
                let Self { scanner, container, batch, .. } = self;
                let most = || left.min(scanner.remaining() / container.shortest_element_bytes + 1);
                let index = batch.elements;
                batch.entries.push(Entry { index, ..entry }, most);
            }
            (read, long_number) => self.push_malformed(read.err(), long_number),
        }
        self.batch.elements = self.batch.elements.saturating_add(1);
    }

    #[cold]
    fn push_malformed(&mut self, fault: Option<ElementFault>, long_number: Option<usize>) {
        let too_long = |at| ElementFault { at, problem: Problem::NumberTooLong, field: "" };
        let faults = fault.into_iter().chain(long_number.map(too_long));
        let Some(fault) = faults.min_by_key(|fault| fault.at) else { return };
        let most = self.elements_left().min(self.scanner.remaining() / SHORTEST_VALUE_BYTES + 1);
        let index = self.in_list.then_some(self.batch.elements);
        let path = Path { container: self.container.pointer, index, field: fault.field };
        self.batch.push_malformed(fault, path, most.min(MAX_EVENTS));
    }

    #[cold]
    fn refusal(&self, body: &[u8], outcome: Result<(), ElementFault>) -> Reason {
        let (fault, path) = match (outcome, self.batch.malformed.first()) {
            (Err(_), _) if self.has_too_many => {
                return Reason::TooManyEvents { limit: self.context.limits.events };
            }
            (Err(fault), _) => {
                let index = self.in_list.then_some(self.batch.elements);
                let path = Path { container: self.container.pointer, index, field: fault.field };
                (Fault { at: fault.at, problem: fault.problem }, path)
            }
            (Ok(()), Some(first)) => (first.fault(), first.path()),
            (Ok(()), None) => (Fault { at: 0, problem: Problem::Missing }, Path::ROOT),
        };
        Reason::MalformedPayload(fault.locate(body, path))
    }
}

/// Ends the reading at an element beyond the limit. It is never shown: the reason is then [`Reason::TooManyEvents`].
const NO_MORE_ELEMENTS: Problem = Problem::ExpectedEnd;

/// A digit, the shortest JSON value, and its comma.
const SHORTEST_VALUE_BYTES: usize = 2;
