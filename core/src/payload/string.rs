//! The inside of a JSON string that the scanner has checked: its quotes, escapes and surrogates.

use core::str::Chars;

use super::json_value::JsonValue;

#[inline]
pub(crate) fn inside_quotes(json: &[u8]) -> &[u8] {
    match json {
        [b'"', text @ .., b'"'] => text,
        other => other,
    }
}

/// The text of a string without quotes and escapes, or another value as written. Empty if it has escapes and does not
/// fit the buffer.
#[inline]
pub(crate) fn short_text<'n>(value: JsonValue<'n>, buffer: &'n mut [u8]) -> &'n [u8] {
    let text = inside_quotes(value.json);
    if value.has_escapes { unescape_short(text, buffer) } else { text }
}

/// Whether every surrogate in this value has its other half.
pub(crate) fn has_whole_surrogates(value: JsonValue<'_>) -> bool {
    !value.has_escapes || is_well_formed(inside_quotes(value.json))
}

/// Resolves the escapes of a string that the scanner has checked.
#[derive(Clone)]
pub(super) struct Unescaped<'a> {
    pub(super) characters: Chars<'a>,
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

/// Whether every surrogate that a checked string escapes has its other half.
#[inline(never)]
fn is_well_formed(escaped: &[u8]) -> bool {
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

/// Resolves a checked string into the buffer. Empty if it does not fit or has a character above U+007F.
#[inline(never)]
fn unescape_short<'n>(escaped: &[u8], buffer: &'n mut [u8]) -> &'n [u8] {
    let Ok(escaped) = core::str::from_utf8(escaped) else { return &[] };
    let mut length = 0;
    for character in (Unescaped { characters: escaped.chars() }) {
        let (Some(slot), true) = (buffer.get_mut(length), character.is_ascii()) else { return &[] };
        *slot = u8::try_from(character).unwrap_or_default();
        length += 1;
    }
    buffer.get(..length).unwrap_or_default()
}
