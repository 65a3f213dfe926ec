//! `YYYYMMDDhhmmss`, a date without a zone.

use time::Month;

use super::{civil::Civil, date_fields::DateFields, timestamp::Timestamp};

/// Reads `YYYYMMDDhhmmss` as a time of day in a zone `utc_offset_minutes` ahead of UTC (behind it, if negative).
///
/// `None` for any other text, for a day or time of day that does not exist (second 60 included), and for an instant
/// outside the years 0001 to 9999. Benti's instance webhooks write `created_at` in this form, without a zone
/// ([`benti`](crate::benti) has the source).
///
/// ```
/// use hookseal::freshness::compact;
///
/// let time = |offset| compact::parse(b"20170905091635", offset).unwrap().to_string();
/// assert_eq!(time(0), "2017-09-05T09:16:35Z");
/// assert_eq!(time(120), "2017-09-05T07:16:35Z");
/// ```
#[must_use]
pub fn parse(text: &[u8], utc_offset_minutes: i16) -> Option<Timestamp> {
    let mut fields = DateFields::of(text);
    let (year, month, day) = (fields.four_digits(), fields.two_digits(), fields.two_digits());
    let time_of_day = (fields.two_digits(), fields.two_digits(), fields.two_digits());
    let [] = fields.rest()? else { return None };
    let civil = Civil::new((year, Month::try_from(month).ok()?, day), time_of_day)?;
    Timestamp::from_unix_seconds(civil.unix_seconds() - i64::from(utc_offset_minutes) * 60)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn text(date: &str, offset: i16) -> Option<alloc::string::String> {
        parse(date.as_bytes(), offset).map(|time| time.to_string())
    }

    #[test]
    fn a_zone_ahead_of_utc_is_subtracted() {
        assert_eq!(text("20170905091635", 0).as_deref(), Some("2017-09-05T09:16:35Z"));
        assert_eq!(text("20170905003000", 60).as_deref(), Some("2017-09-04T23:30:00Z"));
        assert_eq!(text("20171231233000", -45).as_deref(), Some("2018-01-01T00:15:00Z"));
    }

    #[test]
    fn the_years_are_bounded_after_the_offset() {
        assert_eq!(text("00010101000000", 0).as_deref(), Some("0001-01-01T00:00:00Z"));
        assert_eq!(text("00010101000000", 1), None);
        assert_eq!(text("00001231235900", -1).as_deref(), Some("0001-01-01T00:00:00Z"));
        assert_eq!(text("99991231235959", 0).as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(text("99991231235959", -1), None);
        assert_eq!(text("00000101000000", 0), None);
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for date in [
            "20170005091635",
            "20171305091635",
            "20170900091635",
            "20170931091635",
            "20170229091635",
            "20170905241635",
            "20170905096035",
            "20170905091660",
        ] {
            assert_eq!(text(date, 0), None, "{date}");
        }
    }

    #[test]
    fn any_other_form_is_refused() {
        for date in
            ["", "2017090509163", "201709050916350", "2017090509163 ", "20170905T91635", "+0170905091635"]
        {
            assert_eq!(text(date, 0), None, "{date}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_offset_make_it_panic(text in any::<alloc::vec::Vec<u8>>(), offset in any::<i16>()) {
            let _ = parse(&text, offset);
        }

        #[test]
        fn no_digits_and_no_offset_make_it_panic(text in "[0-9]{14}", offset in any::<i16>()) {
            let _ = parse(text.as_bytes(), offset);
        }
    }
}
