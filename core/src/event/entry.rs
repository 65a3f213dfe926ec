//! The stored form of an event, and the facts that the events of a delivery share.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use super::assurance::{Assurance, Coverage};
use crate::{
    authenticate::{Part, PreparedKey, Tag},
    freshness::Timestamp,
    kind::{Entity, Kind, Vendor},
    payload::Span,
    replay::{Domain, Hexadecimal, Naming, ReplayKey, ReplayPolicy},
    words::words,
};

/// The places of an event's fields in the body, and the values that were read. It fills one cache line, because a batch
/// holds thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) raw: Span,
    /// The vendor's name for the event. Absent if the family's word is the name.
    pub(crate) name: Span,
    /// The family's extra field; [`Extra`] says which.
    pub(crate) extra: Span,
    pub(crate) subject: Span,
    pub(crate) parent: Span,
    pub(crate) actor: Span,
    pub(crate) time: PackedTime,
    pub(crate) index: u32,
    pub(crate) kind: Kind,
    pub(crate) family: Family,
    pub(crate) time_zone_assumed: bool,
}

/// A time or none in 8 bytes; an `Option` takes 16. No time in the years 1 to 9999 is as low as `i64::MIN`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PackedTime(i64);

impl PackedTime {
    const NONE: Self = Self(i64::MIN);

    #[inline]
    fn of(time: Option<Timestamp>) -> Self {
        time.map_or(Self::NONE, |time| Self(time.unix_millis()))
    }

    #[inline]
    fn get(self) -> Option<Timestamp> {
        Timestamp::from_unix_millis(self.0)
    }
}

impl Entry {
    /// An event with its place, its name and its kind. Everything else is absent.
    #[inline]
    pub(crate) fn new(family: Family, raw: Span, name: Span, kind: Kind) -> Self {
        Self {
            raw,
            name,
            extra: Span::ABSENT,
            subject: Span::ABSENT,
            parent: Span::ABSENT,
            actor: Span::ABSENT,
            time: PackedTime::NONE,
            index: 0,
            kind,
            family,
            time_zone_assumed: false,
        }
    }

    #[inline]
    pub(crate) fn with_time(self, time: Option<Timestamp>) -> Self {
        Self { time: PackedTime::of(time), ..self }
    }

    /// With the vendor's id, which the family must have.
    #[inline]
    pub(crate) fn with_id(self, id: Span) -> Self {
        self.with_extra(Extra::Id, id)
    }

    /// With the second word of the name, which the family must have.
    #[inline]
    pub(crate) fn with_second_name(self, name: Span) -> Self {
        self.with_extra(Extra::SecondName, name)
    }

    /// With the key that names the business object, which the family must have.
    #[inline]
    pub(crate) fn with_unique_key(self, key: Span) -> Self {
        self.with_extra(Extra::UniqueKey, key)
    }

    /// With the UUID that names the subscriber, which the family must have.
    #[inline]
    pub(crate) fn with_uuid(self, uuid: Span) -> Self {
        self.with_extra(Extra::Uuid, uuid)
    }

    #[inline]
    fn with_extra(self, extra: Extra, span: Span) -> Self {
        debug_assert_eq!(self.family.extra(), extra, "another family has this field");
        Self { extra: span, ..self }
    }

    #[inline]
    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.time.get()
    }

    /// Whether the vendor made the event's id.
    pub(crate) fn has_vendor_id(&self) -> bool {
        !self.id().is_absent()
    }

    pub(super) fn id(&self) -> Span {
        self.extra_as(Extra::Id)
    }

    #[inline]
    pub(crate) fn second_name(&self) -> Span {
        self.extra_as(Extra::SecondName)
    }

    /// The key that names the business object of a tracked event, such as an order.
    pub(super) fn unique_key(&self) -> Span {
        self.extra_as(Extra::UniqueKey)
    }

    /// Whether a command names its subscriber by a UUID.
    pub(crate) fn is_named_by_uuid(&self) -> bool {
        !self.extra_as(Extra::Uuid).is_absent()
    }

    #[inline]
    fn extra_as(&self, extra: Extra) -> Span {
        if self.family.extra() == extra { self.extra } else { Span::ABSENT }
    }

    #[inline]
    pub(crate) fn subject_entity(&self) -> Entity {
        match self.family {
            Family::Benji | Family::BentiApi | Family::BentiInstance => self.kind.entity,
            Family::BentoWorkflow if self.subject.is_absent() => Entity::Workflow,
            Family::BentoEvent
            | Family::BentoSubscriber
            | Family::BentoEmail
            | Family::BentoCommand
            | Family::BentoWorkflow => Entity::Subscriber,
        }
    }
}

