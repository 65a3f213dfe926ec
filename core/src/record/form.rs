//! The form of a record, and how a delivery is written in it.

use alloc::{borrow::Cow, string::String, string::ToString, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    delivery::Delivery,
    event::{DeliveryContext, Event},
    kind::Vendor,
    replay::{Domain, Hexadecimal},
    vendors,
};

/// The version of the records that are written, and the newest that can be read.
pub const RECORD_VERSION: u64 = 1;

/// The members of a record, in their order. `core/schemas/record.schema.json` describes them.
///
/// A record leaves out what can be computed from the body, because a copy could contradict it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members<'r> {
    pub(super) hookseal_record: u64,
    pub(super) vendor: String,
    pub(super) source: String,
    pub(super) received_at: String,
    pub(super) key_id: String,
    pub(super) assurance: Covered,
    /// The time in a header, and whether it named no zone.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(super) time: Option<String>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) time_zone_assumed: bool,
    /// The delivery's replay key and its retention, or `null` with the policy `none`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(super) key: Option<Option<(String, Option<u64>)>>,
    /// For each event its derived id, or `null` if the vendor made the id; and its replay key, or `null` with the policy
    /// `none`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(super) ids: Option<Vec<(Option<String>, Option<String>)>>,
    pub(super) reading: ReadOptions,
    /// In base64. The checksum is of the members above and of the bytes of the body.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Cow<'r, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checksum: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Covered {
    pub(super) body: String,
    pub(super) time: String,
    pub(super) name: String,
}

/// The options with which the body was read.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadOptions {
    pub(super) max_events: usize,
    pub(super) max_depth: u32,
    pub(super) max_number_length: usize,
    pub(super) utc_offset_minutes: i16,
}

/// Tells `null` from a member that is absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<B: AsRef<[u8]>> Delivery<B> {
    /// The delivery as one line of JSON, to store it, or to hand it to another process in any language, which opens it
    /// with [`from_trusted_record`](crate::from_trusted_record).
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
        let mut members = self.members_with_checksum();
        members.body = Some(STANDARD.encode(self.body.as_ref()).into());
        to_json(&members)
    }

    /// As [`to_record`](Self::to_record), for a store that keeps the [`body`](Self::body) in a place of its own, as the
    /// [inbox](crate::inbox) does. [`from_trusted_record_and_body`](crate::from_trusted_record_and_body) opens it.
    #[must_use]
    pub fn to_record_without_body(&self) -> String {
        to_json(&self.members_with_checksum())
    }

    fn members_with_checksum(&self) -> Members<'static> {
        let mut members = self.members();
        members.checksum = Some(checksum(&members, self.context.vendor, self.body.as_ref()));
        members
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
pub(super) fn checksum(members: &Members<'_>, vendor: Vendor, body: &[u8]) -> String {
    let json = to_json(members);
    let parts = [[json.as_bytes(), b""], [body, b""]];
    Hexadecimal::of(None, Domain::Record, vendor, &members.source, parts).as_str().into()
}
