//! The text of a JSON string, unescaped when it is read.

use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use super::string::{Unescaped, inside_quotes};

/// The text of a JSON string, borrowed as it was written: escapes are resolved when it is read.
///
/// Half of a surrogate pair reads as U+FFFD. Only fields that hookseal does not read itself can hold one.
///
/// ```
/// use hookseal::Text;
///
/// let text = Text::from_json(r#""Zo\u00eb \/ x""#).unwrap();
/// assert_eq!(text, "Zoë / x");
/// assert_eq!(text.to_string(), "Zoë / x");
/// assert_eq!(text.as_str(), None); // written with escapes: nothing to borrow
/// ```
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The text between the quotes.
    escaped: &'a str,
}

impl<'a> Text<'a> {
    /// The text of a checked JSON string with its quotes, or of another value as written.
    #[inline]
    pub(crate) fn from_checked(json: &'a [u8]) -> Self {
        Self { escaped: core::str::from_utf8(inside_quotes(json)).unwrap_or_default() }
    }

    /// Text that holds no backslash.
    pub(crate) fn plain(escaped: &'a str) -> Self {
        Self { escaped }
    }

    /// The text of a checked JSON string with its quotes.
    pub(super) fn inside(json: &'a str) -> Self {
        Self { escaped: json.get(1..json.len() - 1).unwrap_or_default() }
    }

    /// The text, if it can be borrowed because it was written without escapes.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        if self.escaped.as_bytes().contains(&b'\\') { None } else { Some(self.escaped) }
    }

    /// The text, borrowed if it was written without escapes.
    #[must_use]
    pub fn to_cow(self) -> Cow<'a, str> {
        self.as_str().map_or_else(|| Cow::Owned(self.chars().collect::<String>()), Cow::Borrowed)
    }

    /// The characters, with escapes resolved.
    pub fn chars(self) -> impl Iterator<Item = char> + Clone + use<'a> {
        Unescaped { characters: self.escaped.chars() }
    }

    /// Whether there are no characters.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.escaped.is_empty()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => f.pad(text),
            None if f.width().is_some() || f.precision().is_some() => f.pad(&self.to_cow()),
            None => self.chars().try_for_each(|character| fmt::Write::write_char(f, character)),
        }
    }
}

/// Hides the text, because it comes from a body.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.escaped == other.escaped || self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

/// Hashes as the text without escapes, because it compares as that.
impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_cow().hash(state);
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str().map_or_else(|| self.chars().eq(other.chars()), |text| text == other)
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_cow())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with('"') { Ok(Self::inside(raw)) } else { Err(D::Error::custom("expected text")) }
    }
}
