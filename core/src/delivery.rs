//! An accepted request and the events in it.

use alloc::string::String;
use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    authenticate::KeyId,
    cloudevent,
    event::{Assurance, DeliveryContext, Event},
    freshness::Timestamp,
    kind::Vendor,
    limits::Limits,
    reading::{Batch, Malformed},
    replay::ReplayKey,
};

/// The events of an authenticated request. Only [`Receiver::receive`](crate::Receiver::receive) makes one.
///
/// It owns the body that was handed over (often a borrow, or a buffer of the web framework), and its events are views
/// of that body. The body's `as_ref` must return the same bytes at every call, as slices, vectors and buffers do: other
/// bytes would be unchecked.
///
/// ```
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, bento::Credentials, sign};
///
/// let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token")? })?;
/// let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"events": [{"type": "$purchase", "email": "a@example.com"}, {"type": "$view"}]}"#;
/// let request = Request::post(&headers, body);
/// let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// for event in &delivery {
///     assert_eq!(event.kind().to_string(), "subscriber.purchased");
/// }
/// let malformed = delivery.malformed()[0];
/// assert_eq!(malformed.path().to_string(), "/events/1/email");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Threads and tasks
///
/// An [`Event`] borrows the delivery, so it cannot be moved into a thread or a spawned task. A delivery can, if it owns
/// its body, as with `Vec<u8>` or `bytes::Bytes`: put it into an `Arc`, and hand on the `Arc` and the event's place.
/// This copies nothing. To send an event to another process, write it with [`Event::to_json`], or the whole delivery
/// with [`to_record`](Self::to_record).
///
/// ```
/// use std::{sync::Arc, thread};
///
/// use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, bento::Credentials, sign};
///
/// let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token")? })?;
/// let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"events": [{"type": "$view", "email": "a@b.co"}, {"type": "$tag", "email": "c@d.co"}]}"#.to_vec();
/// let request = Request::post(&headers, body);
/// let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
///
/// let delivery = Arc::new(delivery);
/// let handlers = (0..delivery.len()).map(|at| {
///     let delivery = Arc::clone(&delivery);
///     thread::spawn(move || delivery.get(at).map(|event| event.subject().to_string()))
/// });
/// let subjects: Vec<_> = handlers.map(|handler| handler.join().unwrap().unwrap()).collect();
/// assert_eq!(subjects, ["subscriber/a@b.co", "subscriber/c@d.co"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Only a receiver makes one
///
/// No other code can make one:
///
/// ```compile_fail,E0451
/// let forged: hookseal::Delivery<&[u8]> = hookseal::Delivery { body: b"{}", ..unreachable!() };
/// ```
#[derive(Clone)]
pub struct Delivery<B> {
    pub(crate) body: B,
    pub(crate) context: DeliveryContext,
    pub(crate) key_id: KeyId,
    pub(crate) batch: Batch,
    pub(crate) received_at: Timestamp,
    /// How the body was read.
    pub(crate) limits: Limits,
    pub(crate) utc_offset_minutes: i16,
}

