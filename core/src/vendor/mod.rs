//! One folder a vendor: its rules, its shapes on the wire, its typed payloads, and how they become events.
//!
//! A further vendor is a copy of the smallest folder, a constructor of [`Receiver`](crate::Receiver), and a line in
//! each `match` over `Vendor` and `Family`: none has a wildcard, so that the compiler names them all.

mod batch;
pub mod benji;
pub mod benti;
pub mod bento;
mod element;
mod typed;

use core::fmt;

pub use batch::Malformed;
pub(crate) use batch::{Batch, Filling, Place, Reading};

use crate::{
    event::{Event, Family},
    kind::Vendor,
    rejection::Reason,
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

/// An event's payload has not the types that the vendor documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadMismatch {
    line: usize,
    column: usize,
}

impl PayloadMismatch {
    /// The line in the event's raw text, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes in the event's raw text, from 1, just behind the value.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for PayloadMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {} of the event does not fit what the vendor documents: read data or raw instead",
            self.line, self.column
        )
    }
}

impl core::error::Error for PayloadMismatch {}
