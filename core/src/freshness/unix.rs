//! Unix time as an integer in text.

use super::timestamp::Timestamp;

/// A value above this is in milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973.
#[doc(hidden)]
pub const LAST_IN_SECONDS: i64 = 100_000_000_000;

/// Reads an integer as seconds since the Unix epoch, or as milliseconds if it is above 100,000,000,000.
///
/// The text is an integer in the grammar of JSON (RFC 8259, section 6), without fraction or exponent, and not `-0`.
/// `None` for any other text and for years outside 0001 to 9999. The size tells the unit, because Inbenta documents
/// seconds (see [`benti`](crate::benti)) while common libraries give milliseconds.
///
/// ```
/// use hookseal::freshness::unix;
///
/// assert_eq!(unix::parse(b"784111777"), unix::parse(b"784111777000"));
/// assert_eq!(unix::parse(b"784111777").unwrap().to_string(), "1994-11-06T08:49:37Z");
/// assert_eq!(unix::parse(b"784111777.5"), None);
/// ```
#[must_use]
pub fn parse(text: &[u8]) -> Option<Timestamp> {
    // The standard library would also read a plus sign, leading zeros and minus zero.
    let ([b'0'] | [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..]) = text else { return None };
    let value: i64 = core::str::from_utf8(text).ok()?.parse().ok()?;
    if value > LAST_IN_SECONDS {
        Timestamp::from_unix_millis(value)
    } else {
        Timestamp::from_unix_seconds(value)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn millis(text: &str) -> Option<i64> {
        parse(text.as_bytes()).map(Timestamp::unix_millis)
    }

    #[test]
    fn seconds_are_read_on_both_sides_of_1970() {
        assert_eq!(millis("0"), Some(0));
        assert_eq!(millis("1504602995"), Some(1_504_602_995_000));
        assert_eq!(millis("-1"), Some(-1_000));
        assert_eq!(millis("-62135596800"), Some(Timestamp::MIN.unix_millis()));
    }

    #[test]
    fn a_value_above_a_hundred_thousand_million_is_milliseconds() {
        assert_eq!(millis("100000000000"), Some(100_000_000_000_000));
        assert_eq!(millis("100000000001"), Some(100_000_000_001));
        assert_eq!(millis("253402300799999"), Some(Timestamp::MAX.unix_millis()));
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        for text in ["253402300800000", "-62135596801", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(millis(text), None, "{text}");
        }
        assert_eq!(millis(&"9".repeat(100_000)), None);
    }

    #[test]
    fn what_is_no_integer_of_json_is_refused() {
        for text in
            ["", "-", "-0", "00", "01", "-01", "+1", " 1", "1 ", "1.0", "1e3", "1_0", "0x1", "1\0", "\u{661}"]
        {
            assert_eq!(millis(text), None, "{text:?}");
        }
        assert_eq!(parse(b"1\xff"), None);
    }

    proptest! {
        #[test]
        fn any_integer_is_read_or_refused_by_its_size(value in prop_oneof![any::<i64>(), -70_000_000_000..300_000_000_000_000_i64]) {
            let unit = if value > 100_000_000_000 { 1 } else { 1000 };
            let expected = i128::from(value) * unit;
            let range = i128::from(Timestamp::MIN.unix_millis())..=i128::from(Timestamp::MAX.unix_millis());
            let expected = range.contains(&expected).then_some(expected);
            prop_assert_eq!(millis(&value.to_string()).map(i128::from), expected);
        }

        #[test]
        fn no_bytes_make_it_panic(text in any::<alloc::vec::Vec<u8>>()) {
            let _ = parse(&text);
        }
    }
}