impl<B: AsRef<[u8]>> Delivery<B> {
    /// The vendor that sent it.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.context.vendor
    }

    /// The id of the key that matched: as configured, or its position in the ring.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.key_id.as_str()
    }

    /// The parts that the vendor's signature covers.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.context.assurance
    }

    /// The time of the delivery: Benji's date, the newest time of Benti's events, or none for Bento.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.context.time
    }

    /// The time at which it was received: the `now` of the check.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// The key by which a [`ReplayGuard`](crate::ReplayGuard) recognizes a repetition of this delivery. `None` if the
    /// receiver's policy is [`ReplayPolicy::None`](crate::ReplayPolicy::None).
    ///
    /// The table of [`ReplayPolicy`](crate::ReplayPolicy) says what the key is made of and how long to keep it. A key
    /// that is stored before the handler has succeeded loses the event if the handler fails: claim it first, and
    /// confirm it afterwards, as a guard does.
    #[must_use]
    pub fn replay_key(&self) -> Option<ReplayKey> {
        self.context.replay_key(|| self.context.delivery_digest(self.body.as_ref()))
    }

    /// The number of events that could be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.entries.len()
    }

    /// Whether there are no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batch.entries.is_empty()
    }

    /// One of the events that could be read. `at` is below [`len`](Self::len). It can differ from the event's
    /// [`index`](Event::index), which counts malformed elements too.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Event<'_>> {
        let entry = self.batch.entries.get(at)?;
        Some(Event { body: self.body.as_ref(), context: &self.context, entry })
    }

    /// The events that could be read, in order.
    #[must_use]
    pub fn events(&self) -> Events<'_, B> {
        Events { delivery: self, next: 0 }
    }

    /// The elements that could not be read, in order.
    #[must_use]
    pub fn malformed(&self) -> &[Malformed] {
        &self.batch.malformed
    }

    /// The body as it was received.
    #[must_use]
    pub fn body(&self) -> &B {
        &self.body
    }

    /// The events as a batch of CloudEvents 1.0, a JSON array. Its media type is `application/cloudevents-batch+json`.
    #[must_use]
    pub fn to_cloudevents(&self) -> String {
        cloudevent::batch(self.events())
    }
}

impl<'a, B: AsRef<[u8]>> IntoIterator for &'a Delivery<B> {
    type Item = Event<'a>;
    type IntoIter = Events<'a, B>;

    fn into_iter(self) -> Events<'a, B> {
        self.events()
    }
}

/// The events of a delivery, in order.
pub struct Events<'a, B> {
    delivery: &'a Delivery<B>,
    next: usize,
}

impl<B> Clone for Events<'_, B> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// As that of the delivery.
impl<B> fmt::Debug for Events<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Events({:?}, next {})", self.delivery, self.next)
    }
}

impl<'a, B: AsRef<[u8]>> Iterator for Events<'a, B> {
    type Item = Event<'a>;

    #[inline]
    fn next(&mut self) -> Option<Event<'a>> {
        let event = self.delivery.get(self.next)?;
        self.next += 1;
        Some(event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.delivery.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl<B: AsRef<[u8]>> ExactSizeIterator for Events<'_, B> {}

/// Shows only the vendor and counts, because the rest comes from the body.
impl<B> fmt::Debug for Delivery<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (events, malformed) = (self.batch.entries.len(), self.batch.malformed.len());
        write!(f, "Delivery({}, {events} events, {malformed} malformed)", self.context.vendor)
    }
}

/// The delivery's own fields, its events, and its malformed elements with index, path and message.
impl<B: AsRef<[u8]>> Serialize for Delivery<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Delivery", 6)?;
        fields.serialize_field("vendor", &self.vendor())?;
        fields.serialize_field("key_id", self.key_id())?;
        fields.serialize_field("assurance", &self.assurance())?;
        fields.serialize_field("time", &self.time())?;
        fields.serialize_field("events", &Listed(self))?;
        fields.serialize_field("malformed", self.malformed())?;
        fields.end()
    }
}

struct Listed<'a, B>(&'a Delivery<B>);

impl<B: AsRef<[u8]>> Serialize for Listed<'_, B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0)
    }
}

/// The events of a body that nobody has authenticated, for tools that show or test the reading itself.
///
/// It gives no [`Event`], so code that handles events cannot be handed one by mistake.
#[derive(Clone)]
pub struct Unauthenticated<B> {
    pub(crate) delivery: Delivery<B>,
}

impl<B: AsRef<[u8]>> Unauthenticated<B> {
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

    /// The elements that could not be read.
    #[must_use]
    pub fn malformed(&self) -> &[Malformed] {
        self.delivery.malformed()
    }

    /// The events as CloudEvents 1.0, a JSON array.
    #[must_use]
    pub fn to_cloudevents(&self) -> String {
        self.delivery.to_cloudevents()
    }
}

impl<B> fmt::Debug for Unauthenticated<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unauthenticated({:?})", self.delivery)
    }
}
