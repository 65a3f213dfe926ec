//! One event in the form that all vendors share: a view of the body.

mod assurance;
mod entry;
mod id;
mod name;
mod percent;
mod subject;

use alloc::{
    borrow::Cow,
    string::{String, ToString},
};
use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use assurance::{Assurance, Coverage};
pub(crate) use entry::{DeliveryContext, Entry, RecordedEvent, RecordedKeys};
pub use entry::{Facts, Family};
use id::Stem;
pub use id::{Id, IdOrigin};
pub use name::Name;
pub(crate) use percent::Encoded;
#[cfg(feature = "outgoing")]
pub(crate) use percent::is_format;
pub use subject::Subject;

use crate::{
    authenticate::Part,
    freshness::Timestamp,
    kind::{Action, Entity, Kind, Vendor},
    payload::{Data, Raw, Span, Text},
    replay::{Domain, Hexadecimal, ReplayKey},
};

/// One thing that happened at the vendor, in the form that all vendors share.
///
/// An event is a view of the authenticated body and copies nothing until it is asked to. It has no public constructor:
/// it comes from a [`Delivery`](crate::Delivery).
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
///
/// let body = br#"{"event":"transaction_created","entity_type":3,"entity_id":"0f8fad5b"}"#;
/// let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
/// let headers = sign::benji(&Secret::new("salt")?, body, now);
///
/// let receiver = Receiver::benji(Keys::new("salt")?)?;
/// let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
/// let event = delivery.get(0).unwrap();
/// assert_eq!(event.kind().to_string(), "transaction.created");
/// assert_eq!(event.subject().to_string(), "transaction/0f8fad5b");
/// assert_eq!(event.name().to_string(), "transaction_created");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) context: &'a DeliveryContext,
    pub(crate) entry: &'a Entry,
}

impl<'a> Event<'a> {
    /// The entity of every parent.
    #[doc(hidden)]
    pub const PARENT: Entity = Entity::Ticket;
    /// The entity of every actor.
    #[doc(hidden)]
    pub const ACTOR: Entity = Entity::User;

    /// The vendor that sent it.
    #[must_use]
    #[inline]
    pub fn vendor(&self) -> Vendor {
        self.context.vendor
    }

