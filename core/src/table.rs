//! The rows of the table of kinds: what each vendor calls its events, and what hookseal makes of them.
//!
//! Each vendor's folder makes its rows from the lists of words with which it reads. `core/types/generate.py` makes the
//! types of the packages and the tables of the documentation from all rows.

use alloc::string::String;

use crate::kind::{Kind, Vendor};

/// Which events have a kind, which type their payload has, and where their fields are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who sends them.
    pub vendor: Vendor,
    /// The name of such an event. [`Row::ANY_OTHER`] in place of a word stands for any word that no other row of this
    /// payload has.
    pub name: String,
    /// Their kind.
    pub kind: Kind,
    /// The type of their payload by its path in this crate: a struct, or a variant of an enum.
    pub payload: &'static str,
    /// Whether they may have any member beside those of the type, because the vendor did not document them, or lets its
    /// customers choose members.
    pub is_open: bool,
    /// Where their fields are.
    pub places: Places,
}

/// Where the fields of an event are: JSON Pointers in the event, or names of headers. The first that is there counts.
/// Without a place, such an event never has the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The subject's id.
    pub subject: &'static [&'static str],
    /// The parent's id.
    pub parent: &'static [&'static str],
    /// The actor's id.
    pub actor: &'static [&'static str],
    /// The time.
    pub time: &'static [&'static str],
}

impl Row {
    /// Stands for any other word in a [`name`](Row::name).
    pub const ANY_OTHER: &'static str = "*";
}
