//! What is stored of an event, and what the events of a delivery share.

use alloc::{boxed::Box, sync::Arc};

use super::assurance::{Assurance, Coverage};
use crate::{
    authenticate::{Part, PreparedKey, Tag},
    freshness::Timestamp,
    kind::{Entity, Kind, Vendor, words},
    payload::Span,
    replay::{Domain, Hexadecimal, Naming, ReplayKey, ReplayPolicy},
};

/// Where the fields of an event stand in the body, and what was read of them: one cache line, because a batch
/// fills thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) raw: Span,
    /// The vendor's words; absent where the family's word stands for them.
    pub(crate) name: Span,
    /// What a family has beside the common fields: [`Extra`] says what it is.
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

/// A time or none in eight bytes, where an `Option` takes sixteen: no time in the years 1 to 9999 is so low.
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
    /// An event of which nothing but its place, its words and its kind is known.
    #[inline(always)]
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

    #[inline(always)]
    pub(crate) fn at(self, time: Option<Timestamp>) -> Self {
        Self { time: PackedTime::of(time), ..self }
    }

    #[inline]
    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.time.get()
    }

    /// The vendor's id.
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
    /// The shapes that payloads come in, each with the word for what its bytes do not tell: it is the name of an event that
    /// brings no words of its own.
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

/// What a family has beside the common fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Nothing,
    /// The vendor's id of the event.
    Id,
    /// The second of the two words of its name.
    SecondName,
    /// The key that names its business object.
    UniqueKey,
    /// The UUID, where it names the subscriber.
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

/// What the events of a delivery have in common.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) vendor: Vendor,
    /// Absent where the receiver is not configured, so that the default costs not even a reference count.
    pub(crate) naming: Option<Arc<Naming>>,
    pub(crate) assurance: Assurance,
    pub(crate) time: Option<Timestamp>,
    /// Whether the delivery has more than one element.
    pub(crate) several: bool,
    /// The signature, where the vendor signs. It never leaves except through a digest: whoever reads a log must
    /// not be able to replay.
    pub(crate) mac: Option<Tag>,
    /// The signed time as it arrived, where ids are made of the signed message and it has one; else empty.
    pub(crate) signed_time: Box<[u8]>,
    /// How long replay keys are kept, in seconds, by the table of [`ReplayPolicy`]; `None` is without end.
    pub(crate) retention_seconds: Option<u64>,
}

impl Context {
    pub(crate) fn source(&self) -> &str {
        match self.naming.as_ref().and_then(|naming| naming.source.as_deref()) {
            Some(source) => source,
            None => self.vendor.source(),
        }
    }

    pub(crate) fn id_key(&self) -> Option<&PreparedKey> {
        self.naming.as_ref().and_then(|naming| naming.id_key.as_deref()).map(Box::as_ref)
    }

    fn policy(&self) -> ReplayPolicy {
        self.naming.as_ref().map_or(ReplayPolicy::Default, |naming| naming.policy)
    }

    /// A replay key with the digest that `digest` gives; `None` where the receiver's policy has none.
    pub(crate) fn replay_key(&self, digest: impl FnOnce() -> Hexadecimal) -> Option<ReplayKey> {
        if self.policy() == ReplayPolicy::None {
            return None;
        }
        Some(ReplayKey::new(digest(), self.retention_seconds))
    }

    /// What names the delivery in its replay key.
    pub(crate) fn delivery_digest(&self, body: &[u8]) -> Hexadecimal {
        let Some(signed) = self.signed_part(body) else {
            return self.digest(Domain::DeliveryKey, [[body, b""]]);
        };
        if self.assurance.time == Coverage::Signed || self.policy() == ReplayPolicy::Strict {
            return self.digest(Domain::DeliveryKey, [signed]);
        }
        // Nobody signed the date. In whole seconds one captured request gives 601 keys inside a window of 300 s on
        // both sides; in milliseconds it would give 600,001.
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

    /// What a signature proves, as a part of digests; absent where the vendor does not sign. With a key of the
    /// receiver's own it is the signed message, so that ids survive a rotation of the vendor's secret.
    pub(crate) fn signed_part<'p>(&'p self, body: &'p [u8]) -> Option<Part<'p>> {
        let mac = self.mac.as_ref()?;
        Some(if self.id_key().is_some() { [&self.signed_time, body] } else { [mac, b""] })
    }
}

/// What the events of a delivery have in common, beside what the receiver knows.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "whoever has the signature can send the request again")]
pub struct Facts<'a> {
    /// The delivery's time.
    pub time: Option<Timestamp>,
    /// Whether the time is signed.
    pub time_is_signed: bool,
    /// Whether there is more than one element.
    pub several: bool,
    /// The signature, where the vendor signs.
    pub mac: Option<[u8; 32]>,
    /// The signed time as it arrived, where the receiver has a key for ids; else empty.
    pub signed_time: &'a [u8],
}

impl Facts<'_> {
    /// Of a request that proves nothing.
    pub(crate) const NONE: Self =
        Self { time: None, time_is_signed: false, several: false, mac: None, signed_time: &[] };
}
