//! Checks that hold for every outcome, whatever was received.

use std::ops::Range;

use hookseal::{
    Delivery, Raw, Received, Rejection, Request, Timestamp, binding::EventParts, sign::SignedHeaders,
};

use crate::{
    input::Fields,
    oracle::{Json, NoJson},
};

pub const SECRET: &str = "s3cr3t";
/// 2026-03-04T05:06:07Z.
pub const NOW_SECONDS: i64 = 1_772_600_767;

pub type Outcome<'b> = Result<Received<&'b [u8]>, Rejection>;

pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW_SECONDS).expect("in range")
}

/// The limits that the first bytes of an input choose: the vendor's defaults, or small ones that inputs exceed.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    pub events: usize,
    pub depth: usize,
    pub number_length: usize,
}

impl Limits {
    pub fn chosen(small: bool) -> Self {
        if small {
            Self { body_bytes: 2_000, events: 3, depth: 4, number_length: 12 }
        } else {
            Self { body_bytes: 1 << 20, events: 10_000, depth: 127, number_length: 1_000 }
        }
    }

    /// The limits as options of a conformance vector.
    pub fn options(self) -> serde_json::Map<String, serde_json::Value> {
        let options = [
            ("max_body_bytes", self.body_bytes),
            ("max_events", self.events),
            ("max_depth", self.depth),
            ("max_number_length", self.number_length),
        ];
        options.into_iter().map(|(name, limit)| (name.to_owned(), limit.into())).collect()
    }

    pub fn set(self, receiver: hookseal::Receiver) -> hookseal::Receiver {
        receiver
            .max_body_bytes(self.body_bytes)
            .and_then(|receiver| receiver.max_events(self.events))
            .and_then(|receiver| receiver.max_depth(self.depth.try_into().unwrap()))
            .and_then(|receiver| receiver.max_number_length(self.number_length))
            .expect("limits in their ranges")
    }
}

/// Adds the right headers to those of the input, either in place of others with their names or beside them.
pub fn with_signature(fields: &mut Fields, signed: &SignedHeaders, beside: bool) {
    for (name, value) in signed {
        if !beside {
            fields.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        }
        fields.push((name.to_owned(), value.to_vec()));
    }
}

/// Checks an outcome against the expected result of the request's head: the code of a refusal, or a body that is read.
pub fn check(outcome: &Outcome<'_>, head: Result<(), &'static str>, body: &[u8], limits: Limits) {
    match (head, outcome) {
        (Err(code), Err(rejection)) => {
            assert_eq!(rejection.code(), code, "{rejection}");
            assert_eq!(rejection.payload_fault(), None);
        }
        (Err(code), Ok(received)) => panic!("accepted, expected {code}: {received:?}"),
        (Ok(()), Ok(Received::Handshake(reply))) => {
            assert!((1..=256).contains(&reply.body().len()));
            assert!(reply.body().bytes().all(|byte| byte.is_ascii_graphic()));
            let expected = [
                ("content-type", "text/plain"),
                ("x-inbenta-challenge", reply.body()),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
            ];
            assert_eq!((reply.status(), reply.headers()), (200, expected));
        }
        (Ok(()), Ok(Received::Delivery(delivery))) => check_delivery(delivery, body, limits),
        (Ok(()), Err(rejection)) => check_payload_rejection(rejection, body, limits),
    }
    if let Err(rejection) = outcome {
        check_rejection(rejection, body);
    }
}

/// Checks that a request which the headers alone refuse has the same code before the body has arrived.
pub fn check_before_body(
    receiver: &hookseal::Receiver,
    method: &str,
    fields: &Fields,
    outcome: &Outcome<'_>,
) {
    if let Err(early) = receiver.check_head(method, fields) {
        let code = outcome.as_ref().map_err(|rejection| rejection.code()).map(drop);
        // An announced length over the limit need not be that of the body.
        assert!(
            code == Err(early.code())
                || early.code() == "payload_too_large"
                || code == Err("payload_too_large")
        );
    }
}

fn check_payload_rejection(rejection: &Rejection, body: &[u8], limits: Limits) {
    let codes = ["malformed_payload", "too_many_events", "missing_timestamp", "stale", "from_the_future"];
    assert!(codes.contains(&rejection.code()), "{rejection}");
    let json = Json::read(body, limits.depth);
    if json.is_err() && rejection.code() != "too_many_events" {
        assert_eq!(rejection.code(), "malformed_payload", "{rejection}");
    }
}

