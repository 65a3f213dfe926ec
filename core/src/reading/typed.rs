//! Functions that the typed payloads of all vendors share.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::payload::{Raw, Text};

/// A `Debug` that hides the payload, because it comes from a body.
macro_rules! hide {
    ($($name:ident),+) => {$(
        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}
pub(crate) use hide;

/// A vendor's typed payload. The error messages of `serde_json` quote the input, so only the place is kept.
pub(crate) fn from_raw<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Result<T, PayloadMismatch> {
    serde_json::from_str(raw.as_str())
        .map_err(|error| PayloadMismatch { line: error.line(), column: error.column() })
}

/// An id: the digits of an integer, or a text.
pub(crate) fn id<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
    match Option::<Raw<'a>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(raw)
            if raw
                .as_str()
                .starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit()) =>
        {
            Ok(Some(Text::from_checked(raw.as_bytes())))
        }
        Some(_) => Err(D::Error::custom("expected an integer or a text")),
    }
}

/// A boolean, or the text of one.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Option::<Raw<'de>>::deserialize(deserializer)?.map(Raw::as_str) {
        None => Ok(None),
        Some("true" | "\"true\"") => Ok(Some(true)),
        Some("false" | "\"false\"") => Ok(Some(false)),
        Some(_) => Err(D::Error::custom("expected a boolean")),
    }
}

/// A list, a single element in place of a list, or none.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Some(raw) = Option::<Raw<'de>>::deserialize(deserializer)? else { return Ok(Vec::new()) };
    if raw.as_str().starts_with('[') {
        serde_json::from_str(raw.as_str())
    } else {
        serde_json::from_str(raw.as_str()).map(|element| alloc::vec![element])
    }
    .map_err(|_| D::Error::custom("expected a list"))
}

/// An event's payload does not have the types that the vendor documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadMismatch {
    line: usize,
    column: usize,
}

impl PayloadMismatch {
    /// The line in the event's raw text, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in the event's raw text, in bytes from 1, just behind the value.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for PayloadMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {} of the event differs from the vendor's documentation: read data or raw instead",
            self.line, self.column
        )
    }
}

impl core::error::Error for PayloadMismatch {}
