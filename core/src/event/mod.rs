mod assurance;
mod entry;
mod id;
mod name;
mod subject;

use alloc::string::ToString;
use core::{fmt, ops::Range};

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use assurance::{Assurance, Coverage};
pub(crate) use entry::{Context, Entry, Family, Source};
use id::Stem;
pub use id::{Id, IdOrigin};
pub use name::Name;
pub use subject::Subject;

use crate::{
    freshness::Timestamp,
    kind::{Action, Entity, Kind, Vendor},
    payload::{Data, Raw, Span, Text},
    replay::{Hexadecimal, ReplayKey, decimal},
};

/// One thing that happened at the vendor, in a form that is the same for every vendor.
///
/// An event is a view of the body that was authenticated: nothing is copied before it is asked for. It has no
/// public constructor; it comes out of a [`Delivery`](crate::Delivery).
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
///
/// let body = br#"{"event":"transaction_created","entity_type":3,"entity_id":243}"#;
/// let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
/// let headers = sign::benji(&Secret::new("salt")?, body, now);
///
/// let receiver = Receiver::benji(Keys::new("salt")?);
/// let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
/// let event = delivery.get(0).unwrap();
/// assert_eq!(event.kind().to_string(), "transaction.created");
/// assert_eq!(event.subject().to_string(), "transaction/243");
/// assert_eq!(event.name().to_string(), "transaction_created");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) context: &'a Context,
    pub(crate) entry: &'a Entry,
}

impl<'a> Event<'a> {
    /// Whose webhook it is.
    #[must_use]
    #[inline]
    pub fn vendor(&self) -> Vendor {
        self.context.vendor
    }

    /// What the receiver calls itself as a source: `urn:hookseal:<vendor>`, unless configured.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.context.source()
    }

    /// An id that is the same in an identical redelivery. [`id_origin`](Self::id_origin) tells whose it is.
    ///
    /// The vendor's own id, where it gives one; else the first 16 bytes of a SHA-256 digest, in hexadecimal, of
    /// the Benji signature and date or of the event's own bytes. In a delivery of several events `#` and the
    /// event's [`index`](Self::index) follow, unless the vendor's id belongs to the event alone.
    #[must_use]
    pub fn id(&self) -> Id<'a> {
        let several = self.context.several;
        let (stem, numbered) = if self.entry.id().is_absent() {
            (Stem::Derived(self.derived_id()), several)
        } else {
            // Inbenta numbers requests, not the events in them (vendors.md, Ids).
            (Stem::Vendor(self.text(self.entry.id())), several && self.entry.family == Family::BentiInstance)
        };
        Id { stem, index: numbered.then_some(self.entry.index) }
    }

    /// Whether the id is the vendor's or derived.
    #[must_use]
    pub fn id_origin(&self) -> IdOrigin {
        if self.entry.id().is_absent() { IdOrigin::Derived } else { IdOrigin::Vendor }
    }

    /// The event's place in its delivery, from 0; elements that could not be read count.
    #[must_use]
    #[inline]
    pub fn index(&self) -> usize {
        usize::try_from(self.entry.index).unwrap_or(usize::MAX)
    }

    /// What it is, such as `ticket.answered`.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> Kind {
        self.entry.kind
    }

    /// What it is about: the first half of its kind.
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

    /// The vendor's own words, such as `transaction_created` or `ticket.add`.
    #[must_use]
    #[inline]
    pub fn name(&self) -> Name<'a> {
        let word = if self.entry.name.is_absent() {
            Text::plain(self.entry.family.word())
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

    /// The ticket that the subject is part of; Benti alone tells it.
    #[must_use]
    pub fn parent(&self) -> Option<Subject<'a>> {
        self.related(Entity::Ticket, self.entry.parent)
    }

    /// The user who did it; Benti alone tells it.
    #[must_use]
    pub fn actor(&self) -> Option<Subject<'a>> {
        self.related(Entity::User, self.entry.actor)
    }

    /// When it happened, as far as the vendor tells; for Benji the delivery's date. It is never signed.
    #[must_use]
    #[inline]
    pub fn time(&self) -> Option<Timestamp> {
        self.entry.time()
    }

    /// Whether the time came without a zone and was read at the receiver's configured offset (UTC by default).
    #[must_use]
    #[inline]
    pub fn time_zone_assumed(&self) -> bool {
        self.entry.time_zone_assumed
    }

    /// What of the delivery the vendor's signature covers.
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

    /// Where the fields stand in the body, for a binding that cuts its own strings.
    #[must_use]
    pub fn ranges(&self) -> Ranges {
        let Entry { raw, name, subject, parent, actor, .. } = self.entry;
        Ranges {
            raw: raw.range(),
            name: name.range(),
            second_name: self.entry.second_name().range(),
            id: self.entry.id().range(),
            subject: subject.range(),
            parent: parent.range(),
            actor: actor.range(),
        }
    }

    /// A key for a store of events that have been handled: an event with a key seen before is a repetition.
    ///
    /// It is derived from source and id, and is to be kept for a day or as long as the vendor retries.
    #[must_use]
    pub fn replay_key(&self) -> ReplayKey {
        let id = self.id().to_string();
        ReplayKey::new(Hexadecimal::of(self.vendor(), [self.source().as_bytes(), id.as_bytes()]))
    }

    fn derived_id(&self) -> Hexadecimal {
        match &self.context.mac {
            Some(mac) => {
                let mut date = itoa::Buffer::new();
                Hexadecimal::of(self.vendor(), [mac.as_slice(), decimal(self.context.time, &mut date)])
            }
            None => Hexadecimal::of(self.vendor(), [self.entry.raw.bytes(self.body)]),
        }
    }

    #[inline]
    fn text(&self, span: Span) -> Text<'a> {
        Text::from_checked(span.bytes(self.body))
    }

    #[inline]
    fn optional_text(&self, span: Span) -> Option<Text<'a>> {
        (!span.is_absent()).then(|| self.text(span))
    }

    fn related(&self, entity: Entity, id: Span) -> Option<Subject<'a>> {
        self.optional_text(id).map(|id| Subject { entity, id: Some(id) })
    }
}

