//! Opens records.

use alloc::{string::String, sync::Arc, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use iri_string::types::UriReferenceStr;
use serde::Deserialize;

use super::{
    error::RecordError,
    form::{Covered, Members, RECORD_VERSION, ReadOptions, checksum},
    recorded::Recorded,
};
use crate::{
    authenticate::KeyId,
    delivery::Delivery,
    event::{Assurance, Coverage, DeliveryContext, Entry, RecordedEvent, RecordedKeys},
    freshness::{HeaderTime, TimeLocation, Timestamp},
    kind::Vendor,
    limits::{LARGEST_BODY_BYTES, Limits, MAX_DEPTH},
    reading::{Batch, ReadContext},
    replay::{Hexadecimal, Naming, ReplayPolicy},
    rules::Rules,
    vendors,
};

/// Opens a record that [`Delivery::to_record`] made, in any language. Call it only for records from a place where
/// nobody else can write: a record is not signed, and everything that it says is believed.
///
/// The body is read again, with the limits of the receiver that recorded it.
///
/// # Errors
///
/// [`RecordError`]. A record that was cut or edited gives no event.
pub fn from_trusted_record(record: impl AsRef<[u8]>) -> Result<Recorded, RecordError> {
    let mut members = read(record.as_ref())?;
    let body = members.body.take().ok_or(RecordError::Member("body"))?;
    let body = STANDARD.decode(body.as_bytes()).map_err(|_| RecordError::Member("body"))?;
    members.check_and_open(body)
}

/// Opens a record that [`Delivery::to_record_without_body`] made, in any language, and the body that was kept beside
/// it. What is said of [`from_trusted_record`] holds here too.
///
/// # Errors
///
/// [`RecordError`]. The record must have no body of its own.
pub fn from_trusted_record_and_body(
    record: impl AsRef<[u8]>,
    body: impl Into<Vec<u8>>,
) -> Result<Recorded, RecordError> {
    let members = read(record.as_ref())?;
    if members.body.is_some() {
        return Err(RecordError::Member("body"));
    }
    members.check_and_open(body.into())
}

fn read(record: &[u8]) -> Result<Members<'_>, RecordError> {
    let version: Version = serde_json::from_slice(record).map_err(|_| RecordError::NotARecord)?;
    match version.hookseal_record {
        RECORD_VERSION => {}
        newer if newer > RECORD_VERSION => return Err(RecordError::NewerVersion(newer)),
        _ => return Err(RecordError::NotARecord),
    }
    serde_json::from_slice(record)
        .map_err(|error| RecordError::Syntax { line: error.line(), column: error.column() })
}

#[derive(Deserialize)]
struct Version {
    hookseal_record: u64,
}

