//! For the bindings to other languages: turns an event into plain numbers, and back.
//!
//! It is not part of the public interface and changes without notice.

use alloc::{borrow::Cow, string::String};
use core::ops::Range;

#[cfg(feature = "outgoing")]
use crate::outgoing::{Refusal, RefusalReason};
use crate::{
    authenticate::KeyId,
    delivery::Delivery,
    event::{Assurance, Coverage, DeliveryContext, Entry, Event},
    freshness::{HeaderTime, Timestamp},
    handshake,
    headers::{FieldValue, trim},
    kind::{Action, Entity, Kind},
    payload::Span,
    receiver::Receiver,
    replay::{Hexadecimal, ReplayKey, ReplayPolicy},
    setup_error::SetupError,
    vendors,
};
pub use crate::{
    event::{Facts, Family},
    freshness::unix::LAST_IN_SECONDS,
    headers::CONTENT_LENGTH,
    payload::exact_float,
    receiver::MOST_HEADERS,
    table::{Places, Row},
};

/// The parts of an event: ranges in the body, and values that were read.
#[derive(Debug, Clone)]
pub struct EventParts {
    /// The whole event. Each range is in bytes of the body, and empty if the field is absent. A text includes its
    /// quotes.
    pub raw: Range<u32>,
    /// The vendor's name for the event. If it is absent, the name is the [word](Family::as_str) of the family.
    pub name: Range<u32>,
    /// The extra field of the family, beside the common ones.
    pub extra: Range<u32>,
    /// Whether `extra` is the second word of the name, after [`Name::SEPARATOR`](crate::Name::SEPARATOR).
    pub extra_is_second_name: bool,
    /// The subject's id.
    pub subject: Range<u32>,
    /// The parent's id.
    pub parent: Range<u32>,
    /// The actor's id.
    pub actor: Range<u32>,
    /// The kind of thing that the event is about.
    pub entity: Entity,
    /// What happened.
    pub action: Action,
    /// The kind of thing that the subject is.
    pub subject_entity: Entity,
    /// The shape of the payload.
    pub family: Family,
    /// The event's time.
    pub time: Option<Timestamp>,
    /// Whether the time came without a zone.
    pub time_zone_assumed: bool,
    /// The event's position in its delivery.
    pub index: u32,
}

/// The headers of an answer that the core reads.
#[cfg(feature = "outgoing")]
pub const ANSWER_HEADERS: [&str; 2] = crate::outgoing::refusal::ANSWER_HEADERS;

/// The table of kinds: every event that a vendor sends has a kind of one of these rows.
pub fn rows() -> impl Iterator<Item = Row> {
    vendors::rows()
}

/// The facts of a delivery.
pub fn facts<B>(delivery: &Delivery<B>) -> Facts<'_> {
    let DeliveryContext { time, assurance, several, mac, signed_time, .. } = &delivery.context;
    Facts {
        time: *time,
        time_is_signed: assurance.time == Coverage::Signed,
        several: *several,
        mac: *mac,
        signed_time,
    }
}

impl From<&Event<'_>> for EventParts {
    #[inline]
    fn from(event: &Event<'_>) -> Self {
        let Entry { raw, name, extra, subject, parent, actor, index, kind, family, .. } = event.entry;
        Self {
            raw: raw.bounds(),
            name: name.bounds(),
            extra: extra.bounds(),
            extra_is_second_name: !event.entry.second_name().is_absent(),
            subject: subject.bounds(),
            parent: parent.bounds(),
            actor: actor.bounds(),
            entity: kind.entity,
            action: kind.action,
            subject_entity: event.entry.subject_entity(),
            family: *family,
            time: event.time(),
            time_zone_assumed: event.time_zone_assumed(),
            index: *index,
        }
    }
}

