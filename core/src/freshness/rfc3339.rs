//! The dates of RFC 3339, and variants of them that programs write.

use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use time::Month;

use super::{civil::Civil, date_fields::DateFields, timestamp::Timestamp};
use crate::parse_error::{self, ParseError};

/// Reads the `date-time` of RFC 3339 (section 5.6). Returns it with the zone's offset from UTC in minutes.
///
/// `T` and `Z` may be in lower case, as the RFC allows. A fraction may have any number of digits and is cut to
/// milliseconds. `-00:00` is an offset of 0. `None` for any other text, for a day, time of day or offset that does not
/// exist (second 60 included), and for an instant outside the years 0001 to 9999.
///
/// ```
/// use hookseal::freshness::rfc3339;
///
/// let (time, offset_minutes) = rfc3339::parse(b"1994-11-06T09:49:37.1239+01:00").unwrap();
/// assert_eq!(time.to_string(), "1994-11-06T08:49:37.123Z");
/// assert_eq!(offset_minutes, 60);
/// ```
#[must_use]
pub fn parse(text: &[u8]) -> Option<(Timestamp, i16)> {
    let (civil, rest) = date_and_time_of_day(text, |separator| matches!(separator, b'T' | b't'))?;
    let (millis, zone) = fraction(rest)?;
    let offset_minutes = offset(zone)?;
    Some((instant(&civil, millis, offset_minutes)?, offset_minutes))
}

/// Reads the form of [`parse`], and also a space instead of `T`, an offset as `±hhmm`, or no zone. Returns the time
/// with the zone's offset from UTC in minutes. Without a zone the offset is `None` and the time is read as UTC.
///
/// Python prints such dates (`str` and `isoformat` of a `datetime`).
///
/// ```
/// use hookseal::freshness::rfc3339;
///
/// let (time, offset_minutes) = rfc3339::parse_lenient(b"1994-11-06 08:49:37.123456").unwrap();
/// assert_eq!(time.to_string(), "1994-11-06T08:49:37.123Z");
/// assert_eq!(offset_minutes, None);
/// assert_eq!(rfc3339::parse_lenient(b"1994-11-06T09:49:37+0100").unwrap().1, Some(60));
/// ```
#[must_use]
pub fn parse_lenient(text: &[u8]) -> Option<(Timestamp, Option<i16>)> {
    let (civil, rest) = date_and_time_of_day(text, |separator| matches!(separator, b'T' | b't' | b' '))?;
    let (millis, zone) = fraction(rest)?;
    let offset_minutes = match zone {
        [] => None,
        zone => Some(offset(zone).or_else(|| offset_without_colon(zone))?),
    };
    Some((instant(&civil, millis, offset_minutes.unwrap_or_default())?, offset_minutes))
}

/// Reads exactly what [`Timestamp`] prints: `YYYY-MM-DDThh:mm:ssZ`, with `.mmm` before the `Z` unless the milliseconds
/// are zero. Any other form of an instant, such as an offset, is refused; [`parse`] reads those of RFC 3339.
///
/// ```
/// use hookseal::Timestamp;
///
/// let time: Timestamp = "1994-11-06T08:49:37.050Z".parse().unwrap();
/// assert_eq!(time.unix_millis(), 784_111_777_050);
/// assert!("1994-11-06T09:49:37.050+01:00".parse::<Timestamp>().is_err());
/// ```
impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        const EXPECTED: ParseError = ParseError::new(
            "a time in UTC such as 1994-11-06T08:49:37Z, with three digits of a second unless they are zero",
        );
        let (time, _) = parse(text.as_bytes()).ok_or(EXPECTED)?;
        let printed = time.to_rfc3339();
        let is_as_printed = match printed.strip_suffix(b".000Z") {
            Some(whole) => text.as_bytes().strip_suffix(b"Z") == Some(whole),
            None => text.as_bytes() == printed,
        };
        if is_as_printed { Ok(time) } else { Err(EXPECTED) }
    }
}

/// Reads the text that it serializes as.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_error::deserialize(deserializer)
    }
}

pub(super) fn instant(civil: &Civil, millis: i64, offset_minutes: i16) -> Option<Timestamp> {
    let seconds = civil.unix_seconds() - i64::from(offset_minutes) * 60;
    Timestamp::from_unix_millis(seconds * 1000 + millis)
}

