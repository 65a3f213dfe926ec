//! Benji: an HMAC-SHA256 keyed with the subscription's salt.
//!
//! Since January 2026 Benji's documentation repository (`api-reference/webhooks/overview.mdx`) describes a signature of
//! the value of [`TIMESTAMP_HEADER`] followed by the raw body. Older copies of the page describe a signature of the body
//! alone, with an unsigned date in [`DATE_HEADER`]. Both are in use as far as anyone outside can tell, so whether
//! [`TIMESTAMP_HEADER`] is present decides, and there is no fallback.
//!
//! The two cannot be mistaken for each other: no date followed by a body is a JSON object, and no beginning of a JSON
//! object is a date.

mod options;
mod payload;
mod webhook;

use crate::{
    freshness::{Timestamp, http_date, rfc3339},
    headers::Field,
    reading::{Batch, ElementFault, Place, Reading},
    rejection::{Covers, Problem, Reason},
};

pub use options::Options;
pub use payload::Webhook;

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-benji-signature";
/// The header with the date of the event, which the signature covers. Where it is present, no other date is read.
pub const TIMESTAMP_HEADER: &str = "x-benji-timestamp";
/// The header with the date of the event in the older scheme, whose signature does not cover it.
pub const DATE_HEADER: &str = "x-webhook-datetime";
/// How old a request may be, and how far ahead, by default.
pub const WINDOW_SECONDS: u64 = 300;
/// The largest body by default: a webhook of Benji has three short fields.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The date of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Date {
    pub(crate) time: Timestamp,
    /// Whether it names no zone, and is read in UTC because Benji says that dates are "in GMT format".
    pub(crate) zone_assumed: bool,
}

/// The date of a request: the one that the signature covers, or that of the older scheme's header.
#[inline(always)]
pub(crate) fn date(
    signed: Option<&[u8]>,
    unsigned: Field<'_>,
    allow_missing: bool,
) -> Result<Option<Date>, Reason> {
    let value;
    let (text, header) = match (signed, unsigned.trimmed()) {
        (Some(text), _) => (text, TIMESTAMP_HEADER),
        (None, Field::Value(unsigned)) => {
            value = unsigned;
            (&*value, DATE_HEADER)
        }
        (None, Field::Absent) if allow_missing => return Ok(None),
        (None, Field::Absent) => {
            return Err(Reason::MissingTimestamp {
                header: Some(DATE_HEADER),
                covers: Covers::Body { absent: TIMESTAMP_HEADER },
            });
        }
        (None, Field::Unreadable) => return Err(Reason::MalformedTimestamp { header: DATE_HEADER }),
        (None, Field::Repeated) => return Err(Reason::RepeatedHeader { header: DATE_HEADER }),
    };
    match parse_date(text) {
        Some(date) => Ok(Some(date)),
        None => Err(Reason::MalformedTimestamp { header }),
    }
}

/// "In GMT format" is all that Benji says of the date, and it shows no sample. So each usual form that is in GMT is read;
/// one that names no zone too, since Benji's services print dates as Python does; and unix time, since the newer header is
/// named a timestamp.
#[inline]
fn parse_date(text: &[u8]) -> Option<Date> {
    match http_date::parse(text) {
        Some(time) => Some(Date { time, zone_assumed: false }),
        None => parse_other_date(text),
    }
}

#[inline(never)]
fn parse_other_date(text: &[u8]) -> Option<Date> {
    if let Some((time, offset_minutes)) = rfc3339::parse_lenient(text) {
        let is_in_gmt = matches!(offset_minutes, None | Some(0));
        return is_in_gmt.then_some(Date { time, zone_assumed: offset_minutes.is_none() });
    }
    let time = rfc3339::parse_spaced(text).map(|(time, _zone)| time).or_else(|| unix_time(text))?;
    Some(Date { time, zone_assumed: false })
}

/// Ten digits are seconds, thirteen are milliseconds. Any other number is no time of these years.
fn unix_time(text: &[u8]) -> Option<Timestamp> {
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = core::str::from_utf8(text).ok()?.parse().ok()?;
    match text.len() {
        10 => Timestamp::from_unix_seconds(value),
        13 => Timestamp::from_unix_millis(value),
        _ => None,
    }
}

pub(crate) fn read(body: &[u8], reading: &Reading<'_>, batch: &mut Batch) -> Result<(), Reason> {
    batch.read(body, reading.limits, |scanner, filling| {
        if scanner.token() != b'{' {
            let value = scanner.value(0)?;
            return Err(ElementFault { at: value.at, problem: Problem::NotAnObject, field: "" });
        }
        Ok(filling.container(scanner, 0, Place::BODY, |scanner, open, filling| {
            webhook::webhook(scanner, open, filling, reading)
        })?)
    })
}
