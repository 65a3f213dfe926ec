//! The three date formats of HTTP (RFC 9110, section 5.6.7).

use time::{Month, Weekday};

use super::{Timestamp, civil::Civil, fields::Fields};

/// Reads an `HTTP-date`: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate), `Sunday, 06-Nov-94 08:49:37 GMT`
/// (RFC 850) or `Sun Nov  6 08:49:37 1994` (asctime, which is in UTC).
///
/// Names are case-sensitive, as the RFC says. `None` for any other text, where the weekday is not that of the
/// date, for a day or time of day that does not exist (second 60 among them), and outside the years 0001 to
/// 9999. Of the two-digit years of RFC 850, 70 to 99 are 1970 to 1999 and 00 to 69 are 2000 to 2069, as the
/// crate `httpdate` reads them: the RFC's own rule needs a clock.
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
    // The length tells the forms apart, and a length known to the compiler frees the fields of their bounds.
    let (weekday, civil) = match <&[u8; 29]>::try_from(text) {
        Ok(text) => imf_fixdate(text)?,
        Err(_) => obsolete(text)?,
    };
    if civil.date.weekday() != weekday {
        return None;
    }
    Timestamp::from_unix_seconds(civil.unix_seconds())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
#[inline]
fn imf_fixdate(text: &[u8; 29]) -> Option<(Weekday, Civil)> {
    let mut fields = Fields::of(text);
    let weekday = fields.bytes();
    fields.literal(b", ");
    let day = fields.two_digits();
    fields.literal(b" ");
    let month = fields.bytes();
    fields.literal(b" ");
    let year = fields.four_digits();
    fields.literal(b" ");
    let clock = fields.clock();
    fields.literal(b" GMT");
    fields.rest()?;
    Some((short_weekday(weekday)?, Civil::new((year, month_of(month)?, day), clock)?))
}

#[inline(never)]
fn obsolete(text: &[u8]) -> Option<(Weekday, Civil)> {
    match <&[u8; 24]>::try_from(text) {
        Ok(text) => asctime(text),
        Err(_) => rfc_850(text),
    }
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &[u8; 24]) -> Option<(Weekday, Civil)> {
    let mut fields = Fields::of(text);
    let weekday = fields.bytes();
    fields.literal(b" ");
    let month = fields.bytes();
    fields.literal(b" ");
    let day = fields.two_digits_or_space_and_digit();
    fields.literal(b" ");
    let clock = fields.clock();
    fields.literal(b" ");
    let year = fields.four_digits();
    fields.rest()?;
    Some((short_weekday(weekday)?, Civil::new((year, month_of(month)?, day), clock)?))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc_850(text: &[u8]) -> Option<(Weekday, Civil)> {
    let (weekday, text) = text.split_last_chunk::<24>()?;
    let mut fields = Fields::of(text);
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
    let clock = fields.clock();
    fields.literal(b" GMT");
    fields.rest()?;
    Some((long_weekday(weekday)?, Civil::new((year, month_of(month)?, day), clock)?))
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
