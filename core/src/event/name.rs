//! The vendor's name for an event.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::payload::Text;

/// The vendor's own name for an event, of one word or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) word: Text<'a>,
    pub(super) second: Option<Text<'a>>,
}

impl Name<'_> {
    /// The character between two words.
    #[doc(hidden)]
    pub const SEPARATOR: char = '.';

    /// The characters of the name.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone {
        self.word.chars().chain(
            self.second.into_iter().flat_map(|word| core::iter::once(Self::SEPARATOR).chain(word.chars())),
        )
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.second {
            None => self.word.fmt(f),
            Some(second) => write!(f, "{}{}{second}", self.word, Self::SEPARATOR),
        }
    }
}

impl PartialEq<str> for Name<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Name<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
