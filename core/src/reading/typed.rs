//! Functions that the typed payloads of all vendors share.

use alloc::vec::Vec;
use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::element::is_integer;
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
    let Object(read) = serde_json::from_str(raw.as_str())
        .map_err(|error| PayloadMismatch { line: error.line(), column: error.column() })?;
    Ok(read)
}

/// An id: the digits of an integer, or a text.
pub(crate) fn id<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
    match number_or_text(deserializer)? {
        Some(raw) if raw.as_str().starts_with('"') || is_integer(raw.as_bytes()) => {
            Ok(Some(Text::from_checked(raw.as_bytes())))
        }
        Some(_) => Err(D::Error::custom("expected an integer or a text")),
        None => Ok(None),
    }
}

/// A key: the digits of any number, or a text.
pub(crate) fn key<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
    Ok(number_or_text(deserializer)?.map(|raw| Text::from_checked(raw.as_bytes())))
}

fn number_or_text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Raw<'a>>, D::Error> {
    let raw = Option::<Raw<'a>>::deserialize(deserializer)?;
    let is_either = |raw: &Raw<'_>| {
        raw.as_str().starts_with(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    };
    match raw {
        Some(raw) if !is_either(&raw) => Err(D::Error::custom("expected a number or a text")),
        raw => Ok(raw),
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

/// An object, or none. A derived `Deserialize` alone would also read a list, as the fields in their order.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(read)| read))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

/// A list of objects, a single object in place of a list, or none.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Some(raw) = Option::<Raw<'de>>::deserialize(deserializer)? else { return Ok(Vec::new()) };
    let elements: Vec<Object<T>> = if raw.as_str().starts_with('[') {
        serde_json::from_str(raw.as_str())
    } else {
        serde_json::from_str(raw.as_str()).map(|element| alloc::vec![element])
    }
    .map_err(|_| D::Error::custom("expected a list"))?;
    Ok(elements.into_iter().map(|Object(read)| read).collect())
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