/// Rebuilds an event that this receiver made from this body, and calls `then` with it.
pub fn with_event<T>(
    receiver: &Receiver,
    facts: &Facts<'_>,
    body: &[u8],
    record: &EventParts,
    then: impl FnOnce(Event<'_>) -> T,
) -> T {
    let context = receiver.context(facts);
    let span = |bounds: &Range<u32>| Span::of_bounds(bounds);
    let kind = Kind::new(record.entity, record.action);
    let entry = Entry {
        extra: span(&record.extra),
        subject: span(&record.subject),
        parent: span(&record.parent),
        actor: span(&record.actor),
        index: record.index,
        time_zone_assumed: record.time_zone_assumed,
        ..Entry::new(record.family, span(&record.raw), span(&record.name), kind)
    }
    .with_time(record.time);
    then(Event { body, context: &context, entry: &entry })
}

/// The replay key of a delivery that this receiver made from this body.
#[must_use]
pub fn delivery_replay_key(receiver: &Receiver, facts: &Facts<'_>, body: &[u8]) -> Option<ReplayKey> {
    let context = receiver.context(facts);
    context.replay_key(|| context.delivery_digest(body))
}

/// A replay key from its text, which must be 32 lower-case hexadecimal digits.
#[must_use]
pub fn replay_key(text: &str, retention_seconds: Option<u64>) -> Option<ReplayKey> {
    Some(ReplayKey::new(Hexadecimal::from_text(text)?, retention_seconds))
}

/// The record of a delivery that this receiver made from this body, with or without the body. `time_zone_assumed` is
/// about the delivery's time. `None` if the receiver did not make a delivery from this body.
#[must_use]
pub fn to_record(
    receiver: &Receiver,
    facts: &Facts<'_>,
    body: &[u8],
    key_id: &str,
    received_at: Timestamp,
    time_zone_assumed: bool,
    with_body: bool,
) -> Option<String> {
    let key_id = KeyId::Given(key_id.into());
    let mut delivery = receiver.delivery(body, receiver.context(facts), key_id, received_at);
    let header_time = facts.time.map(|time| HeaderTime { time, zone_assumed: time_zone_assumed });
    receiver.read_payload(body, header_time, &mut delivery.batch).ok()?;
    Some(if with_body { delivery.to_record() } else { delivery.to_record_without_body() })
}

/// Whether a guard can recognize the deliveries of this receiver.
///
/// # Errors
///
/// The replay policy is `none`, so there are no keys.
pub fn check_guarded(receiver: &Receiver) -> Result<(), SetupError> {
    match &receiver.naming {
        Some(naming) if naming.policy == ReplayPolicy::None => Err(SetupError::NoReplayKeys),
        _ => Ok(()),
    }
}

/// The source that this receiver's events name.
#[must_use]
pub fn source(receiver: &Receiver) -> String {
    receiver.context(&Facts::NONE).source().into()
}

/// The names of all headers that [`Receiver::receive`] reads, in lower case, at most [`MOST_HEADERS`]:
/// `content-encoding`, the header with the proof, and the vendor's other headers. If a signature can cover the value of
/// one of these, that header is their first. [`Receiver::check_head`] also reads [`CONTENT_LENGTH`].
pub fn header_names(receiver: &Receiver) -> impl Iterator<Item = &str> {
    receiver.header_names()
}

/// The bytes of a header with this text, without the white space around them, as a check reads them. `None` if no header
/// can hold the text.
#[must_use]
pub fn header_bytes(text: &str) -> Option<Cow<'_, [u8]>> {
    Some(match text.to_bytes()? {
        Cow::Borrowed(bytes) => Cow::Borrowed(trim(bytes)),
        Cow::Owned(bytes) => Cow::Owned(trim(&bytes).to_vec()),
    })
}

/// The ids of a receiver's keys, in the order of the ring.
pub fn key_ids(receiver: &Receiver) -> impl Iterator<Item = &str> {
    receiver.key_ids()
}

/// The object of [`Event::to_json`] without its last member, `data`.
#[must_use]
pub fn json_without_data(event: &Event<'_>) -> String {
    event.json_without_data()
}

/// Whether a receiver answers a handshake with this challenge.
#[must_use]
pub fn is_challenge(text: &str) -> bool {
    handshake::is_challenge(text)
}

/// A time in RFC 3339, in UTC and always with milliseconds.
#[must_use]
pub fn rfc3339(time: Timestamp) -> [u8; 24] {
    time.to_rfc3339()
}

