use alloc::vec::Vec;
use core::fmt;

use super::element::{Element, ElementFault};
use crate::{
    event::Entry,
    freshness::Timestamp,
    limits::Limits,
    payload::scan::{Fault, Scan, Scanner},
    rejection::{Path, Problem, Reason},
};

/// What the reading of a payload depends on besides its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) limits: Limits,
    /// Benti: what a time without a zone is read at.
    pub(crate) utc_offset_minutes: i16,
    /// Benji: the time from the request's header.
    pub(crate) time: Option<Timestamp>,
}

/// The elements of a payload: those that became events, and those that could not be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Entries,
    pub(crate) malformed: Vec<Malformed>,
    /// How many elements there were of both.
    elements: u32,
    /// Where the elements that are being read stand, and whether in a list.
    container: &'static str,
    in_list: bool,
    overflowed: bool,
}

impl Batch {
    /// Reads a payload with `walk`, which hands each element to the batch.
    #[inline(always)]
    pub(crate) fn read<'b>(
        &mut self,
        body: &'b [u8],
        limits: &Limits,
        walk: impl FnOnce(&mut Scanner<'b>, &mut Self) -> Result<(), ElementFault>,
    ) -> Result<(), Reason> {
        let outcome = match Scanner::new(body, limits) {
            Ok(mut scanner) => walk(&mut scanner, self).and_then(|()| Ok(scanner.finish()?)),
            Err(fault) => Err(fault.into()),
        };
        match outcome {
            Ok(()) if self.malformed.is_empty() || !self.entries.is_empty() => Ok(()),
            outcome => Err(self.refuse(body, limits, outcome)),
        }
    }

    #[cold]
    fn refuse(&self, body: &[u8], limits: &Limits, outcome: Result<(), ElementFault>) -> Reason {
        let (fault, path) = match (outcome, self.malformed.first()) {
            (Err(_), _) if self.overflowed => return Reason::TooManyEvents { limit: limits.events },
            (Err(fault), _) => {
                let index = self.in_list.then_some(self.elements);
                let path = Path { container: self.container, index, field: fault.field };
                (Fault { at: fault.at, problem: fault.problem }, path)
            }
            (Ok(()), Some(first)) => (Fault { at: first.at, problem: first.problem }, first.path),
            (Ok(()), None) => (Fault { at: 0, problem: Problem::Missing }, Path::ROOT),
        };
        Reason::MalformedPayload(fault.locate(body, path))
    }

    /// Whether there is more than one element.
    pub(crate) fn has_several(&self) -> bool {
        self.elements > 1
    }

    /// Passes a container, whether a list of elements or one element.
    #[inline(always)]
    pub(crate) fn container<'b>(
        &mut self,
        scanner: &mut Scanner<'b>,
        open: u32,
        limits: &Limits,
        Place { container, smallest }: Place,
        element: impl Fn(&mut Scanner<'b>, u32) -> Scan<Element>,
    ) -> Scan<()> {
        self.container = container;
        self.in_list = scanner.token() == b'[';
        if self.in_list {
            let mut list = scanner.open_list(open)?;
            while scanner.next_element(&mut list)? {
                self.admit(scanner, limits)?;
                let read = element(scanner, open + 1)?;
                self.push(scanner, limits, smallest, read);
            }
        } else {
            self.admit(scanner, limits)?;
            let read = element(scanner, open)?;
            self.push(scanner, limits, smallest, read);
        }
        self.container = "";
        self.in_list = false;
        Ok(())
    }

    #[inline(always)]
    fn admit(&mut self, scanner: &Scanner<'_>, limits: &Limits) -> Scan<()> {
        if self.left(limits) == 0 {
            self.overflowed = true;
            return scanner.fault(Problem::ExpectedEnd);
        }
        Ok(())
    }

    /// How many elements the limit still allows.
    #[inline(always)]
    fn left(&self, limits: &Limits) -> usize {
        limits.events.saturating_sub(usize::try_from(self.elements).unwrap_or(usize::MAX))
    }

    #[inline(always)]
    fn push(&mut self, scanner: &mut Scanner<'_>, limits: &Limits, smallest: usize, read: Element) {
        match (read, scanner.take_long_number()) {
            (Ok(entry), None) => {
                let left = self.left(limits);
                let most = || left.min(scanner.remaining() / smallest + 1);
                self.entries.push(Entry { index: self.elements, ..entry }, most);
            }
            (read, long_number) => {
                let most = self.left(limits).min(scanner.remaining() / SMALLEST_VALUE_BYTES + 1);
                self.push_malformed(read.err(), long_number, most);
            }
        }
        self.elements = self.elements.saturating_add(1);
    }

    #[cold]
    fn push_malformed(&mut self, fault: Option<ElementFault>, long_number: Option<u32>, most: usize) {
        let too_long = |at| ElementFault { at, problem: Problem::NumberTooLong, field: "" };
        let faults = fault.into_iter().chain(long_number.map(too_long));
        let Some(fault) = faults.min_by_key(|fault| fault.at) else { return };
        if self.malformed.is_empty() {
            self.malformed.reserve_exact(most);
        }
        let (container, index) = (self.container, self.in_list.then_some(self.elements));
        self.malformed.push(Malformed {
            index: self.elements,
            at: fault.at,
            problem: fault.problem,
            path: Path { container, index, field: fault.field },
        });
    }
}

/// Where elements stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The container as a JSON Pointer.
    pub(crate) container: &'static str,
    /// The length in bytes of the shortest element that can be read, with its comma: it bounds how many can
    /// still come, so that room for all of them is made once.
    pub(crate) smallest: usize,
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
            self.rest.reserve_exact(most());
        }
        self.rest.push(entry);
    }
}

/// An element of a delivery that could not be read. The others are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    index: u32,
    at: u32,
    problem: Problem,
    path: Path,
}

impl Malformed {
    /// The element's place in its delivery, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    /// The field concerned as a JSON Pointer (RFC 6901) from the top of the body, such as `/events/3/email`.
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
