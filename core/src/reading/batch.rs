//! The elements of a payload: the events, and the elements that could not be read.

use alloc::vec::Vec;
use core::fmt;

use super::fault::ElementFault;
use crate::{
    event::Entry,
    freshness::Timestamp,
    limits::{Limits, MAX_EVENTS},
    payload::scan::{Fault, Key, Scan, Scanner, check_text},
    rejection::{Path, Problem, Reason},
};

/// What the reading of a payload depends on besides its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) limits: &'r Limits,
    /// What a time without a zone is read at, in minutes east of UTC.
    pub(crate) utc_offset_minutes: i16,
    /// The time from the request's header, and whether it named no zone.
    pub(crate) time: Option<Timestamp>,
    pub(crate) time_zone_assumed: bool,
}

/// The elements of a payload: those that became events, and those that could not be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Entries,
    pub(crate) malformed: Vec<Malformed>,
    /// How many elements there were of both.
    elements: u32,
}

impl Batch {
    /// Reads a payload with `walk`, which hands each element to the batch.
    #[inline(always)]
    pub(crate) fn read<'b>(
        &mut self,
        body: &'b [u8],
        limits: &Limits,
        walk: impl FnOnce(&mut Scanner<'b>, &mut Filling<'_>) -> Result<(), ElementFault>,
    ) -> Result<(), Reason> {
        let mut filling = Filling {
            batch: self,
            place: Place::BODY,
            in_list: false,
            max_events: limits.events,
            overflowed: false,
        };
        let mut scanner = Scanner::new(body, limits);
        let outcome = match check_text(body) {
            Ok(()) => walk(&mut scanner, &mut filling).and_then(|()| Ok(scanner.finish()?)),
            Err(fault) => Err(fault.into()),
        };
        match outcome {
            Ok(()) if filling.batch.malformed.is_empty() || !filling.batch.entries.is_empty() => Ok(()),
            outcome => Err(filling.refuse(body, outcome)),
        }
    }

    /// Whether there is more than one element.
    pub(crate) fn has_several(&self) -> bool {
        self.elements > 1
    }
}

/// A batch while its payload is read.
#[derive(Debug)]
pub(crate) struct Filling<'d> {
    batch: &'d mut Batch,
    /// Where the elements stand that are being read, and whether in a list.
    place: Place,
    in_list: bool,
    max_events: usize,
    overflowed: bool,
}

