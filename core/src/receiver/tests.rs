//! Rules that no vendor has today: every scheme with every location of the time.

use alloc::{format, string::String, vec::Vec};

use super::*;
use crate::{
    authenticate::{Authenticator, Keys, Scheme, Secret, SignedTimeScheme},
    binding,
    event::{Coverage, Entry, Family},
    freshness::{HeaderTime, TimeLocation, Timestamp, Window, unix},
    kind::{Action, Entity, Kind, Vendor},
    payload::JsonValue,
    reading::{self, Batch, Container, ElementFields, ReadContext, Reader, Role, element::required_text},
    rejection::Reason,
    replay::ReplayPolicy,
    rules::Rules,
    sign,
};

const NOW: i64 = 1_772_600_767;
const SIGNATURE: &str = "x-benji-signature";

static BODY_AND_DATE: Rules =
    rules(None, Scheme::of_body(None, TimeLocation::Header { name: "x-date", parse }));
static SIGNED_TIME_OR_NONE: Rules = rules(
    Some(SignedTimeScheme::new("x-time", parse)),
    Scheme::of_body(Some("x-time"), TimeLocation::Nowhere { retention_seconds: 60 }),
);
static SIGNED_EVENTS: Rules =
    rules(None, Scheme::of_body(None, TimeLocation::Events { retention_seconds: 77 }));
static SIGNED_TIME_AND_CHALLENGE: Rules = Rules {
    challenge_header: Some("x-challenge"),
    ..rules(
        Some(SignedTimeScheme::new("x-time", parse)),
        Scheme::of_body(None, TimeLocation::Header { name: "x-date", parse }),
    )
};

const fn rules(signed_time_scheme: Option<SignedTimeScheme>, scheme: Scheme) -> Rules {
    Rules {
        vendor: Vendor::Benji,
        max_body_bytes: 1_000,
        signed_time_scheme,
        scheme,
        challenge_header: None,
        read_payload,
        rows: Vec::new,
    }
}

fn parse(text: &[u8]) -> Option<HeaderTime> {
    unix::parse(text).map(|time| HeaderTime { time, zone_assumed: false })
}

/// An event with a text `at`, which is its time.
fn read_payload(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    reading::read_payload(body, context, batch, |reader: &mut Reader<'_, '_>| {
        reader.expect_object()?;
        Ok(reader.one(Container::BODY, |reader| {
            reader.element(At::default(), |fields, element| {
                let at = required_text(fields.at, element, "/at")?;
                let digits = fields.at.json.get(1..fields.at.json.len() - 1).unwrap_or_default();
                let kind = Kind::new(Entity::Other, Action::Other);
                Ok(Entry::new(Family::Benji, element.span(), at, kind).with_time(unix::parse(digits)))
            })
        })?)
    })
}

#[derive(Default)]
struct At<'a> {
    at: JsonValue<'a>,
}

impl<'a> ElementFields<'a> for At<'a> {
    type Object = ();

    fn role(&mut self, (): (), name: &[u8]) -> Role<'_, 'a, ()> {
        if name == b"at" { Role::Field { value: &mut self.at, pointer: "/at" } } else { Role::Ignored }
    }

    fn parent((): ()) {}
}

fn receiver(rules: &'static Rules) -> Receiver {
    let keys = Keys::new("secret").unwrap();
    let authenticator = Authenticator::hmac(keys, SIGNATURE, None).unwrap();
    Receiver::new(rules, authenticator, Window::seconds(10, 10))
}