/// Reads `YYYY-MM-DD`, a separator and `hh:mm:ss`. Returns the rest of the text too.
#[inline]
pub(super) fn date_and_time_of_day(text: &[u8], separates: impl Fn(u8) -> bool) -> Option<(Civil, &[u8])> {
    let (start, rest) = text.split_first_chunk::<19>()?;
    let mut fields = DateFields::of(start);
    let year = fields.four_digits();
    fields.literal(b"-");
    let month = fields.two_digits();
    fields.literal(b"-");
    let day = fields.two_digits();
    let [separator] = fields.bytes();
    let time_of_day = fields.time_of_day();
    fields.rest()?;
    if !separates(separator) {
        return None;
    }
    Some((Civil::new((year, Month::try_from(month).ok()?, day), time_of_day)?, rest))
}

/// Reads `.` and digits as milliseconds, or 0 if there is no `.`. Returns the rest of the text too.
#[inline]
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    if digits.is_empty() {
        return None;
    }
    let thousandths = digits.iter().chain(b"00").take(3);
    Some((thousandths.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0')), rest))
}

/// The minutes of `Z` or `±hh:mm`.
#[inline]
fn offset(zone: &[u8]) -> Option<i16> {
    match zone {
        b"Z" | b"z" => Some(0),
        zone => signed_minutes(zone, true),
    }
}

/// The minutes of `±hhmm`.
pub(super) fn offset_without_colon(zone: &[u8]) -> Option<i16> {
    signed_minutes(zone, false)
}

#[inline]
fn signed_minutes(zone: &[u8], has_colon: bool) -> Option<i16> {
    let (sign, digits) = match zone {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let mut fields = DateFields::of(digits);
    let hours = fields.two_digits();
    if has_colon {
        fields.literal(b":");
    }
    let minutes = fields.two_digits();
    let [] = fields.rest()? else { return None };
    (hours <= 23 && minutes <= 59).then(|| sign * (i16::from(hours) * 60 + i16::from(minutes)))
}

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
        vec::Vec,
    };

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(String, i16)> {
        parse(text.as_bytes()).map(|(time, offset)| (time.to_string(), offset))
    }

    fn time(text: &str) -> Option<String> {
        read(text).map(|(time, _)| time)
    }

    // RFC 3339, section 5.8, without the two leap seconds.
    #[test]
    fn the_examples_of_the_rfc_are_read() {
        assert_eq!(read("1985-04-12T23:20:50.52Z"), Some(("1985-04-12T23:20:50.520Z".into(), 0)));
        assert_eq!(read("1996-12-19T16:39:57-08:00"), Some(("1996-12-20T00:39:57Z".into(), -480)));
        assert_eq!(read("1937-01-01T12:00:27.87+00:20"), Some(("1937-01-01T11:40:27.870Z".into(), 20)));
    }

    #[test]
    fn a_leap_second_is_refused() {
        assert_eq!(read("1990-12-31T23:59:60Z"), None);
        assert_eq!(read("1990-12-31T15:59:60-08:00"), None);
    }

    #[test]
    fn t_and_z_may_be_small() {
        assert_eq!(read("1985-04-12t23:20:50z"), Some(("1985-04-12T23:20:50Z".into(), 0)));
    }

    #[test]
    fn a_fraction_of_any_length_is_cut_to_milliseconds() {
        assert_eq!(time("1970-01-01T00:00:00.1Z").unwrap(), "1970-01-01T00:00:00.100Z");
        assert_eq!(time("1970-01-01T00:00:00.01Z").unwrap(), "1970-01-01T00:00:00.010Z");
        assert_eq!(time("1970-01-01T00:00:00.0009999Z").unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(time("1969-12-31T23:59:59.9999Z").unwrap(), "1969-12-31T23:59:59.999Z");
        let long = format!("1970-01-01T00:00:00.{}+01:00", "9".repeat(100_000));
        assert_eq!(read(&long), Some(("1969-12-31T23:00:00.999Z".into(), 60)));
    }

    #[test]
    fn a_fraction_without_digits_is_refused() {
        for text in ["1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00.5.5Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_reaches_to_23_59() {
        assert_eq!(read("1970-01-02T00:00:00+23:59"), Some(("1970-01-01T00:01:00Z".into(), 1439)));
        assert_eq!(read("1970-01-01T00:00:00-23:59"), Some(("1970-01-01T23:59:00Z".into(), -1439)));
        assert_eq!(read("1970-01-01T00:00:00-00:00"), Some(("1970-01-01T00:00:00Z".into(), 0)));
        for zone in
            ["+24:00", "+00:60", "+0000", "+00", "00:00", "+00:00 ", "+0:00", "\u{2212}00:00", "", " Z", "ZZ"]
        {
            assert_eq!(read(&format!("1970-01-01T00:00:00{zone}")), None, "{zone}");
        }
    }

    #[test]
    fn the_years_are_bounded_after_the_offset() {
        assert_eq!(time("0001-01-01T00:59:59+01:00"), None);
        assert_eq!(time("0001-01-01T01:00:00+01:00").unwrap(), "0001-01-01T00:00:00Z");
        assert_eq!(time("0000-12-31T23:00:00-01:00").unwrap(), "0001-01-01T00:00:00Z");
        assert_eq!(time("9999-12-31T23:59:59.9999Z").unwrap(), "9999-12-31T23:59:59.999Z");
        assert_eq!(time("9999-12-31T23:59:59-00:01"), None);
        assert_eq!(time("0000-01-01T00:00:00Z"), None);
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for date in
            ["2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-01-01T24:00:00Z"]
        {
            assert_eq!(read(date), None, "{date}");
        }
    }

    #[test]
    fn any_other_form_is_refused() {
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T00:00Z",
            "1970-01-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00Z ",
            " 1970-01-01T00:00:00Z",
            "19700101T000000Z",
            "1970-1-1T00:00:00Z",
            "+1970-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_lenient_form_takes_a_space_an_offset_without_colon_or_no_zone() {
        for (end, offset) in [
            ("", None),
            (".5", None),
            ("Z", Some(0)),
            ("z", Some(0)),
            (".250+0000", Some(0)),
            ("-0000", Some(0)),
            ("+00:00", Some(0)),
            ("+0130", Some(90)),
            ("-2359", Some(-1439)),
        ] {
            for separator in ["T", "t", " "] {
                let text = format!("2026-03-04{separator}05:06:07{end}");
                let (time, found) = parse_lenient(text.as_bytes()).unwrap();
                assert_eq!(found, offset, "{text}");
                let local = parse(
                    format!(
                        "2026-03-04T05:06:07{}Z",
                        &end[..end.find(['Z', 'z', '+', '-']).unwrap_or(end.len())]
                    )
                    .as_bytes(),
                );
                let minutes = i64::from(offset.unwrap_or(0));
                assert_eq!(time.unix_millis() + minutes * 60_000, local.unwrap().0.unix_millis(), "{text}");
            }
        }
        for end in [
            " ", " Z", " UTC", "GMT", "+00", "+000", "+00000", "+2400", "+0060", "+00:0", " +0000", ".", ".Z",
        ] {
            for separator in ["T", " "] {
                let text = format!("2026-03-04{separator}05:06:07{end}");
                assert_eq!(parse_lenient(text.as_bytes()), None, "{text}");
            }
        }
        assert_eq!(parse_lenient(b"2026-03-04_05:06:07"), None);
    }

    proptest! {
        #[test]
        fn what_a_timestamp_prints_is_read_back(
            millis in Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis(),
            whole_seconds in any::<bool>(),
        ) {
            let millis = if whole_seconds { millis.div_euclid(1000) * 1000 } else { millis };
            let time = Timestamp::from_unix_millis(millis).unwrap();
            prop_assert_eq!(parse(time.to_string().as_bytes()), Some((time, 0)));
        }

        #[test]
        fn an_offset_moves_the_clock_and_not_the_instant(
            seconds in -62_135_510_400_i64..=253_402_214_399,
            offset in -1439_i16..=1439,
        ) {
            let time = Timestamp::from_unix_seconds(seconds).unwrap();
            let local = Timestamp::from_unix_seconds(seconds + i64::from(offset) * 60).unwrap().to_string();
            let sign = if offset < 0 { '-' } else { '+' };
            let zone = format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
            let text = local.replace('Z', &zone);
            prop_assert_eq!(parse(text.as_bytes()), Some((time, offset)));
        }

        #[test]
        fn no_bytes_make_it_panic(text in any::<Vec<u8>>(), tail in any::<Vec<u8>>()) {
            let _ = parse(&text);
            let _ = parse(&[b"1994-11-06T08:49:37", tail.as_slice()].concat());
            let _ = parse_lenient(&[b"1994-11-06 08:49:37", tail.as_slice()].concat());
        }
    }
}
