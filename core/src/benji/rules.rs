//! Benji's rules for the shared code: headers, schemes, date formats and the body limit.

use alloc::vec::Vec;

use super::webhook::{self, ENTITY_TYPES, NAMES};
use crate::{
    authenticate::{Scheme, SignedTimeScheme},
    freshness::{HeaderTime, TimeLocation, Timestamp, http_date, rfc3339, spaced},
    kind::{Action, Entity, Kind, Vendor},
    reading::{self, Batch, Container, ElementFault, ReadContext, Reader},
    rejection::Reason,
    rules::Rules,
    table::{Places, Row},
    words::text_of,
};

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-benji-signature";
/// The header with the date of the event, which the signature covers. If it is present, no other date is read.
pub const TIMESTAMP_HEADER: &str = "x-benji-timestamp";
/// The header with the date of the event in the older scheme, whose signature does not cover it.
pub const DATE_HEADER: &str = "x-webhook-datetime";
/// The default limit of the body, in bytes. A webhook of Benji has three short fields.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

pub(crate) static RULES: Rules = Rules {
    vendor: Vendor::Benji,
    max_body_bytes: MAX_BODY_BYTES,
    signed_time_scheme: Some(SignedTimeScheme::new(TIMESTAMP_HEADER, parse_date)),
    scheme: Scheme::of_body(
        Some(TIMESTAMP_HEADER),
        TimeLocation::Header { name: DATE_HEADER, parse: parse_date },
    ),
    challenge_header: None,
    read_payload,
    rows,
};

/// Benji documents only that the date is "in GMT format" (`core/docs/benji.md`), so every usual form in GMT is read. A
/// date without a zone is read too, because Benji's services print dates as Python does. Unix time is read because the
/// newer header is called a timestamp.
fn parse_date(text: &[u8]) -> Option<HeaderTime> {
    match http_date::parse(text) {
        Some(time) => Some(HeaderTime { time, zone_assumed: false }),
        None => parse_other_date(text),
    }
}

#[inline(never)]
fn parse_other_date(text: &[u8]) -> Option<HeaderTime> {
    if let Some((time, offset_minutes)) = rfc3339::parse_lenient(text) {
        let is_in_gmt = matches!(offset_minutes, None | Some(0));
        return is_in_gmt.then_some(HeaderTime { time, zone_assumed: offset_minutes.is_none() });
    }
    let time = spaced::parse(text).map(|(time, _zone)| time).or_else(|| unix_time(text))?;
    Some(HeaderTime { time, zone_assumed: false })
}

/// Ten digits are seconds, thirteen are milliseconds. No other number of digits is a time in these years.
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

fn read_payload(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    reading::read_payload(body, context, batch, read_body)
}

#[inline]
fn read_body(reader: &mut Reader<'_, '_>) -> Result<(), ElementFault> {
    reader.expect_object()?;
    Ok(reader.one(Container::BODY, webhook::webhook)?)
}

/// An unknown name gives the entity that the type tells.
fn rows() -> Vec<Row> {
    let row = |name: &str, kind| Row {
        vendor: Vendor::Benji,
        name: name.into(),
        kind,
        payload: "benji::Webhook",
        is_open: kind.action == Action::Other,
        places: Places {
            subject: &["/entity_id"],
            parent: &[],
            actor: &[],
            time: &[TIMESTAMP_HEADER, DATE_HEADER],
        },
    };
    let known = NAMES.iter().map(|&(name, kind)| row(text_of(name), kind));
    let entities = ENTITY_TYPES.iter().map(|&(_, entity)| entity).chain([Entity::Other]);
    known.chain(entities.map(|entity| row(Row::ANY_OTHER, Kind::new(entity, Action::Other)))).collect()
}
