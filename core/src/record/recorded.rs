//! A delivery that was read from a record.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, Serializer};

use crate::{
    delivery::{Delivery, Events},
    event::{Assurance, Event},
    freshness::Timestamp,
    kind::Vendor,
    reading::Malformed,
    replay::ReplayKey,
};

/// A delivery that was read from a record.
///
/// It has the events, ids and replay keys of the delivery that was recorded. It is a type of its own, because it is as
/// trustworthy as the place where the record was kept: only a [`Receiver`](crate::Receiver) can prove where a request
/// comes from.
#[derive(Clone)]
pub struct Recorded {
    pub(super) delivery: Delivery<Vec<u8>>,
}

impl Recorded {
    /// The vendor that sent the delivery.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.delivery.vendor()
    }

    /// The source that its events name.
    #[must_use]
    pub fn source(&self) -> &str {
        self.delivery.context.source()
    }

    /// The time at which it was received.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.delivery.received_at
    }

    /// The id of the key that matched when it was received.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.delivery.key_id()
    }

    /// The parts that the vendor's signature covered when it was received.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.delivery.assurance()
    }

    /// As [`Delivery::time`].
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.delivery.time()
    }

    /// As [`Delivery::replay_key`].
    #[must_use]
    pub fn replay_key(&self) -> Option<ReplayKey> {
        self.delivery.replay_key()
    }

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

    /// As [`Delivery::get`].
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Event<'_>> {
        self.delivery.get(at)
    }

    /// The events that could be read, in order.
    #[must_use]
    pub fn events(&self) -> Events<'_, Vec<u8>> {
        self.delivery.events()
    }

    /// The elements that could not be read, in order.
    #[must_use]
    pub fn malformed(&self) -> &[Malformed] {
        self.delivery.malformed()
    }

    /// The body as it was received.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.delivery.body()
    }

    /// The events as a batch of CloudEvents 1.0, a JSON array.
    #[must_use]
    pub fn to_cloudevents(&self) -> String {
        self.delivery.to_cloudevents()
    }

    /// The record again, to hand it on.
    #[must_use]
    pub fn to_record(&self) -> String {
        self.delivery.to_record()
    }

    /// As [`Delivery::to_record_without_body`].
    #[must_use]
    pub fn to_record_without_body(&self) -> String {
        self.delivery.to_record_without_body()
    }
}

impl<'a> IntoIterator for &'a Recorded {
    type Item = Event<'a>;
    type IntoIter = Events<'a, Vec<u8>>;

    fn into_iter(self) -> Events<'a, Vec<u8>> {
        self.events()
    }
}

/// Shows only the vendor and counts, because the rest comes from the body.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorded({:?})", self.delivery)
    }
}

/// As a [`Delivery`].
impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.delivery.serialize(serializer)
    }
}