/// The refusal of these parts. A status of 0 means that there was no answer.
#[cfg(feature = "outgoing")]
#[must_use]
pub const fn refusal(reason: RefusalReason, status: u16, retry_after_seconds: Option<u32>) -> Refusal {
    Refusal::from_parts(reason, status, retry_after_seconds)
}

/// The seconds of `Retry-After`, if the refused answer had it.
#[cfg(feature = "outgoing")]
#[must_use]
pub const fn retry_after_seconds(refusal: &Refusal) -> Option<u32> {
    refusal.retry_after_seconds()
}

/// The parts of a delivery that the signature covers.
#[must_use]
pub fn assurance(facts: &Facts<'_>) -> Assurance {
    Assurance::of(facts.mac.is_some(), facts.time_is_signed, facts.time)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::{Keys, Received, Request, Secret, bento::Credentials, sign};

    #[test]
    fn an_event_is_the_same_again() {
        let keys = || Keys::new("secret").unwrap();
        let secret = Secret::new("secret").unwrap();
        let id_key = "0123456789abcdef0123456789abcdef";
        let now = Timestamp::from_unix_millis(1_772_600_767_000).unwrap();
        let benji = br#"{"event":"campaign_ended","entity_id":"a"}"#.as_slice();
        let benti = br#"[{"item":"reply","action":"add","id":1,"parent":2,"actor":3,"timestamp":5},
            {"action":"answer","id":"x #","resource":"P-1","created_at":"20260304050607","project":"p"}]"#;
        let bento =
            br#"{"events":[{"type":"$purchase","email":"a@b.co","details":{"unique":{"key":7}}},{}]}"#;
        let command = br#"{"command":{"command":"add_tag","uuid":"7"}}"#;
        let receivers = [
            (Receiver::benji(keys()).unwrap(), benji, sign::benji(&secret, benji, now)),
            (Receiver::benji(keys()).unwrap(), benji, sign::benji_body_only(&secret, benji, now)),
            (
                Receiver::benji(keys()).unwrap().id_key(id_key).unwrap(),
                benji,
                sign::benji(&secret, benji, now),
            ),
            (Receiver::benti(keys()).unwrap(), benti, sign::benti(&secret)),
            (
                Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap().id_key(id_key).unwrap(),
                bento,
                sign::bento_bearer(&secret),
            ),
            (
                Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap(),
                command,
                sign::bento_bearer(&secret),
            ),
        ];
        for (receiver, body, headers) in receivers {
            let Ok(Received::Delivery(delivery)) = receiver.receive(Request::post(&headers, body), now)
            else {
                panic!("{receiver:?}")
            };
            let facts = facts(&delivery);
            assert_eq!(assurance(&facts), delivery.assurance());
            assert_eq!(delivery_replay_key(&receiver, &facts, body), delivery.replay_key());
            let key = delivery.replay_key().unwrap();
            assert_eq!(replay_key(key.as_str(), key.retention_seconds()), Some(key));
            let has_time_header = receiver.rules.scheme.time_location.header().is_some();
            let zone_assumed = has_time_header && delivery.get(0).unwrap().time_zone_assumed();
            let record = |with_body| {
                to_record(&receiver, &facts, body, delivery.key_id(), now, zone_assumed, with_body)
            };
            assert_eq!(record(true), Some(delivery.to_record()));
            assert_eq!(record(false), Some(delivery.to_record_without_body()));
            let shown = |event: Event<'_>| {
                let json = serde_json::to_string(&event).unwrap();
                [json, event.to_cloudevent(), event.replay_key().unwrap().to_string()]
            };
            for event in &delivery {
                let again = with_event(&receiver, &facts, body, &EventParts::from(&event), shown);
                assert_eq!(again, shown(event));
            }
        }
    }

    #[test]
    fn a_receiver_tells_its_source() {
        let receiver = || Receiver::benji(Keys::new("secret").unwrap()).unwrap();
        assert_eq!(source(&receiver()), "urn:hookseal:benji");
        assert_eq!(source(&receiver().source("/hooks").unwrap()), "/hooks");
    }
}
