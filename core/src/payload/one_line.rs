//! Removes the white space between the tokens of JSON, so that an event is one line whatever its sender's line breaks.

use alloc::{borrow::Cow, string::String};

use super::chunk::{CHUNK_BYTES, bits_of, place_of_lowest};

/// Checked JSON without the white space between its tokens. Strings keep each byte. Borrowed if there is none.
pub(super) fn one_line(json: &str) -> Cow<'_, str> {
    let mut line = String::new();
    match remove(json, &mut line) {
        None => json.into(),
        Some(rest) => {
            line.push_str(rest);
            line.into()
        }
    }
}

/// Appends checked JSON without the white space between its tokens.
pub(super) fn push_one_line(json: &str, line: &mut String) {
    let rest = remove(json, line).unwrap_or(json);
    line.push_str(rest);
}

/// Appends the text up to the last white space between tokens, without such white space, and returns the text behind
/// it. `None` if there is none.
///
/// It finds the strings in chunks of 64 bytes, one bit for each byte, as simdjson does (Langdale and Lemire, "Parsing
/// Gigabytes of JSON per Second", section 3.1). A search for the end of each string would wait for the one before.
fn remove<'j>(json: &'j str, line: &mut String) -> Option<&'j str> {
    let mut from = None;
    // What the chunk before leaves behind: a backslash that escapes the next byte, and all bits inside a string.
    let (mut is_escaped, mut in_string) = (false, 0);
    for (number, chunk) in json.as_bytes().chunks(CHUNK_BYTES).enumerate() {
        let mut last = [b'0'; CHUNK_BYTES];
        let chunk = if let Some(chunk) = chunk.first_chunk() {
            chunk
        } else {
            for (place, byte) in last.iter_mut().zip(chunk) {
                *place = *byte;
            }
            &last
        };
        let quotes = bits_of(chunk, |byte| byte == b'"');
        let backslashes = bits_of(chunk, |byte| byte == b'\\');
        // A control character in a string is escaped, so this is a space in a string, or white space between tokens.
        let blanks = bits_of(chunk, |byte| byte <= b' ');
        let escaped = escaped_bytes(backslashes, &mut is_escaped);
        let strings = up_to_each(quotes & !escaped) ^ in_string;
        in_string = if strings >> 63 == 1 { u64::MAX } else { 0 };

        let mut removed = blanks & !strings;
        while removed != 0 {
            let at = number * CHUNK_BYTES + place_of_lowest(removed);
            line.push_str(json.get(from.unwrap_or_default()..at).unwrap_or_default());
            from = Some(at + 1);
            removed &= removed - 1;
        }
    }
    json.get(from?..)
}

/// The bytes that a backslash escapes. `is_escaped` tells it of the first byte, and then of the first of the next chunk.
#[inline]
fn escaped_bytes(backslashes: u64, is_escaped: &mut bool) -> u64 {
    let mut escaped = u64::from(core::mem::take(is_escaped));
    let mut escaping = backslashes & !escaped;
    while escaping != 0 {
        let next = (escaping & escaping.wrapping_neg()) << 1;
        *is_escaped = next == 0;
        escaped |= next;
        // The backslash itself, and a backslash that it escapes, escape nothing more.
        escaping &= (escaping - 1) & !next;
    }
    escaped
}

/// For each byte, whether an odd number of the marked bytes are at or before it: from an opening quote to the last byte
/// before the closing one.
#[inline]
fn up_to_each(marks: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(marks, |bits, distance| bits ^ bits << distance)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec, vec::Vec};

    use proptest::prelude::*;

    use super::*;
    use crate::payload::Raw;

    fn line(json: &str) -> String {
        let mut line = String::from("before");
        push_one_line(json, &mut line);
        assert_eq!(line.strip_prefix("before"), Some(&*one_line(json)));
        one_line(json).into_owned()
    }

    /// Byte by byte, with nothing in common with the code above.
    fn expected(json: &str) -> String {
        let (mut in_string, mut escaped) = (false, false);
        let mut kept = String::new();
        for character in json.chars() {
            if in_string || !matches!(character, ' ' | '\t' | '\r' | '\n') {
                kept.push(character);
            }
            if escaped {
                escaped = false;
            } else if in_string && character == '\\' {
                escaped = true;
            } else if character == '"' {
                in_string = !in_string;
            }
        }
        kept
    }

    #[test]
    fn white_space_between_tokens_goes_and_that_in_strings_stays() {
        for (json, without) in [
            ("{\r\n\t\"a b\" : [ 1 , \" \\\" \\\\\" , null ]\n}", r#"{"a b":[1," \" \\",null]}"#),
            ("[ ]", "[]"),
            (r#"" ""#, r#"" ""#),
            ("[\"\\\\\" ,\" \\\\\\\" \"\n]", r#"["\\"," \\\" "]"#),
            (" 1 ", "1"),
            ("\n\n", ""),
            ("", ""),
        ] {
            assert_eq!(line(json), without);
        }
    }

    #[test]
    fn what_can_stay_is_borrowed() {
        for json in ["7", r#"{"a b":"\ud800 \" c"}"#, &format!("[\"{}\"]", "\\\\ ".repeat(100))] {
            assert!(matches!(one_line(json), Cow::Borrowed(same) if same == json));
        }
    }

    #[test]
    fn a_string_may_begin_and_end_anywhere_in_a_chunk() {
        for before in 0..130 {
            for inside in [0, 1, 2, 61, 62, 63, 64, 65, 127, 128] {
                for text in ["é ", "\\\\", "\\\" ", "\u{2028}"] {
                    let json = format!("[{}\"{}\" , \"\\\\\" , 1 ]", " ".repeat(before), text.repeat(inside));
                    assert_eq!(line(&json), expected(&json), "{json}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_is_the_same_byte_by_byte(
            tokens in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("]"), Just(","), Just(":"), Just("-1.5E7"), Just("true"), Just(" "), Just("\n"),
                    Just("\r\n"), Just("\t"), Just("\" \""), Just("\"\\\" \\\\\""), Just("\"\\\\\\\\\""),
                    Just("\"\\ud800 \u{2028}\""), Just("\"é [ } \\n\"")
                ],
                0..200,
            ),
        ) {
            let json = tokens.concat();
            prop_assert_eq!(line(&json), expected(&json));
        }
    }

    #[test]
    fn a_line_is_the_same_json() {
        let json = "{\n  \"a\" : [ 1.50 , { } , [ ] , \"\\ud800 \" , \"\u{2029}\" ] ,\n  \"b\": null\n}";
        let line = line(json);
        let tokens = |json| Raw::parse(json).unwrap().tokens().collect::<Vec<_>>();
        assert!(tokens(line.as_bytes()) == tokens(json.as_bytes()));
        assert_eq!(line, "{\"a\":[1.50,{},[],\"\\ud800 \",\"\u{2029}\"],\"b\":null}".to_string());
    }
}