words! {
    /// The shapes of payloads. The word is the name of events that have no name field; it is empty if every event has
    /// one.
    Family {
        /// A webhook of Benji.
        Benji = "",
        /// An event of Benti's API.
        BentiApi = "",
        /// An event of a Benti instance.
        BentiInstance = "",
        /// An event about a subscriber of Bento.
        BentoEvent = "",
        /// A subscriber that Bento is to import.
        BentoSubscriber = "subscribers",
        /// An e-mail that Bento is to send.
        BentoEmail = "emails",
        /// A command that Bento is to carry out.
        BentoCommand = "command",
        /// A workflow webhook.
        BentoWorkflow = "workflow",
    }
}

/// The extra field of a family, beside the common ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Nothing,
    /// The vendor's id of the event.
    Id,
    /// The second word of its name.
    SecondName,
    /// The key that names its business object.
    UniqueKey,
    /// The UUID that names the subscriber.
    Uuid,
}

impl Family {
    fn extra(self) -> Extra {
        match self {
            Self::Benji | Self::BentoSubscriber | Self::BentoEmail | Self::BentoWorkflow => Extra::Nothing,
            Self::BentiApi => Extra::SecondName,
            Self::BentiInstance => Extra::Id,
            Self::BentoEvent => Extra::UniqueKey,
            Self::BentoCommand => Extra::Uuid,
        }
    }
}

/// The facts that all events of a delivery share.
#[derive(Clone)]
pub(crate) struct DeliveryContext {
    pub(crate) vendor: Vendor,
    /// `None` for the default naming, so that the usual delivery counts no references.
    pub(crate) naming: Option<Arc<Naming>>,
    pub(crate) assurance: Assurance,
    pub(crate) time: Option<Timestamp>,
    /// Whether the delivery has more than one element.
    pub(crate) several: bool,
    /// The signature, if the vendor signs. It is shown only through a digest: whoever reads a log must not be able to
    /// replay.
    pub(crate) mac: Option<Tag>,
    /// The signed time as received, if ids are made of it. Otherwise empty.
    pub(crate) signed_time: Box<[u8]>,
    /// How long to keep replay keys, in seconds; `None` means for ever. The table is at [`ReplayPolicy`].
    pub(crate) retention_seconds: Option<u64>,
    /// What a record says of ids and replay keys, if the delivery is from a record that has them.
    pub(crate) recorded: Option<Arc<RecordedKeys>>,
}

/// Ids and replay keys from a record. They cannot be computed again, because they are made of a signature, or with the
/// receiver's id key.
#[derive(Debug, Default)]
pub(crate) struct RecordedKeys {
    pub(crate) delivery: Option<Hexadecimal>,
    /// In the order of the events.
    pub(crate) events: Option<Vec<RecordedEvent>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordedEvent {
    /// The event's position in its delivery.
    pub(crate) index: u32,
    /// `None` if the vendor made the id.
    pub(crate) id: Option<Hexadecimal>,
    /// `None` with the policy `none`.
    pub(crate) key: Option<Hexadecimal>,
}

impl RecordedKeys {
    fn event(&self, entry: &Entry) -> Option<&RecordedEvent> {
        let events = self.events.as_ref()?;
        events.get(events.binary_search_by_key(&entry.index, |event| event.index).ok()?)
    }
}

impl DeliveryContext {
    pub(crate) fn source(&self) -> &str {
        match self.naming.as_ref().and_then(|naming| naming.source.as_deref()) {
            Some(source) => source,
            None => self.vendor.source(),
        }
    }

    pub(crate) fn id_key(&self) -> Option<&PreparedKey> {
        self.naming.as_ref().and_then(|naming| naming.id_key.as_deref()).map(Box::as_ref)
    }

