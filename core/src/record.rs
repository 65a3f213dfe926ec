//! A delivery as plain data, to carry it to another process.

use alloc::{borrow::Cow, string::String, string::ToString, sync::Arc, vec::Vec};
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use iri_string::types::UriReferenceStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    authenticate::KeyId,
    delivery::{Delivery, Events},
    event::{Assurance, Coverage, DeliveryContext, Entry, Event, RecordedEvent, RecordedKeys},
    freshness::{HeaderTime, TimeLocation, Timestamp, rfc3339},
    kind::Vendor,
    limits::{LARGEST_BODY_BYTES, Limits, MAX_DEPTH},
    reading::{Batch, Malformed, ReadContext},
    rejection::Reason,
    replay::{Domain, Hexadecimal, Naming, ReplayKey, ReplayPolicy},
    rules::Rules,
    vendors,
};

/// The version of the records that are written, and the newest that can be read.
pub const RECORD_VERSION: u64 = 1;

/// The members of a record, in their order. `core/schemas/record.schema.json` describes them.
///
/// A record leaves out what can be computed from the body, because a copy could contradict it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'r> {
    hookseal_record: u64,
    vendor: String,
    source: String,
    received_at: String,
    key_id: String,
    assurance: Covered,
    /// The time in a header, and whether it named no zone.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    time: Option<String>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    time_zone_assumed: bool,
    /// The delivery's replay key and its retention, or `null` with the policy `none`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    key: Option<Option<(String, Option<u64>)>>,
    /// For each event its derived id, or `null` if the vendor made the id; and its replay key, or `null` with the policy
    /// `none`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    ids: Option<Vec<(Option<String>, Option<String>)>>,
    reading: ReadOptions,
    /// In base64. The checksum is of the members above and of the bytes of the body.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'r, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Covered {
    body: String,
    time: String,
    name: String,
}

/// The options with which the body was read.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadOptions {
    max_events: usize,
    max_depth: u32,
    max_number_length: usize,
    utc_offset_minutes: i16,
}

/// Tells `null` from a member that is absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<B: AsRef<[u8]>> Delivery<B> {
    /// The delivery as one line of JSON, to store it, or to hand it to another process in any language, which opens it
    /// with [`from_trusted_record`].
    ///
    /// A record has the whole body, and no secret and no signature: nobody can make a request of it. It is not signed
    /// either. Whoever can write where records are kept can write any record.
    ///
    /// ```
    /// use hookseal::from_trusted_record;
    /// # use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
    /// # let body = br#"{"event":"transaction_created","entity_type":3,"entity_id":"0f8fad5b"}"#;
    /// # let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    /// # let headers = sign::benji(&Secret::new("salt")?, body, now);
    /// # let receiver = Receiver::benji(Keys::new("salt")?)?;
    /// # let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
    ///
    /// let record: String = delivery.to_record();
    /// // Later, in a worker:
    /// let recorded = from_trusted_record(&record)?;
    /// assert_eq!(recorded.replay_key(), delivery.replay_key());
    /// assert_eq!(recorded.get(0).unwrap().id(), delivery.get(0).unwrap().id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_record(&self) -> String {
        let mut members = self.members();
        members.checksum = Some(checksum(&members, self.context.vendor, self.body.as_ref()));
        members.body = Some(STANDARD.encode(self.body.as_ref()).into());
        to_json(&members)
    }

    fn members(&self) -> Members<'static> {
        let Delivery {
            context: DeliveryContext { vendor, assurance, .. }, limits, utc_offset_minutes, ..
        } = self;
        let rules = vendors::rules(*vendor);
        let is_from_header = rules.scheme.time_location.header().is_some();
        let key = self.replay_key();
        let default_seconds = rules.scheme.time_location.retention_seconds();
        let key = (!self.context.has_default_keys(default_seconds)).then_some(key);
        let ids = (!self.context.has_computed_ids()).then(|| self.events().map(id_and_key).collect());
        Members {
            hookseal_record: RECORD_VERSION,
            vendor: vendor.as_str().into(),
            source: self.context.source().into(),
            received_at: self.received_at.to_string(),
            key_id: self.key_id().into(),
            assurance: Covered {
                body: assurance.body.as_str().into(),
                time: assurance.time.as_str().into(),
                name: assurance.name.as_str().into(),
            },
            time: self.context.time.filter(|_| is_from_header).map(|time| time.to_string()),
            time_zone_assumed: is_from_header && self.events().any(|event| event.time_zone_assumed()),
            key: key.map(|key| key.map(|key| (key.as_str().into(), key.retention_seconds()))),
            ids,
            reading: ReadOptions {
                max_events: limits.events,
                max_depth: limits.depth,
                max_number_length: limits.number_length,
                utc_offset_minutes: *utc_offset_minutes,
            },
            body: None,
            checksum: None,
        }
    }
}