/// The time header, and a signature of `before` and the body.
fn signed(before: &str, body: &str, header: Option<(&'static str, i64)>) -> Vec<(&'static str, String)> {
    let message = format!("{before}{body}");
    let secret = Secret::new("secret").unwrap();
    let headers = sign::benji_body_only(&secret, message.as_bytes(), Timestamp::UNIX_EPOCH);
    let signature = headers.iter().find(|(name, _)| *name == SIGNATURE).unwrap().1;
    let mut all = alloc::vec![(SIGNATURE, String::from_utf8(signature.to_vec()).unwrap())];
    all.extend(header.map(|(name, time)| (name, format!("{time}"))));
    all
}

fn body(at: i64) -> String {
    format!(r#"{{"at":"{at}"}}"#)
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW).unwrap()
}

/// The code of a refusal, or how far the time is proved and how long the replay key is kept.
fn outcome(
    receiver: &Receiver,
    headers: &[(&str, String)],
    body: &str,
) -> Result<(Coverage, Option<u64>), &'static str> {
    match receiver.receive(Request::post(headers, body.as_bytes()), now()) {
        Ok(Received::Delivery(delivery)) => {
            let key = delivery.replay_key().unwrap();
            let facts = binding::facts(&delivery);
            let again = binding::delivery_replay_key(receiver, &facts, body.as_bytes()).unwrap();
            assert_eq!(
                (again, again.retention_seconds()),
                (key, key.retention_seconds()),
                "the bindings' key"
            );
            Ok((delivery.assurance().time, key.retention_seconds()))
        }
        Ok(Received::Handshake(_)) => Err("handshake"),
        Err(rejection) => Err(rejection.code()),
    }
}

#[test]
fn a_date_beside_a_signed_body_is_checked() {
    let receiver = receiver(&BODY_AND_DATE);
    let outcome = |time| outcome(&receiver, &signed("", &body(0), time), &body(0));
    assert_eq!(outcome(Some(("x-date", NOW))), Ok((Coverage::Unsigned, Some(21))));
    assert_eq!(outcome(Some(("x-date", NOW - 11))), Err("stale"));
    assert_eq!(outcome(Some(("x-date", NOW + 11))), Err("from_the_future"));
    assert_eq!(outcome(Some(("x-date", 0))), Err("stale"));
    assert_eq!(outcome(None), Err("missing_timestamp"));
}

#[test]
fn a_signed_time_decides_its_scheme_and_how_long_keys_are_kept() {
    let receiver = receiver(&SIGNED_TIME_OR_NONE);
    let now = format!("{NOW}");
    let both = signed(&now, &body(0), Some(("x-time", NOW)));
    assert_eq!(outcome(&receiver, &both, &body(0)), Ok((Coverage::Signed, Some(21))));
    assert_eq!(outcome(&receiver, &both[..1], &body(0)), Err("signature_mismatch"));
    assert_eq!(outcome(&receiver, &signed("0", &body(0), Some(("x-time", 0))), &body(0)), Err("stale"));
    assert_eq!(outcome(&receiver, &signed("", &body(0), None), &body(0)), Ok((Coverage::Absent, Some(60))));
    let strict = Receiver { require_signed_time: true, ..receiver };
    assert_eq!(outcome(&strict, &both, &body(0)), Ok((Coverage::Signed, Some(21))));
    assert_eq!(outcome(&strict, &signed("", &body(0), None), &body(0)), Err("missing_timestamp"));
}

#[test]
fn the_time_of_signed_events_is_signed_and_checked() {
    let receiver = || receiver(&SIGNED_EVENTS);
    let outcome = |receiver: &Receiver, at| outcome(receiver, &signed("", &body(at), None), &body(at));
    assert_eq!(outcome(&receiver(), NOW), Ok((Coverage::Signed, Some(21))));
    assert_eq!(
        outcome(&receiver().replay_policy(ReplayPolicy::Strict), NOW),
        Ok((Coverage::Signed, Some(21)))
    );
    assert_eq!(outcome(&receiver(), NOW - 11), Err("stale"));
    assert_eq!(outcome(&receiver(), NOW + 11), Err("from_the_future"));
}

#[test]
fn every_header_that_is_read_is_named() {
    let receiver = receiver(&SIGNED_TIME_AND_CHALLENGE);
    let names: Vec<&str> = binding::header_names(&receiver).collect();
    assert_eq!(names, ["content-encoding", SIGNATURE, "x-time", "x-date", "x-challenge"]);
    assert_eq!(names.len(), MOST_HEADERS);
}
