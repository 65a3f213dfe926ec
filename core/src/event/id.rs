//! The id of an event, and where it comes from.

use core::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Serialize, Serializer};

use super::percent::Encoded;
use crate::{payload::Text, replay::Hexadecimal, words::words};

/// An event's id. It compares and hashes as the text that `Display` prints.
///
/// In a vendor's id, `%`, `#`, white space, control, format and noncharacter code points are percent-encoded, so that a
/// log shows what is there.
#[derive(Debug, Clone, Copy)]
pub struct Id<'a> {
    pub(super) stem: Stem<'a>,
    pub(super) index: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Stem<'a> {
    Vendor(Text<'a>),
    Derived(Hexadecimal),
}

impl Id<'_> {
    /// The digest, if the id was derived.
    pub(crate) fn digest(&self) -> Option<Hexadecimal> {
        match self.stem {
            Stem::Vendor(_) => None,
            Stem::Derived(digest) => Some(digest),
        }
    }
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stem {
            Stem::Vendor(id) => Encoded(id.chars()).fmt(f)?,
            Stem::Derived(digest) => f.write_str(digest.as_str())?,
        }
        match self.index {
            Some(index) => write!(f, "#{index}"),
            None => Ok(()),
        }
    }
}

/// Compares as text. Two texts never encode alike, and a `#` in them is encoded, so it is enough to compare the parts.
impl PartialEq for Id<'_> {
    fn eq(&self, other: &Self) -> bool {
        let stems_are_equal = match (&self.stem, &other.stem) {
            (Stem::Vendor(one), Stem::Vendor(other)) => one == other,
            (Stem::Derived(one), Stem::Derived(other)) => one == other,
            (Stem::Vendor(id), Stem::Derived(digest)) | (Stem::Derived(digest), Stem::Vendor(id)) => {
                id == digest.as_str()
            }
        };
        self.index == other.index && stems_are_equal
    }
}

impl Eq for Id<'_> {}

impl Hash for Id<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        /// Writes byte by byte: otherwise the hash could depend on where the pieces of a text end.
        struct Bytes<'h, H>(&'h mut H);

        impl<H: Hasher> fmt::Write for Bytes<'_, H> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                text.bytes().for_each(|byte| self.0.write_u8(byte));
                Ok(())
            }
        }

        // Writing to a hasher cannot fail.
        let _ = fmt::Write::write_fmt(&mut Bytes(state), format_args!("{self}\u{ff}"));
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

#[cfg(test)]
mod tests {
    #[cfg(not(feature = "std"))]
    extern crate std;

    use alloc::{string::ToString, vec::Vec};
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;
    use crate::{kind::Vendor, replay::Domain};

    fn vendor(id: &str) -> Stem<'_> {
        Stem::Vendor(Text::plain(id))
    }

    #[test]
    fn ids_compare_and_hash_as_their_text() {
        let derived = |domain| Hexadecimal::of(None, domain, *Vendor::ALL.first().unwrap(), "a", []);
        let digest = derived(Domain::EventId);
        let stems = [
            vendor("a"),
            vendor("a#1"),
            vendor("a%231"),
            vendor("\\u0061"),
            vendor("a\u{202e}"),
            vendor(digest.as_str()),
            Stem::Derived(digest),
            Stem::Derived(derived(Domain::EventKey)),
        ];
        let ids: Vec<Id<'_>> = stems
            .into_iter()
            .flat_map(|stem| [None, Some(0), Some(1), Some(10)].map(|index| Id { stem, index }))
            .collect();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for one in &ids {
            for other in &ids {
                let are_equal = one.to_string() == other.to_string();
                assert_eq!(one == other, are_equal, "{one} and {other}");
                assert_eq!(hasher.hash_one(one) == hasher.hash_one(other), are_equal, "{one} and {other}");
            }
        }
    }
}