impl Filling<'_> {
    #[cold]
    fn refuse(&self, body: &[u8], outcome: Result<(), ElementFault>) -> Reason {
        let (fault, path) = match (outcome, self.batch.malformed.first()) {
            (Err(_), _) if self.overflowed => return Reason::TooManyEvents { limit: self.max_events },
            (Err(fault), _) => {
                let index = self.in_list.then_some(self.batch.elements);
                let path = Path { container: self.place.container, index, field: fault.field };
                (Fault { at: fault.at, problem: fault.problem }, path)
            }
            (Ok(()), Some(first)) => (Fault { at: first.at, problem: first.problem }, first.path),
            (Ok(()), None) => (Fault { at: 0, problem: Problem::Missing }, Path::ROOT),
        };
        Reason::MalformedPayload(fault.locate(body, path))
    }

    /// Passes a container, whether a list of elements or one element; `element` passes one and hands it over.
    #[inline(always)]
    pub(crate) fn container<'b>(
        &mut self,
        scanner: &mut Scanner<'b>,
        open: u32,
        place: Place,
        element: impl Fn(&mut Scanner<'b>, u32, &mut Self) -> Scan<()>,
    ) -> Scan<()> {
        if scanner.token() != b'[' {
            return self.single(scanner, open, place, element);
        }
        self.begin(scanner, place, true)?;
        let mut list = scanner.open_list(open)?;
        while scanner.next_element(&mut list)? {
            self.admit(scanner)?;
            element(scanner, open + 1, self)?;
        }
        self.end();
        Ok(())
    }

    /// Passes a container that is one element, whatever it is.
    #[inline(always)]
    pub(crate) fn single<'b>(
        &mut self,
        scanner: &mut Scanner<'b>,
        open: u32,
        place: Place,
        element: impl Fn(&mut Scanner<'b>, u32, &mut Self) -> Scan<()>,
    ) -> Scan<()> {
        self.begin(scanner, place, false)?;
        self.admit(scanner)?;
        element(scanner, open, self)?;
        self.end();
        Ok(())
    }

    /// Passes a container that is an object whose members are the elements.
    pub(crate) fn members<'b>(
        &mut self,
        scanner: &mut Scanner<'b>,
        open: u32,
        place: Place,
        mut element: impl FnMut(&mut Scanner<'b>, u32, &mut Self, Key<'b>) -> Scan<()>,
    ) -> Scan<()> {
        self.begin(scanner, place, true)?;
        let mut object = scanner.open_object(open)?;
        while let Some(key) = scanner.next_key(&mut object)? {
            self.admit(scanner)?;
            element(scanner, open + 1, self, key)?;
        }
        self.end();
        Ok(())
    }

    #[inline(always)]
    fn begin(&mut self, scanner: &mut Scanner<'_>, place: Place, in_list: bool) -> Scan<()> {
        if let Some(at) = scanner.take_long_number() {
            // It stands before the elements, and costs none of them.
            return Err(Fault { at, problem: Problem::NumberTooLong });
        }
        self.place = place;
        self.in_list = in_list;
        Ok(())
    }

    #[inline(always)]
    fn end(&mut self) {
        self.place = Place::BODY;
        self.in_list = false;
    }

    /// Forgets all elements, to read the body as something else.
    pub(crate) fn discard(&mut self) {
        *self.batch = Batch::default();
    }

    /// Passes the element under the cursor, which is malformed before it is looked at.
    #[cold]
    pub(crate) fn pass_malformed(
        &mut self,
        scanner: &mut Scanner<'_>,
        open: u32,
        at: usize,
        problem: Problem,
    ) -> Scan<()> {
        scanner.value(open)?;
        self.push(scanner, Err(ElementFault { at, problem, field: "" }));
        Ok(())
    }

    #[inline(always)]
    fn admit(&mut self, scanner: &Scanner<'_>) -> Scan<()> {
        if self.left() == 0 {
            self.overflowed = true;
            return scanner.fault(Problem::ExpectedEnd);
        }
        Ok(())
    }

    /// How many elements the limit still allows.
    #[inline(always)]
    fn left(&self) -> usize {
        self.max_events.saturating_sub(usize::try_from(self.batch.elements).unwrap_or(usize::MAX))
    }

    /// Takes the element that the scanner has passed.
    #[inline(always)]
    pub(crate) fn push(&mut self, scanner: &mut Scanner<'_>, read: Result<Entry, ElementFault>) {
        match (read, scanner.take_long_number()) {
            (Ok(entry), None) => {
                let left = self.left();
                let most = || left.min(scanner.remaining() / self.place.smallest + 1);
                let index = self.batch.elements;
                self.batch.entries.push(Entry { index, ..entry }, most);
            }
            (read, long_number) => self.push_malformed(scanner, read.err(), long_number),
        }
        self.batch.elements = self.batch.elements.saturating_add(1);
    }

    #[cold]
    fn push_malformed(
        &mut self,
        scanner: &Scanner<'_>,
        fault: Option<ElementFault>,
        long_number: Option<usize>,
    ) {
        let too_long = |at| ElementFault { at, problem: Problem::NumberTooLong, field: "" };
        let faults = fault.into_iter().chain(long_number.map(too_long));
        let Some(fault) = faults.min_by_key(|fault| fault.at) else { return };
        if self.batch.malformed.is_empty() {
            let most = self.left().min(scanner.remaining() / SMALLEST_VALUE_BYTES + 1);
            self.batch.malformed.reserve_exact(most.min(MAX_EVENTS));
        }
        let index = self.batch.elements;
        self.batch.malformed.push(Malformed {
            index,
            at: fault.at,
            problem: fault.problem,
            path: Path {
                container: self.place.container,
                index: self.in_list.then_some(index),
                field: fault.field,
            },
        });
    }
}

/// Where elements stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The container as a JSON Pointer.
    pub(crate) container: &'static str,
    /// The length in bytes of the shortest element that can be read, with its comma: it bounds how many can
    /// still come, so that room for all of them is made once (for up to [`MAX_EVENTS`]; where the limit was
    /// raised, what is announced is not what is reserved).
    pub(crate) smallest: usize,
}

impl Place {
    /// The body itself is the only element.
    pub(crate) const BODY: Self = Self { container: "", smallest: 1 };
}

/// The shortest value of all is a digit, and has a comma.
const SMALLEST_VALUE_BYTES: usize = 2;

/// The events of a delivery. The first stands in place, so that a single event allocates nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    first: Option<Entry>,
    rest: Vec<Entry>,
}

impl Entries {
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Entry> {
        match at.checked_sub(1) {
            None => self.first.as_ref(),
            Some(at) => self.rest.get(at),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.first.iter().chain(&self.rest)
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry, most: impl FnOnce() -> usize) {
        if self.first.is_none() {
            self.first = Some(entry);
            return;
        }
        if self.rest.capacity() == 0 {
            self.rest.reserve_exact(most().min(MAX_EVENTS));
        }
        self.rest.push(entry);
    }
}

/// An element of a delivery that could not be read. The others are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    index: u32,
    at: usize,
    problem: Problem,
    path: Path,
}

impl Malformed {
    /// The element's place in its delivery, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    /// The field concerned as a JSON Pointer (RFC 6901) from the top of the body, such as `/events/3/email`. Of objects
    /// under numbers in place of a list it holds the place in their order, not the number.
    #[must_use]
    pub fn path(&self) -> Path {
        self.path
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.problem
    }
}

/// A message for the log; nothing of the body is in it.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}