/// The ids and replay keys that are not the default ones, or that cannot be computed again.
fn id_and_key(event: Event<'_>) -> (Option<String>, Option<String>) {
    let id = event.id().digest().map(|digest| digest.as_str().into());
    (id, event.replay_key().map(|key| key.as_str().into()))
}

fn to_json(members: &Members<'_>) -> String {
    // It fails only for maps whose keys are not text.
    serde_json::to_string(members).unwrap_or_default()
}

/// A digest of the members, without `body` and `checksum`, and of the body's bytes. It finds accidents: whoever edits a
/// record can compute it too.
fn checksum(members: &Members<'_>, vendor: Vendor, body: &[u8]) -> String {
    let json = to_json(members);
    let parts = [[json.as_bytes(), b""], [body, b""]];
    Hexadecimal::of(None, Domain::Record, vendor, &members.source, parts).as_str().into()
}

/// A delivery that was read from a record.
///
/// It has the events, ids and replay keys of the delivery that was recorded. It is a type of its own, because it is as
/// trustworthy as the place where the record was kept: only a [`Receiver`](crate::Receiver) can prove where a request
/// comes from.
#[derive(Clone)]
pub struct Recorded {
    delivery: Delivery<Vec<u8>>,
}

/// Opens a record that [`Delivery::to_record`] made, in any language. Call it only for records from a place where
/// nobody else can write: a record is not signed, and everything that it says is believed.
///
/// The body is read again, with the limits of the receiver that recorded it.
///
/// # Errors
///
/// [`RecordError`]. A record that was cut or edited gives no event.
pub fn from_trusted_record(record: impl AsRef<[u8]>) -> Result<Recorded, RecordError> {
    let record = record.as_ref();
    let version: Version = serde_json::from_slice(record).map_err(|_| RecordError::NotARecord)?;
    match version.hookseal_record {
        RECORD_VERSION => {}
        newer if newer > RECORD_VERSION => return Err(RecordError::NewerVersion(newer)),
        _ => return Err(RecordError::NotARecord),
    }
    let mut members: Members<'_> = serde_json::from_slice(record)
        .map_err(|error| RecordError::Syntax { line: error.line(), column: error.column() })?;

    let vendor = Vendor::ALL.iter().find(|vendor| vendor.as_str() == members.vendor);
    let vendor = *vendor.ok_or(RecordError::Member("vendor"))?;
    let body = members.body.take().ok_or(RecordError::Member("body"))?;
    let body = STANDARD.decode(body.as_bytes()).map_err(|_| RecordError::Member("body"))?;
    let expected = members.checksum.take().ok_or(RecordError::Member("checksum"))?;
    if checksum(&members, vendor, &body) != expected {
        return Err(RecordError::Damaged);
    }
    members.open(vendor, body)
}

#[derive(Deserialize)]
struct Version {
    hookseal_record: u64,
}

impl Members<'_> {
    fn open(self, vendor: Vendor, body: Vec<u8>) -> Result<Recorded, RecordError> {
        let rules = vendors::rules(vendor);
        if body.len() > LARGEST_BODY_BYTES {
            return Err(RecordError::Member("body"));
        }
        let received_at = timestamp(&self.received_at).ok_or(RecordError::Member("received_at"))?;
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
            Some(text) => Some(timestamp(text).ok_or(RecordError::Member("time"))?),
            None => None,
        };
        if (time.is_some() && rules.scheme.time_location.header().is_none())
            || (self.time_zone_assumed && time.is_none())
        {
            return Err(RecordError::Member("time"));
        }

        let mut batch = Batch::default();
        let header_time = time.map(|time| HeaderTime { time, zone_assumed: self.time_zone_assumed });
        let context = ReadContext { limits: &limits, utc_offset_minutes, header_time };
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
        let coverage = |word: &str| Coverage::ALL.iter().copied().find(|coverage| coverage.as_str() == word);
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

