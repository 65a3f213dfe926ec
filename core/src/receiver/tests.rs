//! Rules that no vendor has today: every scheme with every location of the time.

use alloc::{format, string::String, vec::Vec};

use super::*;
use crate::{
    authenticate::{Authenticator, Key, Keys, Scheme, Secret, SignedTimeScheme},
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

#[test]
fn a_method_in_another_case_is_told_from_one_that_no_vendor_sends() {
    let told = |rules, method| {
        let request = Request::new(method, &[("host", "a")], b"");
        match receiver(rules).receive(request, now()).unwrap_err().reason() {
            Reason::MethodNotAllowed { in_another_case } => Some(*in_another_case),
            _ => None,
        }
    };
    assert_eq!(
        ["post", "Post", "get", "PUT", ""].map(|method| told(&BODY_AND_DATE, method)),
        [Some(true), Some(true), Some(false), Some(false), Some(false)]
    );
    let with_handshake = |method| told(&SIGNED_TIME_AND_CHALLENGE, method);
    assert_eq!(["get", "GET", "put"].map(with_handshake), [Some(true), None, Some(false)]);
}

#[test]
fn a_key_near_its_end_is_named_and_never_one_without_an_end() {
    let second = |second: i64| Timestamp::from_unix_seconds(second).unwrap();
    let key = |id: &str, end: Option<i64>| {
        let key = Key::new("secret").unwrap().with_id(id).unwrap();
        end.map_or(key.with_not_before(second(NOW)), |end| {
            Key::new("secret").unwrap().with_id(id).unwrap().with_not_after(second(end))
        })
    };
    let ring = || {
        Keys::ring([
            key("later", Some(NOW + 60)),
            key("ended", Some(NOW - 1)),
            key("endless", None),
            key("soon", Some(NOW + 10)),
        ])
        .unwrap()
    };
    for receiver in [Receiver::benji(ring()).unwrap(), Receiver::benti(ring()).unwrap()] {
        let named = |within| receiver.expiring(now(), within).collect::<Vec<_>>();
        assert_eq!(named(0), ["ended"]);
        assert_eq!(named(9), ["ended"]);
        assert_eq!(named(10), ["ended", "soon"]);
        for within in [60, u64::MAX / 1_000, u64::MAX] {
            assert_eq!(named(within), ["later", "ended", "soon"]);
        }
    }
}

#[test]
fn what_was_received_is_shown_without_its_body_whatever_its_type() {
    struct Body(&'static [u8]);

    impl AsRef<[u8]> for Body {
        fn as_ref(&self) -> &[u8] {
            self.0
        }
    }

    let receiver = Receiver::benti(Keys::new("hunter2").unwrap()).unwrap();
    let secret = Secret::new("hunter2").unwrap();
    let headers = sign::benti(&secret);
    let request = Request::post(&headers, Body(br#"{"action":"answer"}"#));
    let received = receiver.receive(request, now());
    assert_eq!(format!("{received:?}"), "Ok(Delivery(Delivery(benti, 1 events, 0 malformed)))");
    let Ok(Received::Delivery(delivery)) = received else { panic!() };
    let shown = format!("{:?}", delivery.events().clone());
    assert_eq!(shown, "Events(Delivery(benti, 1 events, 0 malformed), next 0)");
}
