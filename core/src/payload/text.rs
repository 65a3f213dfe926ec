use alloc::{borrow::Cow, string::String};
use core::{fmt, str::Chars};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use super::scan::inside_quotes;

/// The text of a JSON string, borrowed as it was written: escapes are resolved when it is read.
///
/// Half of a surrogate pair (which only fields that hookseal does not read itself can hold) reads as U+FFFD.
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
    /// What stands between the quotes.
    escaped: &'a str,
}

impl<'a> Text<'a> {
    /// The text of a JSON string with its quotes, or `None` where this is no JSON string.
    #[must_use]
    pub fn from_json(json: &'a str) -> Option<Self> {
        match super::Raw::parse(json.as_bytes()).ok()?.as_str() {
            string if string.starts_with('"') => Some(Self::inside(string)),
            _ => None,
        }
    }

    /// The text of a checked JSON string with its quotes, or of another value as it stands.
    #[inline]
    pub(crate) fn from_checked(json: &'a [u8]) -> Self {
        Self { escaped: core::str::from_utf8(inside_quotes(json)).unwrap_or_default() }
    }

    /// Text that holds no backslash.
    pub(crate) fn plain(escaped: &'a str) -> Self {
        Self { escaped }
    }

    fn inside(json: &'a str) -> Self {
        Self { escaped: json.get(1..json.len() - 1).unwrap_or_default() }
    }

    /// The text, where it can be borrowed because it was written without escapes.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        if self.escaped.as_bytes().contains(&b'\\') { None } else { Some(self.escaped) }
    }

    /// The text, borrowed where it was written without escapes.
    #[must_use]
    pub fn to_cow(self) -> Cow<'a, str> {
        self.as_str().map_or_else(|| Cow::Owned(self.chars().collect::<String>()), Cow::Borrowed)
    }

    /// The characters, escapes resolved.
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

/// Shows nothing of the text: it comes from a body.
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

/// Resolves the escapes of a string that the scanner has checked.
#[derive(Clone)]
struct Unescaped<'a> {
    characters: Chars<'a>,
}

impl Unescaped<'_> {
    fn hexadecimal(&mut self) -> u32 {
        (0..4).fold(0, |code, _| code * 16 + self.characters.next().and_then(|c| c.to_digit(16)).unwrap_or(0))
    }
}

impl Iterator for Unescaped<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let character = self.characters.next()?;
        if character != '\\' {
            return Some(character);
        }
        Some(match self.characters.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.hexadecimal();
                let after_first = self.characters.clone();
                let second = if self.characters.next() == Some('\\') && self.characters.next() == Some('u') {
                    self.hexadecimal()
                } else {
                    0
                };
                match surrogate_pair(first, second) {
                    Some(pair) => pair,
                    None => {
                        self.characters = after_first;
                        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                }
            }
            other => other,
        })
    }
}

fn surrogate_pair(first: u32, second: u32) -> Option<char> {
    let high = first.checked_sub(0xd800).filter(|high| *high < 0x400)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x1_0000 + high * 0x400 + low)
}

/// Whether no escape of a checked string is half of a surrogate pair.
#[inline(never)]
pub(crate) fn is_well_formed(escaped: &[u8]) -> bool {
    let mut rest = escaped;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        rest = match rest.get(at..) {
            Some([_, b'u', after @ ..]) => match (code_unit(after), after.get(4..)) {
                (0xd800..=0xdbff, Some([b'\\', b'u', low @ ..]))
                    if matches!(code_unit(low), 0xdc00..=0xdfff) =>
                {
                    low.get(4..).unwrap_or_default()
                }
                (0xd800..=0xdfff, _) => return false,
                (_, after) => after.unwrap_or_default(),
            },
            Some([_, _, after @ ..]) => after,
            _ => return true,
        };
    }
    true
}

/// The UTF-16 code unit that four hexadecimal digits write.
fn code_unit(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |code, &digit| code * 16 + char::from(digit).to_digit(16).unwrap_or(0))
}

/// A checked string's text in the buffer; empty where it does not fit or holds a character above U+007F.
#[inline(never)]
pub(crate) fn unescape_short<'n>(escaped: &[u8], buffer: &'n mut [u8]) -> &'n [u8] {
    let Ok(escaped) = core::str::from_utf8(escaped) else { return &[] };
    let mut length = 0;
    for character in Text::plain(escaped).chars() {
        let (Some(slot), true) = (buffer.get_mut(length), character.is_ascii()) else { return &[] };
        *slot = u8::try_from(character).unwrap_or_default();
        length += 1;
    }
    buffer.get(..length).unwrap_or_default()
}
