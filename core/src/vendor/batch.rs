use alloc::vec::Vec;
use core::fmt;

use super::element::ElementFault;
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
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) entries: Entries,
    pub(crate) malformed: Vec<Malformed>,
    elements: usize,
    /// The element that is being read, for the path of a fault that ends the reading.
    place: Path,
    overflowed: bool,
}

impl Batch {
    /// Reads a payload with `walk`, which hands each element to the batch.
    pub(crate) fn read(
        body: &[u8],
        limits: &Limits,
        walk: impl FnOnce(&mut Scanner<'_>, &mut Self) -> Result<(), ElementFault>,
    ) -> Result<Self, Reason> {
        let mut batch = Self {
            entries: Entries::default(),
            malformed: Vec::new(),
            elements: 0,
            place: Path::ROOT,
            overflowed: false,
        };
        let outcome = Scanner::new(body, limits).map_err(ElementFault::from).and_then(|mut scanner| {
            walk(&mut scanner, &mut batch)?;
            scanner.end()?;
            match scanner.take_long_number() {
                Some(at) => Err(ElementFault { at, problem: Problem::NumberTooLong, field: "" }),
                None => Ok(()),
            }
        });
        match outcome {
            Ok(()) if batch.entries.is_empty() => match batch.malformed.first() {
                Some(first) => Err(malformed_payload(body, first.at, first.problem, first.path)),
                None => Ok(batch),
            },
            Ok(()) => Ok(batch),
            Err(_) if batch.overflowed => Err(Reason::TooManyEvents { limit: limits.events }),
            Err(fault) => {
                let path = Path { field: fault.field, ..batch.place };
                Err(malformed_payload(body, fault.at, fault.problem, path))
            }
        }
    }

    /// Whether there is more than one element.
    pub(crate) fn has_several(&self) -> bool {
        self.elements > 1
    }

    /// Passes a container, whether a list of elements or one element.
    ///
    /// `smallest` is the length of the shortest element that can be read, with its comma: it bounds how many can
    /// still come, so that room for all of them is made once.
    #[inline(always)]
    pub(crate) fn container(
        &mut self,
        scanner: &mut Scanner<'_>,
        open: u32,
        limits: &Limits,
        (container, smallest): (&'static str, usize),
        mut element: impl FnMut(&mut Scanner<'_>, u32) -> Scan<Result<Entry, ElementFault>>,
    ) -> Scan<()> {
        if scanner.token() == b'[' {
            scanner.list(open, |scanner| {
                self.begin(scanner, limits, container, true)?;
                let read = element(scanner, open + 1)?;
                self.finish(scanner, limits, smallest, read);
                Ok(())
            })?;
        } else {
            self.begin(scanner, limits, container, false)?;
            let read = element(scanner, open)?;
            self.finish(scanner, limits, smallest, read);
        }
        self.place = Path::ROOT;
        Ok(())
    }

    #[inline(always)]
    fn begin(
        &mut self,
        scanner: &Scanner<'_>,
        limits: &Limits,
        container: &'static str,
        in_list: bool,
    ) -> Scan<()> {
        if self.elements >= limits.events {
            self.overflowed = true;
            return scanner.fault(Problem::ExpectedEnd);
        }
        let index = in_list.then(|| u32::try_from(self.elements).unwrap_or(u32::MAX));
        self.place = Path { container, index, field: "" };
        Ok(())
    }

    #[inline(always)]
    fn finish(
        &mut self,
        scanner: &mut Scanner<'_>,
        limits: &Limits,
        smallest: usize,
        read: Result<Entry, ElementFault>,
    ) {
        let index = u32::try_from(self.elements).unwrap_or(u32::MAX);
        self.elements += 1;
        let left = limits.events.saturating_sub(self.elements);
        match (read, scanner.take_long_number()) {
            (Ok(entry), None) => {
                self.entries.push(Entry { index, ..entry }, left.min(scanner.remaining() / smallest + 1));
            }
            (read, long_number) => self.finish_malformed(read.err(), long_number, left, scanner.remaining()),
        }
    }

    #[cold]
    fn finish_malformed(
        &mut self,
        fault: Option<ElementFault>,
        long_number: Option<u32>,
        left: usize,
        remaining: usize,
    ) {
        let long_number =
            long_number.map(|at| ElementFault { at, problem: Problem::NumberTooLong, field: "" });
        let Some(fault) = fault.into_iter().chain(long_number).min_by_key(|fault| fault.at) else { return };
        if self.malformed.is_empty() {
            // An element and its comma take at least two bytes.
            self.malformed.reserve_exact(left.min(remaining / 2) + 1);
        }
        self.malformed.push(Malformed {
            index: u32::try_from(self.elements - 1).unwrap_or(u32::MAX),
            at: fault.at,
            problem: fault.problem,
            path: Path { field: fault.field, ..self.place },
        });
    }
}

#[cold]
fn malformed_payload(body: &[u8], at: u32, problem: Problem, path: Path) -> Reason {
    Reason::MalformedPayload(Fault { at, problem }.locate(body, path))
}

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
    fn push(&mut self, entry: Entry, still_to_come: usize) {
        if self.first.is_none() {
            self.first = Some(entry);
            return;
        }
        if self.rest.is_empty() {
            self.rest.reserve_exact(still_to_come + 1);
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
