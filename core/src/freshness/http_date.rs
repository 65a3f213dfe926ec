//! The three date formats of HTTP (RFC 9110, section 5.6.7).

use time::{Month, Weekday};

use super::{civil::Civil, date_fields::DateFields, timestamp::Timestamp};

/// Reads an `HTTP-date`: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate), `Sunday, 06-Nov-94 08:49:37 GMT`
/// (RFC 850) or `Sun Nov  6 08:49:37 1994` (asctime, which is in UTC).
///
/// Names are case-sensitive, as the RFC says. `None` for any other text, for a weekday that is not that of the date,
/// for a day or time of day that does not exist (second 60 included), and for years outside 0001 to 9999. The two-digit
/// years of RFC 850 are read as the crate `httpdate` reads them: 70 to 99 are 1970 to 1999, and 00 to 69 are 2000 to
/// 2069. The RFC's own rule needs a clock.
///
/// ```
/// use hookseal::freshness::http_date;
///
/// let time = http_date::parse(b"Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(time.unwrap().to_string(), "1994-11-06T08:49:37Z");
/// assert_eq!(time, http_date::parse(b"Sunday, 06-Nov-94 08:49:37 GMT"));
/// assert_eq!(time, http_date::parse(b"Sun Nov  6 08:49:37 1994"));
/// assert_eq!(http_date::parse(b"Mon, 06 Nov 1994 08:49:37 GMT"), None);
/// ```
#[must_use]
#[inline]
pub fn parse(text: &[u8]) -> Option<Timestamp> {
    // The length tells the forms apart. A length that the compiler knows also removes the bounds checks of the fields.
    match <&[u8; 29]>::try_from(text) {
        Ok(text) => imf_fixdate(text),
        Err(_) => obsolete(text),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
#[inline]
fn imf_fixdate(text: &[u8; 29]) -> Option<Timestamp> {
    let mut fields = DateFields::of(text);
    let weekday = fields.bytes();
    fields.literal(b", ");
    let day = fields.two_digits();
    fields.literal(b" ");
    let month = fields.bytes();
    fields.literal(b" ");
    let year = fields.four_digits();
    fields.literal(b" ");
    let time_of_day = fields.time_of_day();
    fields.literal(b" GMT");
    fields.rest()?;
    instant(short_weekday(weekday)?, (year, month_of(month)?, day), time_of_day)
}

#[inline(never)]
fn obsolete(text: &[u8]) -> Option<Timestamp> {
    match <&[u8; 24]>::try_from(text) {
        Ok(text) => asctime(text),
        Err(_) => rfc_850(text),
    }
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &[u8; 24]) -> Option<Timestamp> {
    let mut fields = DateFields::of(text);
    let weekday = fields.bytes();
    fields.literal(b" ");
    let month = fields.bytes();
    fields.literal(b" ");
    let day = fields.two_digits_or_space_and_digit();
    fields.literal(b" ");
    let time_of_day = fields.time_of_day();
    fields.literal(b" ");
    let year = fields.four_digits();
    fields.rest()?;
    instant(short_weekday(weekday)?, (year, month_of(month)?, day), time_of_day)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc_850(text: &[u8]) -> Option<Timestamp> {
    let (weekday, text) = text.split_last_chunk::<24>()?;
    let mut fields = DateFields::of(text);
    fields.literal(b", ");
    let day = fields.two_digits();
    fields.literal(b"-");
    let month = fields.bytes();
    fields.literal(b"-");
    let year = match fields.two_digits() {
        year @ 70.. => 1900 + u16::from(year),
        year => 2000 + u16::from(year),
    };
    fields.literal(b" ");
    let time_of_day = fields.time_of_day();
    fields.literal(b" GMT");
    fields.rest()?;
    instant(long_weekday(weekday)?, (year, month_of(month)?, day), time_of_day)
}

#[inline]
fn instant(weekday: Weekday, date: (u16, Month, u8), time_of_day: (u8, u8, u8)) -> Option<Timestamp> {
    let civil = Civil::new(date, time_of_day)?;
    if civil.date.weekday() != weekday {
        return None;
    }
    Timestamp::from_unix_seconds(civil.unix_seconds())
}

#[inline]
fn short_weekday(name: [u8; 3]) -> Option<Weekday> {
    Some(match &name {
        b"Mon" => Weekday::Monday,
        b"Tue" => Weekday::Tuesday,
        b"Wed" => Weekday::Wednesday,
        b"Thu" => Weekday::Thursday,
        b"Fri" => Weekday::Friday,
        b"Sat" => Weekday::Saturday,
        b"Sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn long_weekday(name: &[u8]) -> Option<Weekday> {
    Some(match name {
        b"Monday" => Weekday::Monday,
        b"Tuesday" => Weekday::Tuesday,
        b"Wednesday" => Weekday::Wednesday,
        b"Thursday" => Weekday::Thursday,
        b"Friday" => Weekday::Friday,
        b"Saturday" => Weekday::Saturday,
        b"Sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[inline]
fn month_of(name: [u8; 3]) -> Option<Month> {
    Some(match &name {
        b"Jan" => Month::January,
        b"Feb" => Month::February,
        b"Mar" => Month::March,
        b"Apr" => Month::April,
        b"May" => Month::May,
        b"Jun" => Month::June,
        b"Jul" => Month::July,
        b"Aug" => Month::August,
        b"Sep" => Month::September,
        b"Oct" => Month::October,
        b"Nov" => Month::November,
        b"Dec" => Month::December,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[cfg(not(feature = "std"))]
    extern crate std;

    use alloc::{
        format,
        string::{String, ToString},
        vec::Vec,
    };
    use std::time::{Duration, UNIX_EPOCH};

    use httpdate::HttpDate;
    use proptest::prelude::*;

    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        parse(text.as_bytes()).map(|time| time.unix_millis() / 1000)
    }

    #[test]
    fn the_three_forms_of_the_rfc_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Sun Nov  6 08:49:37 1994"), Some(784_111_777));
    }

    #[test]
    fn a_wrong_weekday_is_refused() {
        assert_eq!(seconds("Mon, 06 Nov 1994 08:49:37 GMT"), None);
        assert_eq!(seconds("Monday, 06-Nov-94 08:49:37 GMT"), None);
        assert_eq!(seconds("Mon Nov  6 08:49:37 1994"), None);
    }

    #[test]
    fn the_century_of_rfc_850_turns_between_69_and_70() {
        assert_eq!(seconds("Thursday, 01-Jan-70 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("Friday, 31-Dec-99 23:59:59 GMT"), Some(946_684_799));
        assert_eq!(seconds("Saturday, 01-Jan-00 00:00:00 GMT"), Some(946_684_800));
        assert_eq!(seconds("Tuesday, 31-Dec-69 23:59:59 GMT"), Some(3_155_759_999));
        // The weekday of 1969-12-31.
        assert_eq!(seconds("Wednesday, 31-Dec-69 23:59:59 GMT"), None);
    }

    #[test]
    fn the_day_of_asctime_is_padded_with_a_space_or_a_zero() {
        assert_eq!(seconds("Sun Nov 06 08:49:37 1994"), Some(784_111_777));
        assert_eq!(seconds("Wed Nov 16 08:49:37 1994"), Some(784_975_777));
        for text in ["Sun Nov 6  08:49:37 1994", "Sun Nov 6 08:49:37 1994", "Sun Nov    08:49:37 1994"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds("Sun,  6 Nov 1994 08:49:37 GMT"), None);
    }

    // httpdate 1.0.3 refuses second 60 too, though its grammar has it.
    #[test]
    fn a_leap_second_is_refused() {
        for text in
            ["Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016"]
        {
            assert_eq!((seconds(text), text.parse::<HttpDate>().ok()), (None, None), "{text}");
        }
    }

    // httpdate starts in 1970.
    #[test]
    fn the_years_0001_to_9999_are_read() {
        assert_eq!(parse(b"Mon, 01 Jan 0001 00:00:00 GMT"), Some(Timestamp::MIN));
        assert_eq!(seconds("Wed, 31 Dec 1969 23:59:59 GMT"), Some(-1));
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
        assert_eq!(seconds("Sat, 01 Jan 0000 00:00:00 GMT"), None);
    }

    #[test]
    fn names_are_case_sensitive_and_the_zone_is_gmt() {
        for text in [
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994 GMT",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_may_stand_around_the_date() {
        for form in FORMS {
            let text = form(784_111_777);
            assert!(seconds(&text).is_some());
            for around in [" ", "\t", "\0", "0", "\n"] {
                assert_eq!(seconds(&format!("{text}{around}")), None);
                assert_eq!(seconds(&format!("{around}{text}")), None);
            }
        }
        assert_eq!(seconds(""), None);
    }

    #[test]
    fn every_day_of_four_centuries_is_read_as_the_oracle_does() {
        for day in 0..146_097 {
            let text = imf_fixdate(day * 86_400);
            assert_eq!(seconds(&text), Some(day * 86_400), "{text}");
        }
    }

    const FORMS: [fn(i64) -> String; 3] = [imf_fixdate, rfc_850, asctime];

    fn imf_fixdate(seconds: i64) -> String {
        HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())).to_string()
    }

    fn rfc_850(seconds: i64) -> String {
        let text = imf_fixdate(seconds);
        let long = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let weekday = long.iter().find(|name| name.starts_with(&text[..3])).unwrap();
        format!("{weekday}, {}-{}-{} {}", &text[5..7], &text[8..11], &text[14..16], &text[17..])
    }

    fn asctime(seconds: i64) -> String {
        let text = imf_fixdate(seconds);
        let day = text[5..7].replacen('0', " ", usize::from(&text[5..6] == "0"));
        format!("{} {} {day} {} {}", &text[..3], &text[8..11], &text[17..25], &text[12..16])
    }

    /// The result of `httpdate`, but `None` for texts that `httpdate` reads beyond the RFC.
    fn oracle(text: &[u8]) -> Option<i64> {
        let text = str::from_utf8(text).ok()?;
        // It trims, and accepts any character between the year and the hour of RFC 850.
        let gap = text.len().checked_sub(13).and_then(|place| text.as_bytes().get(place));
        if text.trim() != text || (text.len() >= 30 && gap != Some(&b' ')) {
            return None;
        }
        let time = httpdate::parse_http_date(text).ok()?;
        Some(time.duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap())
    }

    fn form() -> impl Strategy<Value = fn(i64) -> String> {
        prop::sample::select(FORMS.as_slice())
    }

    fn changed(mut text: Vec<u8>, changes: &[(usize, u8, u8)]) -> Vec<u8> {
        for &(place, byte, way) in changes {
            let place = place % text.len();
            match way {
                0 => {
                    text.remove(place);
                }
                1 => text.insert(place, byte),
                _ => text[place] = byte,
            }
        }
        text
    }

    proptest! {
        #[test]
        fn every_instant_is_read_in_the_forms_with_a_whole_year(instant in 0..253_402_300_800_i64) {
            prop_assert_eq!(seconds(&imf_fixdate(instant)), Some(instant));
            prop_assert_eq!(seconds(&asctime(instant)), Some(instant));
        }

        #[test]
        fn every_instant_of_a_hundred_years_is_read_in_the_form_of_rfc_850(instant in 0..3_155_760_000_i64) {
            prop_assert_eq!(seconds(&rfc_850(instant)), Some(instant));
        }

        #[test]
        fn another_century_in_the_form_of_rfc_850_is_read_as_the_oracle_does(instant in 0..253_402_300_800_i64) {
            let text = rfc_850(instant);
            prop_assert_eq!(seconds(&text), oracle(text.as_bytes()));
        }

        #[test]
        fn a_changed_date_is_read_as_the_oracle_does(
            instant in 0..253_402_300_800_i64,
            form in form(),
            changes in prop::collection::vec((any::<usize>(), prop_oneof![any::<u8>(), b'0'..=b'9', Just(b' ')], 0..8_u8), 1..4),
        ) {
            let text = changed(form(instant).into_bytes(), &changes);
            let found = parse(&text).map(|time| time.unix_millis() / 1000);
            if found.is_none_or(|seconds| seconds >= 0) {
                prop_assert_eq!(found, oracle(&text), "{:?}", String::from_utf8_lossy(&text));
            }
        }

        #[test]
        fn changed_digits_are_read_as_the_oracle_does(
            instant in 0..253_402_300_800_i64,
            form in form(),
            changes in prop::collection::vec((any::<usize>(), b'0'..=b'9'), 1..4),
        ) {
            let mut text = form(instant).into_bytes();
            let digits: Vec<_> = (0..text.len()).filter(|&place| text[place].is_ascii_digit()).collect();
            for (place, digit) in changes {
                text[digits[place % digits.len()]] = digit;
            }
            let found = parse(&text).map(|time| time.unix_millis() / 1000);
            if found.is_none_or(|seconds| seconds >= 0) {
                prop_assert_eq!(found, oracle(&text), "{:?}", String::from_utf8_lossy(&text));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(text in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&text);
        }
    }
}
