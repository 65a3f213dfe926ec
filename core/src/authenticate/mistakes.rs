//! Finds secrets that come from a mistake in a program or its configuration.

use crate::setup_error::SetupError;

/// Words that programs write for a missing value.
const PLACEHOLDERS: [&str; 5] = ["undefined", "null", "None", "NaN", "[object Object]"];

const BYTE_ORDER_MARK: char = '\u{feff}';
/// The mark in UTF-8, and in UTF-16 in both byte orders. The bytes after it may have any encoding, so they are not
/// checked.
const BYTE_ORDER_MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Refuses bytes that can never be a secret.
pub(super) fn refuse_no_secret(secret: &[u8]) -> Result<(), SetupError> {
    if secret.is_empty() {
        return Err(SetupError::EmptySecret);
    }
    if characters(secret).all(|character| character == '\0' || character.is_whitespace()) {
        return Err(SetupError::BlankSecret);
    }
    match PLACEHOLDERS.into_iter().find(|word| word.as_bytes() == secret) {
        Some(word) => Err(SetupError::PlaceholderSecret(word)),
        None => Ok(()),
    }
}

/// Refuses a secret with signs of a copying or reading mistake. A genuine secret has them only on purpose.
pub(super) fn refuse_copying_mistake(secret: &[u8]) -> Result<(), SetupError> {
    let (first, last) = (characters(secret).next(), characters(secret).next_back());
    if BYTE_ORDER_MARKS.iter().any(|mark| secret.starts_with(mark)) {
        return Err(SetupError::SecretStartsWith(BYTE_ORDER_MARK));
    }
    if let Some(character) = first.filter(|first| first.is_whitespace()) {
        return Err(SetupError::SecretStartsWith(character));
    }
    if let Some(character) = last.filter(|last| last.is_whitespace()) {
        return Err(SetupError::SecretEndsWith(character));
    }
    match first.filter(|first| QUOTES.contains(first) && first.len_utf8() < secret.len()) {
        Some(quote) if last == Some(quote) => Err(SetupError::QuotedSecret(quote)),
        _ => Ok(()),
    }
}

/// Refuses a secret that a header cannot carry unchanged (RFC 9110, section 5.5): it has a control character, or a
/// space at an end.
pub(super) fn refuse_no_header_value(secret: &[u8]) -> Result<(), SetupError> {
    refuse_control_character(secret)?;
    match secret {
        [b' ', ..] => Err(SetupError::SecretNotAHeaderValue(' ', AT_ITS_START)),
        [.., b' '] => Err(SetupError::SecretNotAHeaderValue(' ', AT_ITS_END)),
        _ => Ok(()),
    }
}

/// Refuses a control character. One at an end is reported first, because it comes most often from copying.
pub(super) fn refuse_control_character(secret: &[u8]) -> Result<(), SetupError> {
    let at_ends = [(secret.first(), AT_ITS_START), (secret.last(), AT_ITS_END)];
    let inside = secret.iter().map(|byte| (Some(byte), "inside"));
    let mut bytes = at_ends.into_iter().chain(inside).filter_map(|(byte, place)| Some((byte?, place)));
    match bytes.find(|(byte, _)| byte.is_ascii_control()) {
        Some((byte, place)) => Err(SetupError::SecretNotAHeaderValue(char::from(*byte), place)),
        None => Ok(()),
    }
}

const AT_ITS_START: &str = "at its start";
const AT_ITS_END: &str = "at its end";

/// The characters of a UTF-8 secret. In other secrets every byte above ASCII is U+FFFD, so that a byte such as 0xa0 is
/// no white space.
fn characters(secret: &[u8]) -> impl DoubleEndedIterator<Item = char> + '_ {
    let text = core::str::from_utf8(secret).ok();
    let bytes = if text.is_some() { &[] } else { secret };
    let of_bytes = bytes
        .iter()
        .map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER });
    text.unwrap_or_default().chars().chain(of_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_is_refused() {
        for blank in ["\0", "\0\0\0", " ", "\t", "\r\n", "\u{a0}", "\u{2028} \0", "\u{3000}"] {
            assert_eq!(refuse_no_secret(blank.as_bytes()), Err(SetupError::BlankSecret), "{blank:?}");
        }
        for word in PLACEHOLDERS {
            assert_eq!(refuse_no_secret(word.as_bytes()), Err(SetupError::PlaceholderSecret(word)));
        }
        assert_eq!(refuse_no_secret(b""), Err(SetupError::EmptySecret));
        for secret in ["a", "\0a", "Undefined", "undefined1", "none", "NULL", "\u{feff}"] {
            assert_eq!(refuse_no_secret(secret.as_bytes()), Ok(()), "{secret:?}");
        }
        assert_eq!(refuse_no_secret(b"\xff"), Ok(()));
        assert_eq!(refuse_no_secret(b"\xa0"), Ok(()), "a byte that is no UTF-8 is no white space");
    }

    #[test]
    fn what_copying_adds_is_refused_with_its_place() {
        use SetupError::{QuotedSecret, SecretEndsWith, SecretStartsWith};
        for (secret, expected) in [
            (" a", SecretStartsWith(' ')),
            ("\ta", SecretStartsWith('\t')),
            ("\u{a0}a", SecretStartsWith('\u{a0}')),
            ("\u{feff}a", SecretStartsWith('\u{feff}')),
            ("a\n", SecretEndsWith('\n')),
            ("a\r", SecretEndsWith('\r')),
            ("a\u{2028}", SecretEndsWith('\u{2028}')),
            ("\"a\"", QuotedSecret('"')),
            ("''", QuotedSecret('\'')),
            ("`a`", QuotedSecret('`')),
        ] {
            assert_eq!(refuse_copying_mistake(secret.as_bytes()), Err(expected), "{secret:?}");
        }
        for secret in ["a", "\"", "\"a", "a\"", "'a\"", "a b", "a\u{feff}", "\0a", "a\0"] {
            assert_eq!(refuse_copying_mistake(secret.as_bytes()), Ok(()), "{secret:?}");
        }
        assert_eq!(refuse_copying_mistake(b"\xff\n"), Err(SecretEndsWith('\n')));
        assert_eq!(refuse_copying_mistake(b" \xff"), Err(SecretStartsWith(' ')));
        assert_eq!(refuse_copying_mistake(b"\xa0\xff\x85"), Ok(()));
    }

    #[test]
    fn a_byte_order_mark_is_seen_whatever_follows_it() {
        let refused = Err(SetupError::SecretStartsWith('\u{feff}'));
        for secret in
            [&b"\xef\xbb\xbfs\xe9"[..], b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfes\0", b"\xfe\xff\0s"]
        {
            assert_eq!(refuse_copying_mistake(secret), refused, "{secret:x?}");
        }
        for secret in [
            &b"\xef\xbbs\xe9"[..],
            b"\xff",
            b"\xfe",
            b"\xff\xff",
            b"\xfe\xfe",
            b"s\xef\xbb\xbf\xe9",
            b"s\xff\xfe",
        ] {
            assert_eq!(refuse_copying_mistake(secret), Ok(()), "{secret:x?}");
        }
    }
}
