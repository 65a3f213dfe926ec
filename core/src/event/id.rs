use core::fmt;

use serde::{Serialize, Serializer};

use crate::{kind::words, payload::Text, replay::Hexadecimal};

/// An event's id; it is read by its `Display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<'a> {
    pub(super) stem: Stem<'a>,
    pub(super) index: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stem<'a> {
    Vendor(Text<'a>),
    Derived(Hexadecimal),
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stem {
            Stem::Vendor(id) => id.fmt(f)?,
            Stem::Derived(digest) => f.write_str(digest.as_str())?,
        }
        match self.index {
            Some(index) => write!(f, "#{index}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

words! {
    /// Where an event's id comes from.
    IdOrigin {
        /// The vendor gave it.
        Vendor = "vendor",
        /// hookseal derived it from the bytes that were received.
        Derived = "derived",
    }
}
