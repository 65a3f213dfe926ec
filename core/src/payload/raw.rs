//! A checked JSON value, kept as it was written.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use super::{
    data::{Data, Tokens},
    encoding::check_text,
    number::serialize,
    one_line::{one_line, push_one_line},
    scan::{Fault, Scanner},
    text::Text,
};
use crate::{
    limits::Limits,
    rejection::{Path, PayloadFault},
};

/// A JSON value that has been checked, borrowed exactly as it was written.
///
/// ```
/// use hookseal::Raw;
///
/// let raw = Raw::parse(b" {\"amount\": 1.10} ").unwrap();
/// assert_eq!(raw.as_str(), r#"{"amount": 1.10}"#);
///
/// let fault = Raw::parse(b"{\n  \"amount\": 01}").unwrap_err();
/// assert_eq!((fault.line(), fault.column()), (2, 14));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Checks a text of strict JSON (RFC 8259) with the default limits of a receiver: 127 open lists and objects, and
    /// numbers of 1,000 characters. Half of a surrogate pair is allowed, as in the grammar.
    ///
    /// # Errors
    ///
    /// The first place that breaks the grammar or a limit.
    pub fn parse(text: &'a [u8]) -> Result<Self, PayloadFault> {
        Self::parse_with(text, &Limits::new(usize::MAX))
    }

    fn parse_with(text: &'a [u8], limits: &Limits) -> Result<Self, PayloadFault> {
        let scan = || {
            check_text(text)?;
            let mut scanner = Scanner::new(text, limits);
            let value = scanner.value(0)?;
            scanner.finish()?;
            Ok(Self::from_checked(value.json))
        };
        scan().map_err(|fault: Fault| fault.locate(text, Path::ROOT))
    }

    /// A value that the scanner has passed.
    #[inline]
    pub(crate) fn from_checked(json: &'a [u8]) -> Self {
        Self(core::str::from_utf8(json).unwrap_or_default())
    }

    /// The value as it was written, without the white space around it.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The bytes of the value as it was written.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0.as_bytes()
    }

    /// The value parsed, with numbers as they were written. If a name is repeated, its last member counts.
    #[must_use]
    pub fn data(self) -> Data<'a> {
        Data::from_tokens(self.tokens())
    }

    /// The value piece by piece, without building anything.
    #[must_use]
    pub fn tokens(self) -> Tokens<'a> {
        Tokens::new(self.0)
    }

    /// Appends the value without the white space between its tokens.
    pub(crate) fn push_one_line(self, line: &mut String) {
        push_one_line(self.0, line);
    }
}

/// Hides the value, because it comes from a body.
impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw(..)")
    }
}

/// `serde_json` writes it without the white space between tokens, so on one line, and otherwise unchanged. Other formats
/// write it as they write a `RawValue`.
impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&one_line(self.0), serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The depth of a `RawValue` is not checked: it accepts any number of open brackets.
        let json = <&RawValue>::deserialize(deserializer)?.get();
        Self::parse_with(json.as_bytes(), &Limits { number_length: usize::MAX, ..Limits::new(usize::MAX) })
            .map_err(|_| D::Error::custom("more open lists and objects than can be read"))
    }
}

impl<'a> Text<'a> {
    /// The text of a JSON string with its quotes, or `None` if this is no JSON string.
    #[must_use]
    pub fn from_json(json: &'a str) -> Option<Self> {
        match Raw::parse(json.as_bytes()).ok()?.as_str() {
            string if string.starts_with('"') => Some(Self::inside(string)),
            _ => None,
        }
    }
}
