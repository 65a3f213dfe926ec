//! Benji: an HMAC-SHA256 of the raw body, keyed with the subscription's salt, and an unsigned date.

mod normalize;
mod payload;
mod wire;

use crate::{
    freshness::{Timestamp, http_date, rfc3339},
    headers::{Field, Headers},
    rejection::{Problem, Reason},
    vendor::{Batch, Place, Reading, element::ElementFault},
};

pub use payload::Webhook;

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-benji-signature";
/// The header with the date of the event, which the signature does not cover.
pub const DATE_HEADER: &str = "x-webhook-datetime";
/// How old a request may be, and how far ahead, by default.
pub const WINDOW_SECONDS: u64 = 300;
/// The largest body by default: a webhook of Benji has three short fields.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The date of the event, from the request's header.
#[inline]
pub(crate) fn date<H: Headers + ?Sized>(
    headers: &H,
    allow_missing: bool,
) -> Result<Option<Timestamp>, Reason> {
    match headers.field(DATE_HEADER).trimmed() {
        Field::Value(value) => match parse_date(&value) {
            Some(time) => Ok(Some(time)),
            None => Err(Reason::MalformedTimestamp),
        },
        Field::Absent if allow_missing => Ok(None),
        Field::Absent => Err(Reason::MissingTimestamp),
        Field::Unreadable => Err(Reason::MalformedTimestamp),
        Field::Repeated => Err(Reason::RepeatedHeader { header: DATE_HEADER }),
    }
}

/// "In GMT format" is all that Benji says of the date, so each usual form that names GMT is read
/// (vendors.md, Benji).
fn parse_date(text: &[u8]) -> Option<Timestamp> {
    http_date::parse(text).or_else(|| {
        let in_gmt = rfc3339::parse(text).and_then(|(time, offset)| (offset == 0).then_some(time));
        in_gmt.or_else(|| rfc3339::parse_spaced(text).map(|(time, _zone)| time))
    })
}

pub(crate) fn read(body: &[u8], reading: &Reading<'_>, batch: &mut Batch) -> Result<(), Reason> {
    batch.read(body, reading.limits, |scanner, filling| {
        if scanner.token() != b'{' {
            let value = scanner.value(0)?;
            return Err(ElementFault { at: value.at, problem: Problem::NotAnObject, field: "" });
        }
        Ok(filling.container(scanner, 0, Place::BODY, |scanner, open, filling| {
            wire::webhook(scanner, open, filling, reading)
        })?)
    })
}
