//! A JSON number, kept as it was written.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

/// A JSON number, exactly as it was written.
///
/// ```
/// use hookseal::{Data, Raw};
///
/// let Data::Number(number) = Raw::parse(b"18446744073709551616").unwrap().data() else { panic!() };
/// assert_eq!(number.as_str(), "18446744073709551616");
/// assert!(number.is_integer());
/// assert_eq!(number.to_string().parse::<u64>().ok(), None); // one more than u64 can hold
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    pub(crate) fn from_checked(json: &'a str) -> Self {
        Self(json)
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it is written without fraction and exponent.
    #[must_use]
    pub fn is_integer(self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Hides the number, because it comes from a body.
impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(..)")
    }
}

/// `serde_json` writes it digit for digit. Other formats write it as they write a `RawValue`.
impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            Ok(Self(raw))
        } else {
            Err(D::Error::custom("expected a number"))
        }
    }
}

/// Writes checked JSON unchanged.
pub(super) fn serialize<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(json)
        .map_err(|_| S::Error::custom("a value cannot be written"))?
        .serialize(serializer)
}
