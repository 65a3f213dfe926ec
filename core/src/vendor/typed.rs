//! What the typed payloads of the vendors have in common.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::PayloadMismatch;
use crate::payload::{Raw, Text};

/// `Debug` that shows nothing of a payload: it comes from a body.
macro_rules! hide {
    ($($name:ident),+) => {$(
        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}
pub(super) use hide;

/// A vendor's typed payload. The messages of `serde_json` quote the input, so only the place is kept.
pub(super) fn from_raw<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Result<T, PayloadMismatch> {
    serde_json::from_str(raw.as_str())
        .map_err(|error| PayloadMismatch { line: error.line(), column: error.column() })
}

/// An id: the digits of an integer, or a text.
pub(super) fn id<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
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
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Option::<Raw<'de>>::deserialize(deserializer)?.map(Raw::as_str) {
        None => Ok(None),
        Some("true" | "\"true\"") => Ok(Some(true)),
        Some("false" | "\"false\"") => Ok(Some(false)),
        Some(_) => Err(D::Error::custom("expected a boolean")),
    }
}

/// A list, a single element in place of a list, or none.
pub(super) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
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
