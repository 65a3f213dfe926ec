//! What is wrong with a payload, and where.

use core::fmt;

use serde::{Serialize, Serializer};

/// The problem of a payload, and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadFault {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) path: Path,
    pub(crate) problem: Problem,
}

impl PayloadFault {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// The place as a JSON Pointer (RFC 6901) of known field names and indices.
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

impl fmt::Display for PayloadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.path != Path::ROOT {
            write!(f, ", at {}", self.path)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl core::error::Error for PayloadFault {}

/// A place in a payload as a JSON Pointer (RFC 6901) that holds known field names and indices only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The place of the container, such as `/events`.
    pub(crate) container: &'static str,
    /// The element's position in its container.
    pub(crate) index: Option<u32>,
    /// The field inside the element, such as `/body/ticket_id`.
    pub(crate) field: &'static str,
}

impl Path {
    pub(crate) const ROOT: Self = Self { container: "", index: None, field: "" };
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.container)?;
        if let Some(index) = self.index {
            write!(f, "/{index}")?;
        }
        f.write_str(self.field)
    }
}

/// The problems that a payload can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The body is not UTF-8.
    InvalidUtf8,
    /// The body starts with a byte order mark.
    ByteOrderMark,
    /// The text has more than 2^31 bytes, the most that can be read at all.
    TooLarge,
    /// A JSON value (RFC 8259) was expected here.
    ExpectedValue,
    /// A member name in quotes was expected here.
    ExpectedKey,
    /// A colon was expected here.
    ExpectedColon,
    /// A comma, or the bracket that closes the list or object, was expected here.
    ExpectedCommaOrEnd,
    /// A digit was expected here.
    ExpectedDigit,
    /// The value is complete, but more text follows.
    ExpectedEnd,
    /// A string has a control character.
    ControlCharacter,
    /// A backslash does not start an escape of JSON.
    InvalidEscape,
    /// The body ends inside of a string.
    UnclosedString,
    /// More lists and objects are open than the limit allows.
    TooDeep,
    /// A number has more characters than the limit allows.
    NumberTooLong,
    /// A field that is read occurs twice in one object.
    RepeatedField,
    /// A field that is read holds half of a UTF-16 surrogate pair.
    LoneSurrogate,
    /// A required field is missing.
    Missing,
    /// Neither `event` nor `email` is a text, and the receiver requires one of them.
    NoEventOrEmail,
    /// Not an object.
    NotAnObject,
    /// Neither a list nor an object.
    NotAContainer,
    /// Not a text with at least one character.
    NotText,
    /// Neither an integer nor a text.
    NotAnId,
    /// Neither an integer nor the text of one.
    NotAnInteger,
    /// Not a time in the years 1 to 9999 in a form that the vendor uses.
    NotATime,
    /// The body has a second list or object of elements, where the vendor's bodies have one.
    TwoContainers,
    /// Two fields with the same meaning have different values.
    Contradiction,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUtf8 => "the body is not UTF-8",
            Self::ByteOrderMark => "JSON must not start with a byte order mark",
            Self::TooLarge => "larger than 2147483648 bytes, the most that can be read",
            Self::ExpectedValue => "not JSON: expected a value",
            Self::ExpectedKey => "not JSON: expected a member name in quotes",
            Self::ExpectedColon => "not JSON: expected a colon",
            Self::ExpectedCommaOrEnd => "not JSON: expected a comma or the end of the list or object",
            Self::ExpectedDigit => "not JSON: expected a digit",
            Self::ExpectedEnd => "not JSON: expected the end of the body",
            Self::ControlCharacter => "not JSON: a control character in a string",
            Self::InvalidEscape => "not JSON: a backslash does not start an escape",
            Self::UnclosedString => "not JSON: the body ends inside of a string",
            Self::TooDeep => "lists and objects are nested deeper than max_depth allows",
            Self::NumberTooLong => "a number is longer than max_number_length allows",
            Self::RepeatedField => "the field occurs twice in its object",
            Self::LoneSurrogate => "the text holds half of a surrogate pair",
            Self::Missing => "the field is missing",
            Self::NoEventOrEmail => {
                "neither event nor email is a text that is not empty: require_event_or_email asks for one of them"
            }
            Self::NotAnObject => "expected an object",
            Self::NotAContainer => "expected a list or an object",
            Self::NotText => "expected a text that is not empty",
            Self::NotAnId => "expected an integer or a text",
            Self::NotAnInteger => "expected an integer",
            Self::NotATime => "expected a time",
            Self::TwoContainers => "a second list or object of elements: a body may have only one",
            Self::Contradiction => "the field contradicts another field with the same meaning",
        })
    }
}