impl Members<'_> {
    fn check_and_open(mut self, body: Vec<u8>) -> Result<Recorded, RecordError> {
        let vendor = self.vendor.parse().map_err(|_| RecordError::Member("vendor"))?;
        let expected = self.checksum.take().ok_or(RecordError::Member("checksum"))?;
        if checksum(&self, vendor, &body) != expected {
            return Err(RecordError::Damaged);
        }
        self.open(vendor, body)
    }

    fn open(self, vendor: Vendor, body: Vec<u8>) -> Result<Recorded, RecordError> {
        let rules = vendors::rules(vendor);
        if body.len() > LARGEST_BODY_BYTES {
            return Err(RecordError::Member("body"));
        }
        let received_at = self.received_at.parse().map_err(|_| RecordError::Member("received_at"))?;
        let limits = self.reading.limits(rules).ok_or(RecordError::Member("reading"))?;
        let utc_offset_minutes = self.reading.utc_offset_minutes;
        if !(-LAST_OFFSET_MINUTES..=LAST_OFFSET_MINUTES).contains(&utc_offset_minutes) {
            return Err(RecordError::Member("reading"));
        }
        if self.source.is_empty() || UriReferenceStr::new(&self.source).is_err() {
            return Err(RecordError::Member("source"));
        }
        if self.key_id.is_empty() {
            return Err(RecordError::Member("key_id"));
        }
        let time = match &self.time {
            Some(text) => Some(text.parse().map_err(|_| RecordError::Member("time"))?),
            None => None,
        };
        if (time.is_some() && rules.scheme.time_location.header().is_none())
            || (self.time_zone_assumed && time.is_none())
        {
            return Err(RecordError::Member("time"));
        }

        let mut batch = Batch::default();
        let header_time = time.map(|time| HeaderTime { time, zone_assumed: self.time_zone_assumed });
        // A body that a stricter receiver accepted is read alike without its strictness.
        let context =
            ReadContext { limits: &limits, utc_offset_minutes, header_time, require_name_or_subject: false };
        (rules.read_payload)(&body, &context, &mut batch).map_err(RecordError::Body)?;

        let time = match rules.scheme.time_location {
            TimeLocation::Header { .. } => time,
            TimeLocation::Events { .. } => batch.newest_time(),
            TimeLocation::Nowhere { .. } => None,
        };
        let assurance = self.assurance.assurance(rules, time).ok_or(RecordError::Member("assurance"))?;
        let (policy, retention_seconds, delivery) = match &self.key {
            Some(None) => (ReplayPolicy::None, None, None),
            Some(Some((digest, retention_seconds))) => {
                let digest = Hexadecimal::from_text(digest).ok_or(RecordError::Member("key"))?;
                // A window may be longer than any retention that can be set.
                if *retention_seconds == Some(0) {
                    return Err(RecordError::Member("key"));
                }
                (ReplayPolicy::Default, *retention_seconds, Some(digest))
            }
            None => {
                let retention_seconds = rules.scheme.time_location.retention_seconds();
                (ReplayPolicy::Default, Some(retention_seconds.ok_or(RecordError::Member("key"))?), None)
            }
        };
        let events = match self.ids {
            Some(ids) => Some(events(&ids, &batch, policy).ok_or(RecordError::Member("ids"))?),
            None if rules.scheme.is_of_secret() => None,
            // Ids are made of the signature, which a record lacks.
            None => return Err(RecordError::Member("ids")),
        };
        let naming =
            Naming { source: Some(self.source.into()), id_key: None, policy, retention_seconds: None };
        let context = DeliveryContext {
            vendor,
            naming: Some(Arc::new(naming)),
            assurance,
            time,
            several: batch.has_several(),
            mac: None,
            signed_time: Default::default(),
            retention_seconds,
            recorded: Some(Arc::new(RecordedKeys { delivery, events })),
        };
        let key_id = KeyId::Given(self.key_id.into());
        let delivery = Delivery { body, context, key_id, batch, received_at, limits, utc_offset_minutes };
        Ok(Recorded { delivery })
    }
}

impl ReadOptions {
    /// `None` for a limit of zero, which no receiver has. A limit above the library's is lowered to it.
    fn limits(self, rules: &Rules) -> Option<Limits> {
        let limits = Limits {
            events: self.max_events.min(LARGEST_BODY_BYTES),
            depth: self.max_depth.min(MAX_DEPTH),
            number_length: self.max_number_length.min(LARGEST_BODY_BYTES),
            ..Limits::new(rules.max_body_bytes)
        };
        (limits.events > 0 && limits.depth > 0 && limits.number_length > 0).then_some(limits)
    }
}

impl Covered {
    /// `None` for a coverage that no receiver of the vendor gives.
    fn assurance(&self, rules: &Rules, time: Option<Timestamp>) -> Option<Assurance> {
        let coverage = |word: &str| word.parse::<Coverage>().ok();
        let is_signed = |word| Some(coverage(word)? == Coverage::Signed);
        let assurance = Assurance::of(is_signed(&self.body)?, is_signed(&self.time)?, time);
        let is_as_written = assurance.body == coverage(&self.body)?
            && assurance.time == coverage(&self.time)?
            && assurance.name == coverage(&self.name)?;
        let is_possible = (assurance.body == Coverage::Signed) != rules.scheme.is_of_secret();
        (is_as_written && is_possible).then_some(assurance)
    }
}

/// The recorded ids and keys of the events, by their indices. `None` if they are not those of these events.
fn events(
    ids: &[(Option<String>, Option<String>)],
    batch: &Batch,
    policy: ReplayPolicy,
) -> Option<Vec<RecordedEvent>> {
    if ids.len() != batch.entries.len() {
        return None;
    }
    let digest = |text: &Option<String>| match text {
        Some(text) => Hexadecimal::from_text(text).map(Some),
        None => Some(None),
    };
    let event = |(entry, (id, key)): (&Entry, &(Option<String>, Option<String>))| {
        let (id, key) = (digest(id)?, digest(key)?);
        let fits = id.is_none() == entry.has_vendor_id() && key.is_none() == (policy == ReplayPolicy::None);
        fits.then_some(RecordedEvent { index: entry.index, id, key })
    };
    batch.entries.iter().zip(ids).map(event).collect()
}

const LAST_OFFSET_MINUTES: i16 = 1439;