    /// The source that the receiver gives its events: `urn:hookseal:<vendor>`, unless configured.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.context.source()
    }

    /// An id that is the same in an identical redelivery. [`id_origin`](Self::id_origin) tells who made it.
    ///
    /// | | id |
    /// |---|---|
    /// | Benji | a digest of signature and time |
    /// | Benti, an instance's event that has an `id` | that id |
    /// | Bento, a tracked event with `details.unique.key` | a digest of type, key and e-mail, by which the sender tells events apart |
    /// | any other | a digest of the event's own bytes, and of its shape if the bytes do not show it |
    ///
    /// In a delivery of several elements, `#` and the event's [`index`](Self::index) follow, except after a digest of
    /// type, key and e-mail. A digest is the first 16 bytes of SHA-256 in hexadecimal, or of HMAC-SHA256 if the
    /// receiver has an [`id_key`](crate::Receiver::id_key). It covers the source too, so a receiver with another source
    /// gives other ids. It is computed at each call.
    ///
    /// Only Benji's newer scheme proves an id. In the older scheme the date is not signed: whoever captured a request
    /// can send it with other dates, and so give its event 600,001 ids inside the default window. Recognize repetitions
    /// by the [`replay_key`](Self::replay_key). Whoever can send to a Benti or Bento receiver chooses its ids.
    ///
    /// A vendor's id is printed percent-encoded, as [`Id`] says.
    #[must_use]
    pub fn id(&self) -> Id<'a> {
        let stem = if self.entry.has_vendor_id() {
            Stem::Vendor(self.text(self.entry.id()))
        } else {
            Stem::Derived(self.derived_id())
        };
        // The vendor numbers requests, not the events in them, and a signature is that of the request. A digest with a
        // unique key tells events apart by itself.
        let has_unique_digest = !self.entry.unique_key().is_absent() && self.context.mac.is_none();
        let is_numbered = self.context.several && !has_unique_digest;
        Id { stem, index: is_numbered.then_some(self.entry.index) }
    }

    /// The id of an event to which the vendor gave none.
    fn derived_id(&self) -> Hexadecimal {
        let digest = |parts: &[Part<'_>]| self.context.digest(Domain::EventId, parts.iter().copied());
        if let Some(digest) = self.context.recorded_id(self.entry) {
            return digest;
        }
        if let Some(signed) = self.context.signed_part(self.body) {
            let mut time = itoa::Buffer::new();
            let time = self.context.time.map_or("", |at| time.format(at.unix_millis()));
            return digest(&[signed, [time.as_bytes(), b""]]);
        }
        if !self.entry.unique_key().is_absent() {
            let fields = [self.entry.name, self.entry.unique_key(), self.entry.subject];
            let texts = fields.map(|field| self.text(field).to_cow());
            return digest(&texts.each_ref().map(|text| [text.as_bytes(), b"".as_slice()]));
        }
        let raw = [self.entry.raw.bytes(self.body), b""];
        match &*self.shape() {
            "" => digest(&[raw]),
            // A subscriber, an e-mail and a webhook can have the same bytes.
            shape => digest(&[raw, [shape.as_bytes(), b""]]),
        }
    }

    /// Whether the id is the vendor's or was derived.
    #[must_use]
    pub fn id_origin(&self) -> IdOrigin {
        if self.entry.has_vendor_id() { IdOrigin::Vendor } else { IdOrigin::Derived }
    }

    /// The event's position in its delivery, from 0. Malformed elements count too, so
    /// [`get`](crate::Delivery::get) with it can give another event.
    #[must_use]
    #[inline]
    pub fn index(&self) -> usize {
        usize::try_from(self.entry.index).unwrap_or(usize::MAX)
    }

    /// The kind, such as `ticket.answered`.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Kind {
        self.entry.kind
    }

    /// The thing that the event is about: the first half of its kind.
    #[must_use]
    #[inline]
    pub fn entity(&self) -> Entity {
        self.entry.kind.entity
    }

    /// What happened: the second half of its kind.
    #[must_use]
    #[inline]
    pub fn action(&self) -> Action {
        self.entry.kind.action
    }

    /// The vendor's own name for the event, such as `transaction_created` or `ticket.add`.
    #[must_use]
    #[inline]
    pub fn name(&self) -> Name<'a> {
        let word = if self.entry.name.is_absent() {
            Text::plain(self.entry.family.as_str())
        } else {
            self.text(self.entry.name)
        };
        Name { word, second: self.optional_text(self.entry.second_name()) }
    }

    /// Whom or what it happened to.
    #[must_use]
    #[inline]
    pub fn subject(&self) -> Subject<'a> {
        Subject { entity: self.entry.subject_entity(), id: self.optional_text(self.entry.subject) }
    }

    /// The ticket that the subject is part of. Only Benti sends it.
    #[must_use]
    pub fn parent(&self) -> Option<Subject<'a>> {
        self.related(Self::PARENT, self.entry.parent)
    }

    /// The user who did it. Only Benti sends it.
    #[must_use]
    pub fn actor(&self) -> Option<Subject<'a>> {
        self.related(Self::ACTOR, self.entry.actor)
    }

    /// When it happened, if the vendor says so; for Benji the delivery's date. [`assurance`](Self::assurance) tells
    /// whether it is signed.
    #[must_use]
    #[inline]
    pub fn time(&self) -> Option<Timestamp> {
        self.entry.time()
    }

    /// Whether the time came without a zone. It was then read as UTC, or for Benti at the receiver's configured offset.
    #[must_use]
    #[inline]
    pub fn time_zone_assumed(&self) -> bool {
        self.entry.time_zone_assumed
    }

    /// Which parts of the delivery the vendor's signature covers.
    #[must_use]
    #[inline]
    pub fn assurance(&self) -> Assurance {
        self.context.assurance
    }

    /// The exact bytes of this event in the body.
    #[must_use]
    #[inline]
    pub fn raw(&self) -> Raw<'a> {
        Raw::from_checked(self.entry.raw.bytes(self.body))
    }

    /// The event's payload parsed, with numbers as they were written.
    #[must_use]
    pub fn data(&self) -> Data<'a> {
        self.raw().data()
    }

    /// The key by which a [`ReplayGuard`](crate::ReplayGuard) recognizes a repetition of this event, for handlers that
    /// work event by event. `None` if the receiver's policy is [`ReplayPolicy::None`](crate::ReplayPolicy::None).
    ///
    /// For Benji it is derived from the delivery's key, for the others from the [`id`](Self::id) and its origin, so the
    /// event's place counts where it does in the id. Keep it as long as the delivery's.
    #[must_use]
    pub fn replay_key(&self) -> Option<ReplayKey> {
        self.context.replay_key(|| {
            if let Some(digest) = self.context.recorded_event_key(self.entry) {
                return digest;
            }
            if self.context.mac.is_some() {
                let delivery = self.context.delivery_digest(self.body);
                return self.context.digest(Domain::EventKey, [[delivery.as_str().as_bytes(), b""]]);
            }
            let id = self.id().to_string();
            let parts = [self.id_origin().as_str(), &id].map(|part| [part.as_bytes(), b"".as_slice()]);
            self.context.digest(Domain::EventKey, parts)
        })
    }

    /// The event as a JSON object on one line, to store it or to send it on: everything that the methods of an event
    /// give, under their names.
    ///
    /// What is absent is `null`. Times are RFC 3339 in UTC, as [`Timestamp`] prints them. `subject`, `actor` and
    /// `parent` have `entity` and `id`. `data` is the event as it was received, without white space between its tokens.
    /// `core/schemas/event.schema.json` in the repository describes the object. It is the same in Python and Node, byte
    /// for byte.
    ///
    /// ```
    /// # use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
    /// # let body = b"{\n  \"event\": \"transaction_created\",\n  \"entity_id\": \"0f8fad5b\"\n}";
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let headers = sign::benji(&Secret::new("salt")?, body, now);
    /// # let receiver = Receiver::benji(Keys::new("salt")?)?;
    /// # let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
    /// let mut json_lines = String::new();
    /// for event in &delivery {
    ///     json_lines += &event.to_json();
    ///     json_lines += "\n";
    /// }
    /// assert!(json_lines.contains(r#""kind":"transaction.created","entity":"transaction""#));
    /// assert_eq!(json_lines.lines().count(), delivery.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = self.json_without_data();
        json.reserve(self.raw().as_str().len() + 10);
        json.pop();
        json.push_str(",\"data\":");
        self.raw().push_one_line(&mut json);
        json.push('}');
        json
    }

    /// The object of [`to_json`](Self::to_json) without `data`.
    pub(crate) fn json_without_data(&self) -> String {
        // It fails only for maps whose keys are not text.
        serde_json::to_string(&BeforeData(self)).unwrap_or_default()
    }

    #[inline]
    fn text(&self, span: Span) -> Text<'a> {
        Text::from_checked(span.bytes(self.body))
    }

    /// The word for the event's shape, if its bytes do not show the shape. Otherwise empty.
    fn shape(&self) -> Cow<'a, str> {
        match self.entry.family {
            // One subscriber is under `subscriber`, several are under `subscribers`.
            Family::BentoSubscriber if !self.entry.name.is_absent() => self.text(self.entry.name).to_cow(),
            // The word of any other shape is that of its family, which is empty for most.
            family => family.as_str().into(),
        }
    }

    #[inline]
    fn optional_text(&self, span: Span) -> Option<Text<'a>> {
        (!span.is_absent()).then(|| self.text(span))
    }

    fn related(&self, entity: Entity, id: Span) -> Option<Subject<'a>> {
        self.optional_text(id).map(|id| Subject { entity, id: Some(id) })
    }
}

