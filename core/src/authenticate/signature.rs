//! Reads a signature from a header's value: hexadecimal, base64 or base64url.

use base64::{
    Engine,
    engine::general_purpose::{GeneralPurpose, STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT},
};

use super::hmac_sha256::Tag;
use crate::signature_encoding::SignatureEncoding;

/// Decodes a tag from a header's text, in the pinned encoding or in any.
///
/// The time may depend on the text, because it comes from outside. No secret is involved before the comparison.
#[inline]
pub(crate) fn decode(text: &[u8], pinned: Option<SignatureEncoding>) -> Option<Tag> {
    match (text.len(), pinned) {
        // Compare the length first: `const_hex` would strip the `0x` of a longer text.
        (64, None | Some(SignatureEncoding::Hex)) => const_hex::decode_to_array(text).ok(),
        // 32 bytes are 43 characters, and 44 with the padding.
        (43 | 44, None) => decode_base64(text, &STANDARD_PAD_INDIFFERENT)
            .or_else(|| decode_base64(text, &URL_SAFE_PAD_INDIFFERENT)),
        (43 | 44, Some(SignatureEncoding::Base64)) => decode_base64(text, &STANDARD_PAD_INDIFFERENT),
        (43 | 44, Some(SignatureEncoding::Base64Url)) => decode_base64(text, &URL_SAFE_PAD_INDIFFERENT),
        _ => None,
    }
}

fn decode_base64(text: &[u8], alphabet: &GeneralPurpose) -> Option<Tag> {
    let mut tag = [0; 32];
    let length = alphabet.decode_slice(text, &mut tag).ok()?;
    (length == tag.len()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use alloc::{
        string::{String, ToString},
        vec::Vec,
    };

    use base64::{
        display::Base64Display,
        engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
    };
    use proptest::prelude::*;

    use super::SignatureEncoding::{Base64, Base64Url, Hex};
    use super::*;

    fn base64(tag: &Tag, engine: &GeneralPurpose) -> String {
        Base64Display::new(tag, engine).to_string()
    }

    fn hex(tag: &Tag) -> String {
        const_hex::const_encode::<32, false>(tag).as_str().to_string()
    }

    /// A tag whose base64 has both characters in which the alphabets differ.
    const TAG: Tag = *b"\xfb\xf0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\
                        \x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\xff\xfe";

    #[test]
    fn hex_is_read_in_either_case() {
        let lower = hex(&TAG);
        assert_eq!(decode(lower.as_bytes(), None), Some(TAG));
        assert_eq!(decode(lower.to_uppercase().as_bytes(), None), Some(TAG));
    }

    #[test]
    fn hex_of_another_length_or_with_another_character_is_refused() {
        let digits = hex(&TAG);
        for text in [&digits[1..], &(digits.clone() + "0"), &digits[2..], &(digits.clone() + "00")] {
            assert_eq!(decode(text.as_bytes(), None), None, "{text}");
        }
        for other in ["g", " ", "\u{0}", "/", ":", "@", "`", "-"] {
            for place in [0, 31, 63] {
                let mut text = digits.clone();
                text.replace_range(place..=place, other);
                assert_eq!(decode(text.as_bytes(), None), None, "{text}");
            }
        }
    }

    #[test]
    fn the_prefix_0x_is_refused() {
        let digits = hex(&TAG);
        for text in [
            String::from("0x") + &digits,
            String::from("0x") + &digits[2..],
            String::from("0X") + &digits[2..],
        ] {
            assert_eq!(decode(text.as_bytes(), None), None, "{text}");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets_padded_or_not() {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            assert_eq!(decode(base64(&TAG, engine).as_bytes(), None), Some(TAG));
        }
    }

    #[test]
    fn the_two_alphabets_are_not_mixed() {
        let standard = base64(&TAG, &STANDARD);
        assert!(standard.contains('+') && standard.contains('/'));
        assert_eq!(decode(standard.replace('+', "-").as_bytes(), None), None);
        assert_eq!(decode(standard.replace('/', "_").as_bytes(), None), None);
    }

    #[test]
    fn bits_after_the_last_byte_are_refused() {
        let text = base64(&TAG, &STANDARD_NO_PAD);
        let (start, last) = text.split_at(42);
        assert_eq!(last, "4");
        for last in ["5", "6", "7"] {
            let text = String::from(start) + last;
            assert_eq!(decode(text.as_bytes(), None), None, "{text}");
            assert_eq!(decode((text.clone() + "=").as_bytes(), None), None, "{text}=");
        }
    }

    #[test]
    fn base64_of_another_length_or_shape_is_refused() {
        let text = base64(&TAG, &STANDARD_NO_PAD);
        let wrong = [
            text[..42].to_string(),
            text[..42].to_string() + "=",
            text[..42].to_string() + "==",
            text.clone() + "==",
            text.clone() + "A",
            text.clone() + " ",
            text.clone() + "\n",
            String::from(" ") + &text,
            String::from("=") + &text,
            text[..20].to_string() + " " + &text[20..],
            text[..20].to_string() + "=" + &text[21..],
            text[..40].to_string() + "\r\n" + &text[40..],
            String::from("sha256=") + &text,
        ];
        for text in wrong {
            assert_eq!(decode(text.as_bytes(), None), None, "{text:?}");
        }
    }

    #[test]
    fn a_pinned_encoding_refuses_the_others() {
        let texts =
            [(Hex, hex(&TAG)), (Base64, base64(&TAG, &STANDARD)), (Base64Url, base64(&TAG, &URL_SAFE))];
        for (encoding, text) in &texts {
            for (pinned, _) in &texts {
                let expected = (encoding == pinned).then_some(TAG);
                assert_eq!(
                    decode(text.as_bytes(), Some(*pinned)),
                    expected,
                    "{encoding} where {pinned} is pinned"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(tag: Tag) {
            prop_assert_eq!(decode(hex(&tag).as_bytes(), Some(Hex)), Some(tag));
            for (engine, pinned) in [
                (STANDARD, Base64),
                (STANDARD_NO_PAD, Base64),
                (URL_SAFE, Base64Url),
                (URL_SAFE_NO_PAD, Base64Url),
            ] {
                let text = base64(&tag, &engine);
                prop_assert_eq!(decode(text.as_bytes(), Some(pinned)), Some(tag));
                prop_assert_eq!(decode(text.as_bytes(), None), Some(tag));
            }
        }

        #[test]
        fn what_is_decoded_is_canonical(text in "[A-Da-d0-9+/_=-]{43,44}|[0-9a-fA-Fx ]{64}") {
            if let Some(tag) = decode(text.as_bytes(), None) {
                let canonical: Vec<String> = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                    .iter()
                    .map(|engine| base64(&tag, engine))
                    .collect();
                prop_assert!(text.eq_ignore_ascii_case(&hex(&tag)) || canonical.contains(&text));
            }
        }
    }
}