    /// Whether the replay keys are those that the vendor's deliveries have by default, and can be computed from the body.
    pub(crate) fn has_default_keys(&self, retention_seconds: Option<u64>) -> bool {
        let is_recorded = self.recorded.as_ref().is_some_and(|recorded| recorded.delivery.is_some());
        self.is_of_body_alone()
            && !is_recorded
            && self.policy() == ReplayPolicy::Default
            && self.retention_seconds == retention_seconds
    }

    /// Whether the ids, and what the replay keys are made of, can be computed from the body.
    pub(crate) fn has_computed_ids(&self) -> bool {
        let is_recorded = self.recorded.as_ref().is_some_and(|recorded| recorded.events.is_some());
        self.is_of_body_alone() && !is_recorded
    }

    fn is_of_body_alone(&self) -> bool {
        self.mac.is_none() && self.id_key().is_none()
    }

    fn policy(&self) -> ReplayPolicy {
        self.naming.as_ref().map_or(ReplayPolicy::Default, |naming| naming.policy)
    }

    /// A replay key with the digest that `digest` returns, or `None` if the receiver's policy is to have none.
    pub(crate) fn replay_key(&self, digest: impl FnOnce() -> Hexadecimal) -> Option<ReplayKey> {
        if self.policy() == ReplayPolicy::None {
            return None;
        }
        Some(ReplayKey::new(digest(), self.retention_seconds))
    }

    /// The derived id of an event, if a record has it.
    pub(super) fn recorded_id(&self, entry: &Entry) -> Option<Hexadecimal> {
        self.recorded.as_ref()?.event(entry)?.id
    }

    /// The digest of an event's replay key, if a record has it.
    pub(super) fn recorded_event_key(&self, entry: &Entry) -> Option<Hexadecimal> {
        self.recorded.as_ref()?.event(entry)?.key
    }

    /// The digest of a delivery's replay key.
    pub(crate) fn delivery_digest(&self, body: &[u8]) -> Hexadecimal {
        if let Some(digest) = self.recorded.as_ref().and_then(|recorded| recorded.delivery) {
            return digest;
        }
        let Some(signed) = self.signed_part(body) else {
            return self.digest(Domain::DeliveryKey, [[body, b""]]);
        };
        if self.assurance.time == Coverage::Signed || self.policy() == ReplayPolicy::Strict {
            return self.digest(Domain::DeliveryKey, [signed]);
        }
        // The date is not signed, so anybody can change it. In whole seconds one captured request gives 601 keys inside
        // a window of 300 s on both sides; in milliseconds it would give 600,001.
        let mut seconds = itoa::Buffer::new();
        let seconds = self.time.map_or("", |time| seconds.format(time.unix_millis().div_euclid(1000)));
        self.digest(Domain::DeliveryKey, [signed, [seconds.as_bytes(), b""]])
    }

    pub(crate) fn digest<'p>(
        &'p self,
        domain: Domain,
        parts: impl IntoIterator<Item = Part<'p>>,
    ) -> Hexadecimal {
        Hexadecimal::of(self.id_key(), domain, self.vendor, self.source(), parts)
    }

    /// The signed part of a digest, or `None` if the vendor does not sign. It is the signature. With an id key it is
    /// the signed message instead, so that ids survive a rotation of the vendor's secret.
    pub(crate) fn signed_part<'p>(&'p self, body: &'p [u8]) -> Option<Part<'p>> {
        let mac = self.mac.as_ref()?;
        Some(if self.id_key().is_some() { [&self.signed_time, body] } else { [mac, b""] })
    }
}

/// The facts that the events of a delivery share, beside those that the receiver knows.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "whoever has the signature can send the request again")]
pub struct Facts<'a> {
    /// The delivery's time.
    pub time: Option<Timestamp>,
    /// Whether the time is signed.
    pub time_is_signed: bool,
    /// Whether there is more than one element.
    pub several: bool,
    /// The signature, if the vendor signs.
    pub mac: Option<[u8; 32]>,
    /// The signed time as received, if the receiver has an id key. Otherwise empty.
    pub signed_time: &'a [u8],
}

impl Facts<'_> {
    /// The facts of a request without a signature and without a time.
    pub(crate) const NONE: Self =
        Self { time: None, time_is_signed: false, several: false, mac: None, signed_time: &[] };
}
