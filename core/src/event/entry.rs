use alloc::sync::Arc;

use super::Assurance;
use crate::{
    freshness::Timestamp,
    kind::{Entity, Kind, Vendor},
    payload::Span,
};

/// Where the fields of an event stand in the body, and what was read of them: one cache line, because a batch
/// fills thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) raw: Span,
    /// The vendor's words; absent where the family's word stands for them.
    pub(crate) name: Span,
    /// The vendor's id; of Benti's API, which gives none, the second of the two words.
    pub(crate) id_or_second_name: Span,
    pub(crate) subject: Span,
    pub(crate) parent: Span,
    pub(crate) actor: Span,
    pub(crate) time_millis: i64,
    pub(crate) index: u32,
    pub(crate) kind: Kind,
    pub(crate) family: Family,
    pub(crate) time_zone_assumed: bool,
}

/// No time in the years 1 to 9999.
const NO_TIME: i64 = i64::MIN;

impl Entry {
    /// An event of which nothing but its place, its words and its kind is known.
    #[inline(always)]
    pub(crate) fn new(family: Family, raw: Span, name: Span, kind: Kind) -> Self {
        Self {
            raw,
            name,
            id_or_second_name: Span::ABSENT,
            subject: Span::ABSENT,
            parent: Span::ABSENT,
            actor: Span::ABSENT,
            time_millis: NO_TIME,
            index: 0,
            kind,
            family,
            time_zone_assumed: false,
        }
    }

    #[inline(always)]
    pub(crate) fn at(self, time: Option<Timestamp>) -> Self {
        Self { time_millis: time.map_or(NO_TIME, Timestamp::unix_millis), ..self }
    }

    #[inline]
    pub(crate) fn time(&self) -> Option<Timestamp> {
        Timestamp::from_unix_millis(self.time_millis)
    }

    pub(super) fn id(&self) -> Span {
        if self.family == Family::BentiApi { Span::ABSENT } else { self.id_or_second_name }
    }

    #[inline]
    pub(super) fn second_name(&self) -> Span {
        if self.family == Family::BentiApi { self.id_or_second_name } else { Span::ABSENT }
    }

    #[inline]
    pub(super) fn subject_entity(&self) -> Entity {
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

/// The shapes that payloads come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Benji,
    BentiApi,
    BentiInstance,
    BentoEvent,
    BentoSubscriber,
    BentoEmail,
    BentoCommand,
    BentoWorkflow,
}

impl Family {
    /// The name of an event that brings no words of its own.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::BentoSubscriber => "subscribers",
            Self::BentoEmail => "emails",
            Self::BentoWorkflow => "workflow",
            Self::Benji | Self::BentiApi | Self::BentiInstance | Self::BentoEvent | Self::BentoCommand => "",
        }
    }
}

/// What the events of a delivery have in common.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) vendor: Vendor,
    pub(crate) source: Source,
    pub(crate) assurance: Assurance,
    pub(crate) time: Option<Timestamp>,
    /// Whether the delivery has more than one element.
    pub(crate) several: bool,
    /// The signature, where the vendor signs. It never leaves except through a digest: whoever reads a log must
    /// not be able to replay.
    pub(crate) mac: Option<[u8; 32]>,
}

impl Context {
    pub(crate) fn source(&self) -> &str {
        match &self.source {
            Source::Configured(source) => source,
            Source::OfVendor => match self.vendor {
                Vendor::Benji => "urn:hookseal:benji",
                Vendor::Benti => "urn:hookseal:benti",
                Vendor::Bento => "urn:hookseal:bento",
            },
        }
    }
}

/// What a receiver calls itself. The default costs a delivery nothing, not even a reference count.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    OfVendor,
    Configured(Arc<str>),
}