/// Shows only vendor, kind and index, because the rest comes from the body.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({} {} {})", self.vendor(), self.kind(), self.entry.index)
    }
}

/// Gives the members of [`to_json`](Event::to_json). `serde_json::to_string` gives the same bytes.
///
/// `serde_json::to_value` changes `data`: a `Value` holds `9007199254740993.0` as `9007199254740992.0`, and is an error
/// for `1e400` and for half of a surrogate pair. [`Event::data`] has every number as it was written.
///
/// ```
/// # use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, bento::Credentials, sign};
/// # let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// # let request = Request::post(&headers, br#"{"x":9007199254740993.0}"#);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let event = delivery.get(0).unwrap();
/// assert!(serde_json::to_string(&event)?.ends_with(r#""data":{"x":9007199254740993.0}}"#));
/// assert_eq!(serde_json::to_value(&event)?["data"]["x"].to_string(), "9007199254740992.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Event", MEMBERS_BEFORE_DATA + 1)?;
        self.serialize_before_data(&mut members)?;
        members.serialize_field("data", &self.raw())?;
        members.end()
    }
}

const MEMBERS_BEFORE_DATA: usize = 15;

impl Event<'_> {
    /// All members but the last, which is `data`. `core/schemas/event.schema.json` describes them.
    fn serialize_before_data<M: SerializeStruct>(&self, members: &mut M) -> Result<(), M::Error> {
        members.serialize_field("id", &self.id())?;
        members.serialize_field("id_origin", &self.id_origin())?;
        members.serialize_field("index", &self.entry.index)?;
        members.serialize_field("vendor", &self.vendor())?;
        members.serialize_field("source", self.source())?;
        members.serialize_field("kind", &self.kind())?;
        members.serialize_field("entity", &self.entity())?;
        members.serialize_field("action", &self.action())?;
        members.serialize_field("name", &self.name())?;
        members.serialize_field("subject", &self.subject())?;
        members.serialize_field("actor", &self.actor())?;
        members.serialize_field("parent", &self.parent())?;
        members.serialize_field("time", &self.time())?;
        members.serialize_field("time_zone_assumed", &self.time_zone_assumed())?;
        members.serialize_field("assurance", &self.assurance())
    }
}

/// An event without its data.
struct BeforeData<'e>(&'e Event<'e>);

impl Serialize for BeforeData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Event", MEMBERS_BEFORE_DATA)?;
        self.0.serialize_before_data(&mut members)?;
        members.end()
    }
}
