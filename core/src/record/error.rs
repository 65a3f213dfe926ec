//! Why a record could not be opened.

use core::fmt;

use super::form::RECORD_VERSION;
use crate::rejection::Reason;

/// Why a record could not be opened. The messages show nothing of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// It is not a JSON object whose `hookseal_record` is a version.
    NotARecord,
    /// It is of this version, which is newer than [`RECORD_VERSION`]. A newer hookseal can open it: leave it where it
    /// is.
    NewerVersion(u64),
    /// It is not JSON, or a member is unknown, missing, repeated or of another type. Line and column count from the
    /// start of the record.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
    },
    /// This member has a value that a record cannot have.
    Member(&'static str),
    /// The checksum does not match the content: the record was cut, edited or mixed up with another.
    Damaged,
    /// The body cannot be read.
    Body(Reason),
}

impl RecordError {
    /// A stable word for the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotARecord => "not_a_record",
            Self::NewerVersion(_) => "newer_record",
            Self::Syntax { .. } | Self::Member(_) => "malformed_record",
            Self::Damaged => "damaged_record",
            Self::Body(_) => "unreadable_body",
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecord => f.write_str(
                "this is not a record of a delivery, or it was cut: pass what `to_record` returned, a JSON object with \
                 `hookseal_record`",
            ),
            Self::NewerVersion(version) => write!(
                f,
                "the record has version {version}, and this hookseal reads version {RECORD_VERSION}: leave it to a newer \
                 hookseal, or upgrade"
            ),
            Self::Syntax { line, column } => write!(
                f,
                "the record cannot be read at line {line}, column {column}: it is cut, or has a member that is unknown, \
                 missing, repeated or of another type"
            ),
            Self::Member(name) => {
                write!(
                    f,
                    "the record's `{name}` is missing, or has a value that no record can have: it was edited, or \
                     another program wrote it"
                )
            }
            Self::Damaged => f.write_str(
                "the record's checksum does not match its content: the record was cut, edited or mixed up with \
                 another. Put it aside, and find out what changed it",
            ),
            Self::Body(reason) => write!(f, "the record's body cannot be read: {reason}"),
        }
    }
}

/// The source is the [`PayloadFault`](crate::PayloadFault) of a malformed body.
impl core::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Body(Reason::MalformedPayload(fault)) => Some(fault),
            _ => None,
        }
    }
}
