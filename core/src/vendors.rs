//! What differs from vendor to vendor: who reads a payload, what the names of CloudEvents begin with, how long replay keys
//! are kept, and what the typed payload is.
//!
//! None of these matches has a wildcard, so that the compiler names them for a further vendor.

use crate::{
    benji, benti, bento,
    event::{Coverage, Event, Family},
    kind::Vendor,
    reading::{Batch, PayloadMismatch, Reading, typed},
    rejection::Reason,
    replay::{RETENTION_SECONDS, ReplayPolicy},
};

/// Reads the payload of an authenticated request into the batch.
pub(crate) fn read(
    vendor: Vendor,
    body: &[u8],
    reading: &Reading<'_>,
    batch: &mut Batch,
) -> Result<(), Reason> {
    match vendor {
        Vendor::Benji => benji::read(body, reading, batch),
        Vendor::Benti => benti::read(body, reading, batch),
        Vendor::Bento => bento::read(body, reading, batch),
    }
}

/// How long replay keys are kept, in seconds, by the table of [`ReplayPolicy`]; `None` is without end. `date` is how far
/// the request's own date can be trusted, which passes the window for `window_seconds`.
pub(crate) fn retention_seconds(
    vendor: Vendor,
    policy: ReplayPolicy,
    date: Coverage,
    window_seconds: u64,
) -> Option<u64> {
    match (vendor, date, policy) {
        (Vendor::Benji, Coverage::Signed, _) => Some(window_seconds),
        (Vendor::Benji, _, ReplayPolicy::Strict) => None,
        (Vendor::Benji, Coverage::Unsigned, _) => Some(window_seconds),
        (Vendor::Bento, _, ReplayPolicy::Default) => Some(bento::RETENTION_SECONDS),
        (Vendor::Benji | Vendor::Benti | Vendor::Bento, ..) => Some(RETENTION_SECONDS),
    }
}

/// What the `type` of a vendor's CloudEvents begins with.
pub(crate) fn type_prefix(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Benji => "com.withbenji",
        Vendor::Benti => "io.inbenta.benti",
        Vendor::Bento => "com.bentonow",
    }
}

/// What a vendor documents of an event, typed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "a payload is looked at where it is made, not stored")]
pub enum Payload<'a> {
    /// A webhook of Benji.
    Benji(benji::Webhook<'a>),
    /// An event of Benti's API.
    BentiApi(benti::ApiEvent<'a>),
    /// An event of a Benti instance.
    BentiInstance(benti::InstanceEvent<'a>),
    /// An event about a subscriber of Bento.
    BentoEvent(bento::TrackedEvent<'a>),
    /// A subscriber that Bento is to import.
    BentoSubscriber(bento::Subscriber<'a>),
    /// An e-mail that Bento is to send.
    BentoEmail(bento::Email<'a>),
    /// A command that Bento is to carry out.
    BentoCommand(bento::Command<'a>),
    /// A workflow webhook, whose form its operator chose.
    BentoWorkflow(bento::Workflow<'a>),
}

impl<'a> Event<'a> {
    /// The event's payload as the vendor documents it; fields that it does not document are in
    /// [`data`](Event::data) and [`raw`](Event::raw).
    ///
    /// # Errors
    ///
    /// The event's kind and ids could be read, but another field has not the documented type or stands twice.
    pub fn payload(&self) -> Result<Payload<'a>, PayloadMismatch> {
        let raw = self.raw();
        Ok(match self.entry.family {
            Family::Benji => Payload::Benji(typed::from_raw(raw)?),
            Family::BentiApi => Payload::BentiApi(typed::from_raw(raw)?),
            Family::BentiInstance => Payload::BentiInstance(benti::InstanceEvent::from_raw(raw)?),
            Family::BentoEvent => Payload::BentoEvent(typed::from_raw(raw)?),
            Family::BentoSubscriber => Payload::BentoSubscriber(typed::from_raw(raw)?),
            Family::BentoEmail => Payload::BentoEmail(typed::from_raw(raw)?),
            Family::BentoCommand => Payload::BentoCommand(typed::from_raw(raw)?),
            Family::BentoWorkflow => Payload::BentoWorkflow(typed::from_raw(raw)?),
        })
    }
}
