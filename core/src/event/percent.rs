//! Percent-encodes text for ids and for the context attributes of a CloudEvent, which are logged.

use core::fmt::{self, Write as _};

/// Text with each character percent-encoded as UTF-8 (RFC 3986, section 2.1) that could hide or forge something in a
/// log. `%` and `#` are encoded too, so that two texts never encode alike and an index can follow.
#[derive(Clone)]
pub(crate) struct Encoded<I>(pub(crate) I);

impl<I: Iterator<Item = char> + Clone> fmt::Display for Encoded<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.clone() {
            if is_encoded(character) {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    write!(f, "%{byte:02X}")?;
                }
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

fn is_encoded(character: char) -> bool {
    match character {
        '%' | '#' => true,
        ' '..='~' => character == ' ',
        _ => {
            character.is_control()
                || character.is_whitespace()
                || is_format(character)
                || is_noncharacter(character)
        }
    }
}

/// General category Cf of Unicode 17.0: invisible characters, including those that change the direction of text.
pub(crate) fn is_format(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

/// The last two code points of each plane, and U+FDD0 to U+FDEF (Unicode 17.0, section 23.7).
fn is_noncharacter(character: char) -> bool {
    let code = u32::from(character);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    #[test]
    fn what_could_mislead_a_reader_is_encoded() {
        for (text, encoded) in [
            ("PROJECT-7/a?b=c&d+e~\"\\", "PROJECT-7/a?b=c&d+e~\"\\"),
            ("Zo\u{eb} \u{1f600}", "Zo\u{eb}%20\u{1f600}"),
            ("100%#1", "100%25%231"),
            ("\0\n\u{7f}\u{85}", "%00%0A%7F%C2%85"),
            ("\u{2028}\u{3000}", "%E2%80%A8%E3%80%80"),
            ("\u{202e}\u{200b}\u{feff}\u{ad}", "%E2%80%AE%E2%80%8B%EF%BB%BF%C2%AD"),
            ("\u{fdd0}\u{ffff}\u{10fffe}", "%EF%B7%90%EF%BF%BF%F4%8F%BF%BE"),
        ] {
            assert_eq!(Encoded(text.chars()).to_string(), encoded);
        }
    }

    #[test]
    fn the_classes_are_those_of_unicode() {
        use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

        let mut encoded = 0;
        for character in '\0'..=char::MAX {
            let category = character.general_category();
            let expected = matches!(category, GeneralCategory::Control | GeneralCategory::Format)
                || character.is_whitespace()
                || is_noncharacter(character)
                || matches!(character, '%' | '#');
            assert_eq!(is_encoded(character), expected, "U+{:04X} {category:?}", u32::from(character));
            encoded += usize::from(expected);
        }
        assert!(encoded > 300, "{encoded}");
    }

    #[test]
    fn an_encoded_text_is_decoded_by_any_decoder() {
        let text: String = ('\0'..=char::MAX).step_by(7).collect();
        let mut bytes = alloc::vec::Vec::new();
        let encoded = Encoded(text.chars()).to_string();
        let mut rest = encoded.as_bytes();
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            if byte == b'%' {
                let (digits, tail) = rest.split_at(2);
                bytes.push(u8::from_str_radix(core::str::from_utf8(digits).unwrap(), 16).unwrap());
                rest = tail;
            } else {
                bytes.push(byte);
            }
        }
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
    }
}
