//! Dates of the form `YYYY-MM-DD hh:mm:ss` with a zone, which no standard has.

use super::{
    rfc3339::{date_and_time_of_day, instant, offset_without_colon},
    timestamp::Timestamp,
};

/// Reads `YYYY-MM-DD hh:mm:ss`, followed by `GMT`, `UTC` or `Z` with or without one space before it. Returns the time,
/// and the zone as written, with its space.
///
/// `None` for any other text, for a day or time of day that does not exist (second 60 included), and for years outside
/// 0001 to 9999. SQL databases and clients in PHP and Ruby write this form.
///
/// ```
/// use hookseal::freshness::spaced;
///
/// let (time, zone) = spaced::parse(b"1994-11-06 08:49:37 UTC").unwrap();
/// assert_eq!(time.to_string(), "1994-11-06T08:49:37Z");
/// assert_eq!(zone, b" UTC");
/// assert_eq!(spaced::parse(b"1994-11-06 08:49:37"), None);
/// ```
#[must_use]
pub fn parse(text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (civil, zone) = date_and_time_of_day(text, |separator| separator == b' ')?;
    let (b"GMT" | b"UTC" | b"Z") = zone.strip_prefix(b" ").unwrap_or(zone) else { return None };
    Some((Timestamp::from_unix_seconds(civil.unix_seconds())?, zone))
}

/// Reads `YYYY-MM-DD hh:mm:ss ±hhmm`. Returns it with the zone's offset from UTC in minutes.
///
/// Ruby prints such dates (`to_s` of a `Time`).
///
/// ```
/// use hookseal::freshness::spaced;
///
/// let (time, offset_minutes) = spaced::parse_offset(b"1994-11-06 09:49:37 +0100").unwrap();
/// assert_eq!((time.to_string().as_str(), offset_minutes), ("1994-11-06T08:49:37Z", 60));
/// ```
#[must_use]
pub fn parse_offset(text: &[u8]) -> Option<(Timestamp, i16)> {
    let (civil, zone) = date_and_time_of_day(text, |separator| separator == b' ')?;
    let offset_minutes = offset_without_colon(zone.strip_prefix(b" ")?)?;
    Some((instant(&civil, 0, offset_minutes)?, offset_minutes))
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec::Vec};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_spaced_form_is_read_with_its_zone_as_written() {
        for zone in ["GMT", "UTC", "Z", " GMT", " UTC", " Z"] {
            let text = format!("2026-03-04 05:06:07{zone}");
            let (time, end) = parse(text.as_bytes()).unwrap();
            assert_eq!(time.to_string(), "2026-03-04T05:06:07Z");
            assert_eq!(end, zone.as_bytes());
        }
    }

    #[test]
    fn the_spaced_form_takes_no_other_zone_and_no_fraction() {
        for end in ["", " ", "  UTC", "UTC ", "utc", "z", "+00:00", " +0000", ".5 UTC", " EST", " GMT+1"] {
            assert_eq!(parse(format!("2026-03-04 05:06:07{end}").as_bytes()), None, "{end}");
        }
        for text in
            ["2026-03-04T05:06:07Z", "2026-03-04  5:06:07Z", "2016-12-31 23:59:60Z", "0000-01-01 00:00:00Z"]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_spaced_offset_is_that_of_ruby_alone() {
        let read =
            |text: &str| parse_offset(text.as_bytes()).map(|(time, offset)| (time.to_string(), offset));
        assert_eq!(read("2026-03-04 06:06:07 +0100"), Some(("2026-03-04T05:06:07Z".into(), 60)));
        assert_eq!(read("2026-03-04 05:06:07 -0000"), Some(("2026-03-04T05:06:07Z".into(), 0)));
        for text in [
            "2026-03-04 06:06:07+0100",
            "2026-03-04 06:06:07  +0100",
            "2026-03-04T06:06:07 +0100",
            "2026-03-04 06:06:07 +01:00",
            "2026-03-04 06:06:07.5 +0100",
            "2026-03-04 06:06:07 +0160",
            "2026-03-04 06:06:07 ",
            "2026-03-04 06:06:07 UTC",
            "0001-01-01 00:00:00 +0001",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in any::<Vec<u8>>(), tail in any::<Vec<u8>>()) {
            let dated = [b"1994-11-06 08:49:37", tail.as_slice()].concat();
            for text in [text, dated] {
                let _ = parse(&text);
                let _ = parse_offset(&text);
            }
        }
    }
}