fn check_rejection(rejection: &Rejection, body: &[u8]) {
    let status = match rejection.code() {
        "method_not_allowed" => 405,
        "unsupported_content_encoding" => 415,
        "payload_too_large" | "too_many_events" => 413,
        "missing_signature" | "malformed_signature" | "signature_mismatch" => 401,
        _ => 400,
    };
    assert_eq!(rejection.status(), status, "{rejection}");
    // Messages are short and printable, and never hold the secret.
    for shown in [rejection.to_string(), format!("{rejection:?}")] {
        assert!((1..400).contains(&shown.len()) && shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(!shown.contains(SECRET), "{shown}");
    }
    if let Some(fault) = rejection.payload_fault() {
        let line = body.split(|byte| *byte == b'\n').nth(fault.line() - 1).expect("a line of the body");
        assert!((1..=line.len() + 1).contains(&fault.column()), "{fault}");
    }
}

fn check_delivery(delivery: &Delivery<&[u8]>, body: &[u8], limits: Limits) {
    assert!(body.len() <= limits.body_bytes);
    match Json::read(body, limits.depth) {
        Ok(_) => {}
        Err(NoJson::Depth) => panic!("accepted beyond max_depth"),
        Err(NoJson::Syntax) => panic!("accepted, but it is not JSON: {}", body.escape_ascii()),
    }
    assert_eq!(delivery.key_id(), "0");
    assert_eq!(*delivery.body(), body);
    let elements = delivery.len() + delivery.malformed().len();
    assert!(elements <= limits.events, "{elements} elements");
    assert!(delivery.malformed().is_empty() || !delivery.is_empty(), "malformed elements alone");

    let mut indices: Vec<usize> = delivery.malformed().iter().map(|element| element.index()).collect();
    assert!(indices.is_sorted());
    let mut behind = 0;
    for event in delivery {
        indices.push(event.index());
        let EventParts { raw, name, extra, subject, parent, actor, .. } = EventParts::from(&event);
        assert_eq!(&body[raw.start as usize..raw.end as usize], event.raw().as_bytes());
        assert!(raw.start >= behind, "events overlap");
        behind = raw.end;
        assert_eq!(Raw::parse(event.raw().as_bytes()).unwrap(), event.raw());
        let inside =
            |field: &Range<u32>| field.is_empty() || (raw.start <= field.start && field.end <= raw.end);
        for field in [&extra, &subject, &parent, &actor] {
            assert!(inside(field), "{field:?} lies outside of its event");
        }
        // One name is the key before its event.
        let is_key = event.name() == "subscriber" && name.end < raw.start;
        assert!(inside(&name) || is_key, "{name:?} lies outside of its event");
        let json = Json::read(event.raw().as_bytes(), 127).expect("part of a checked body");
        assert!(json.longest_number() <= limits.number_length);
        assert!(json.equals(&event.data()));
        assert!(!event.name().to_string().is_empty() && !event.id().to_string().is_empty());
        let _ =
            event.payload().map(|payload| format!("{payload:?}").len()).map_err(|error| error.to_string());
    }
    indices.sort_unstable();
    assert!(indices.iter().copied().eq(0..elements), "every element is an event or malformed");
    for element in delivery.malformed() {
        let shown = element.to_string();
        assert!(shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !shown.contains(SECRET));
    }
}

/// Checks that an accepted request is accepted again as the same delivery if `sign` makes its headers.
pub fn check_again(
    receiver: &hookseal::Receiver,
    first: &Delivery<&[u8]>,
    method: &str,
    signed: &SignedHeaders,
    body: &[u8],
    now: Timestamp,
) {
    match receiver.receive(Request::new(method, signed, body), now) {
        Ok(Received::Delivery(second)) => assert_eq!(described(first), described(&second)),
        outcome => panic!("accepted, but once signed again {outcome:?}"),
    }
}

/// A delivery as text. If it is signed again, the time in Benji's header loses its milliseconds, which are a part of
/// its ids.
fn described(delivery: &Delivery<&[u8]>) -> String {
    if delivery.vendor() != hookseal::Vendor::Benji {
        return serde_json::to_string(delivery).unwrap();
    }
    let seconds = delivery.time().map(|time| time.unix_millis().div_euclid(1000));
    let events = delivery.events().map(|event| {
        format!("{} {} {} {}", event.kind(), event.name(), event.subject(), event.raw().as_str())
    });
    format!("{seconds:?} {:?} {:?}", delivery.assurance(), events.collect::<Vec<_>>())
}
