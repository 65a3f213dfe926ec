//! The elements of a payload: the events, and the elements that could not be read.

use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::fault::ElementFault;
use crate::{
    event::Entry,
    freshness::Timestamp,
    limits::MAX_EVENTS,
    payload::scan::Fault,
    rejection::{Path, Problem},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Entries,
    pub(crate) malformed: Vec<Malformed>,
    /// The number of elements, both events and malformed.
    pub(super) elements: u32,
}

impl Batch {
    pub(crate) fn has_several(&self) -> bool {
        self.elements > 1
    }

    /// The time of the newest event.
    pub(crate) fn newest_time(&self) -> Option<Timestamp> {
        self.entries.iter().filter_map(Entry::time).max()
    }

    /// Adds the next element as malformed. `most` is the largest number of elements that can still come, including this
    /// one.
    pub(super) fn push_malformed(&mut self, fault: ElementFault, path: Path, most: usize) {
        if self.malformed.is_empty() {
            self.malformed.reserve_exact(most);
        }
        let ElementFault { at, problem, .. } = fault;
        self.malformed.push(Malformed { index: self.elements, at, problem, path });
    }
}

/// The events of a delivery. The first is stored inline, so a single event allocates nothing.
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

    // Without `always` (instructions, in the packages): a Benji body +3.5 %.
    #[inline(always)]
    pub(super) fn push(&mut self, entry: Entry, most: impl FnOnce() -> usize) {
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
    pub(super) fn fault(&self) -> Fault {
        Fault { at: self.at, problem: self.problem }
    }

    /// The element's position in its delivery, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    /// The faulty field as a JSON Pointer (RFC 6901) from the top of the body, such as `/events/3/email`. If an object
    /// with numbered members replaces the list, the pointer has the member's position in it, not its number.
    #[must_use]
    pub fn path(&self) -> Path {
        self.path
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> Problem {
        self.problem
    }
}

/// A message for the log. It holds nothing of the body.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

/// Its position, the path of the faulty field, and the problem as a message.
impl Serialize for Malformed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Malformed", 3)?;
        fields.serialize_field("index", &self.index())?;
        fields.serialize_field("path", &self.path())?;
        fields.serialize_field("message", &format_args!("{}", self.problem()))?;
        fields.end()
    }
}
