//! The rules of all vendors, and their typed payloads by the shape of an event.
//!
//! The matches have no wildcard, so the compiler points to them when a vendor or a shape is added.

use alloc::vec::Vec;

use crate::{
    benji, benti, bento,
    event::{Event, Family},
    kind::{Action, Entity, Kind, Vendor},
    reading::{PayloadMismatch, typed},
    rules::Rules,
    table::Row,
};

/// The payload of an event with the types that its vendor documents.
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

pub(crate) fn rules(vendor: Vendor) -> &'static Rules {
    match vendor {
        Vendor::Benji => &benji::RULES,
        Vendor::Benti => &benti::RULES,
        Vendor::Bento => &bento::RULES,
    }
}

/// The table of kinds.
pub(crate) fn rows() -> impl Iterator<Item = Row> {
    Vendor::ALL.iter().flat_map(|&vendor| (rules(vendor).rows)())
}

impl Kind {
    /// All kinds that events have, by entity and action in the order of their declaration.
    #[doc(hidden)]
    pub fn all() -> impl Iterator<Item = Self> {
        let known: Vec<Self> = rows().map(|row| row.kind).collect();
        let pairs = |&entity: &Entity| Action::ALL.iter().map(move |&action| Self { entity, action });
        Entity::ALL.iter().flat_map(pairs).filter(move |kind| known.contains(kind))
    }
}

impl<'a> Event<'a> {
    /// The event's payload with the types that the vendor documents. Fields that it does not document are in
    /// [`data`](Event::data) and [`raw`](Event::raw).
    ///
    /// # Errors
    ///
    /// The event's kind and ids could be read, but another field does not have the documented type or occurs twice.
    ///
    /// ```
    /// use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, benti::InstanceDetails, sign};
    ///
    /// let body = br#"{"action":"close-ticket","body":{"ticket_id":"PROJECTNAME-00110063","status":3}}"#;
    /// let receiver = Receiver::benti(Keys::new("secret")?)?;
    /// let headers = sign::benti(&Secret::new("secret")?);
    /// let request = Request::post(&headers, body);
    /// let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
    /// let Payload::BentiInstance(event) = delivery.get(0).unwrap().payload()? else { panic!() };
    /// let InstanceDetails::CloseTicket { ticket_id, status } = event.details else { panic!() };
    /// assert_eq!(ticket_id.unwrap(), "PROJECTNAME-00110063");
    /// assert_eq!(status.unwrap(), "3");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