/// A time in the form in which it is written.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (time, _) = rfc3339::parse(text.as_bytes())?;
    (time.to_string() == text).then_some(time)
}

impl Recorded {
    /// The vendor that sent the delivery.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.delivery.vendor()
    }

    /// The source that its events name.
    #[must_use]
    pub fn source(&self) -> &str {
        self.delivery.context.source()
    }

    /// The time at which it was received.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.delivery.received_at
    }

    /// The id of the key that matched when it was received.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.delivery.key_id()
    }

    /// The parts that the vendor's signature covered when it was received.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.delivery.assurance()
    }

    /// As [`Delivery::time`].
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.delivery.time()
    }

    /// As [`Delivery::replay_key`].
    #[must_use]
    pub fn replay_key(&self) -> Option<ReplayKey> {
        self.delivery.replay_key()
    }

    /// The number of events that could be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.delivery.len()
    }

    /// Whether there are no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.delivery.is_empty()
    }

    /// As [`Delivery::get`].
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Event<'_>> {
        self.delivery.get(at)
    }

    /// The events that could be read, in order.
    #[must_use]
    pub fn events(&self) -> Events<'_, Vec<u8>> {
        self.delivery.events()
    }

    /// The elements that could not be read, in order.
    #[must_use]
    pub fn malformed(&self) -> &[Malformed] {
        self.delivery.malformed()
    }

    /// The body as it was received.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.delivery.body()
    }

    /// The events as a batch of CloudEvents 1.0, a JSON array.
    #[must_use]
    pub fn to_cloudevents(&self) -> String {
        self.delivery.to_cloudevents()
    }

    /// The record again, to hand it on.
    #[must_use]
    pub fn to_record(&self) -> String {
        self.delivery.to_record()
    }
}

impl<'a> IntoIterator for &'a Recorded {
    type Item = Event<'a>;
    type IntoIter = Events<'a, Vec<u8>>;

    fn into_iter(self) -> Events<'a, Vec<u8>> {
        self.events()
    }
}

/// Shows only the vendor and counts, because the rest comes from the body.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorded({:?})", self.delivery)
    }
}

/// As a [`Delivery`].
impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.delivery.serialize(serializer)
    }
}

/// Why a record could not be opened. The messages show nothing of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// It is not a JSON object whose `hookseal_record` is a version.
    NotARecord,
    /// It is of this version, which is newer than [`RECORD_VERSION`]. A newer hookseal can open it: leave it where it
    /// is.
    NewerVersion(u64),
    /// It is not JSON, or a member is unknown, missing, repeated or of another type. Line and column count from the
    /// start of the record.
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
    },
    /// This member has a value that a record cannot have.
    Member(&'static str),
    /// The checksum does not match the content: the record was cut, edited or mixed up with another.
    Damaged,
    /// The body cannot be read.
    Body(Reason),
}

impl RecordError {
    /// A stable word for the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotARecord => "not_a_record",
            Self::NewerVersion(_) => "newer_record",
            Self::Syntax { .. } | Self::Member(_) => "malformed_record",
            Self::Damaged => "damaged_record",
            Self::Body(_) => "unreadable_body",
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecord => f.write_str(
                "this is not a record of a delivery: pass what `to_record` returned, a JSON object with `hookseal_record`",
            ),
            Self::NewerVersion(version) => write!(
                f,
                "the record has version {version}, and this hookseal reads version {RECORD_VERSION}: leave it to a newer \
                 hookseal, or upgrade"
            ),
            Self::Syntax { line, column } => write!(
                f,
                "the record cannot be read at line {line}, column {column}: it is cut, or has a member that is unknown, \
                 repeated or of another type"
            ),
            Self::Member(name) => {
                write!(
                    f,
                    "the record's `{name}` is missing, or has a value that no record can have: it was edited, or \
                     another program wrote it"
                )
            }
            Self::Damaged => f.write_str(
                "the record's checksum does not match its content: the record was cut, edited or mixed up with \
                 another, so record the delivery again",
            ),
            Self::Body(reason) => write!(f, "the record's body cannot be read: {reason}"),
        }
    }
}

impl core::error::Error for RecordError {}

const LAST_OFFSET_MINUTES: i16 = 1439;