/// Where the fields of an event stand in the body, in bytes. An absent field has an empty range; a text has its
/// quotes, and its escapes as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ranges {
    /// The whole event.
    pub raw: Range<usize>,
    /// The vendor's words. Where they are absent the event's [`name`](Event::name) is the word for its shape.
    pub name: Range<usize>,
    /// The second of two words, which a full stop separates.
    pub second_name: Range<usize>,
    /// The vendor's id. Where it is absent the id is derived.
    pub id: Range<usize>,
    /// The subject's id.
    pub subject: Range<usize>,
    /// The parent's id.
    pub parent: Range<usize>,
    /// The actor's id.
    pub actor: Range<usize>,
}

/// Shows vendor, kind and index: the rest comes from the body.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({} {} {})", self.vendor(), self.kind(), self.entry.index)
    }
}

/// The fields of the event, with `data` as the vendor wrote it.
impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Event", 15)?;
        fields.serialize_field("id", &self.id())?;
        fields.serialize_field("id_origin", &self.id_origin())?;
        fields.serialize_field("index", &self.entry.index)?;
        fields.serialize_field("vendor", &self.vendor())?;
        fields.serialize_field("source", self.source())?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("entity", &self.entity())?;
        fields.serialize_field("action", &self.action())?;
        fields.serialize_field("name", &self.name())?;
        fields.serialize_field("subject", &self.subject())?;
        fields.serialize_field("actor", &self.actor())?;
        fields.serialize_field("parent", &self.parent())?;
        fields.serialize_field("time", &self.time())?;
        fields.serialize_field("time_zone_assumed", &self.time_zone_assumed())?;
        fields.serialize_field("data", &self.raw())?;
        fields.end()
    }
}
