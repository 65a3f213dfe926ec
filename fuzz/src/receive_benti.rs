//! Compares a Benti receiver with the oracle, for any method, headers and body.

use serde_json::json;

use hookseal::{Delivery, Event, Keys, Received, Receiver, Request, Secret, Window, benti, sign};

use crate::{
    input::{Fields, Input},
    names::{self, Id, Naming},
    oracle,
    receive::{self, Limits, SECRET, now},
    vectors,
};

/// The content of an input: a byte of choices about the request, one about the receiver, then headers and body.
struct Chosen<'a> {
    method: &'static str,
    fields: Fields,
    body: &'a [u8],
    limits: Limits,
    unsigned_handshake: bool,
    windowed: bool,
    utc_offset_minutes: i16,
    naming: Naming,
}

/// One side is longer than the range of a `Timestamp`, the other one minute.
const WINDOW: (u64, u64) = (400_000_000_000, 60);

impl<'a> Chosen<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut input = Input::new(data);
        let (request, options) = (input.byte(), input.byte());
        let (mut fields, body) = input.request();
        if request & 1 == 1 {
            receive::with_signature(&mut fields, &sign::benti(&secret()), request & 128 == 128);
        }
        Self {
            method: ["POST", "POST", "GET", "PUT"][usize::from(request >> 1 & 3)],
            fields,
            body,
            limits: Limits::chosen(options & 1 == 1),
            unsigned_handshake: options & 2 == 2,
            windowed: options & 4 == 4,
            utc_offset_minutes: [0, 120, -1_439, 1_439][usize::from(options >> 3 & 3)],
            naming: Naming::chosen(options >> 6),
        }
    }

    fn receiver(&self) -> Receiver {
        let mut options = benti::Options::default().utc_offset_minutes(self.utc_offset_minutes).unwrap();
        if self.unsigned_handshake {
            options = options.allow_unsigned_handshake();
        }
        if self.windowed {
            options = options.window(Window::seconds(WINDOW.0, WINDOW.1));
        }
        self.naming.set(self.limits.set(options.receiver(Keys::new(SECRET).unwrap()).unwrap()))
    }
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

pub fn check(data: &[u8]) {
    let chosen = Chosen::read(data);
    let (receiver, limits) = (chosen.receiver(), chosen.limits);
    let Chosen { method, fields, body, .. } = &chosen;
    let handshake = *method == "GET";
    let head = oracle::admitted(method, &["POST", "GET"], fields, body, limits.body_bytes)
        .and_then(|()| match oracle::proof(fields, "x-hook-signature") {
            Err("missing_signature") if chosen.unsigned_handshake && handshake => Ok(()),
            Err(code) => Err(code),
            Ok(value) if value == SECRET.as_bytes() => Ok(()),
            Ok(_) => Err("signature_mismatch"),
        })
        .and_then(|()| if handshake { challenge(fields) } else { Ok(()) });
    let outcome = receiver.receive(Request::new(method, fields, *body), now());
    receive::check(&outcome, head, body, limits);
    receive::check_before_body(&receiver, method, fields, &outcome);

    match &outcome {
        Ok(Received::Handshake(reply)) => {
            assert!(handshake);
            assert_eq!(Ok(reply.body().as_bytes()), oracle::field(fields, "x-inbenta-challenge"));
            let again = sign::benti_handshake(&secret(), reply.body());
            assert!(matches!(
                receiver.receive(Request::new("GET", &again, body), now()),
                Ok(Received::Handshake(other)) if other == *reply
            ));
        }
        Ok(Received::Delivery(delivery)) => {
            assert!(!handshake);
            assert_eq!(delivery.time(), delivery.events().filter_map(|event| event.time()).max());
            assert!(!chosen.windowed || delivery.time().is_some());
            check_names(delivery, body, chosen.naming);
            receive::check_again(&receiver, delivery, "POST", &sign::benti(&secret()), body, now());
        }
        Err(_) => {}
    }
}

fn check_names(delivery: &Delivery<&[u8]>, body: &[u8], naming: Naming) {
    let assurance = delivery.assurance().to_string();
    let time = if delivery.time().is_some() { "unsigned" } else { "absent" };
    assert_eq!(assurance, format!("body unsigned, time {time}, name unsigned"));
    names::check(delivery, naming, &[body], Some(86_400), id);
    let ids: Vec<String> = delivery.events().map(|event| event.id().to_string()).collect();
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "two events have the id {id}");
    }
}

/// The expected id. An instance sends ids, and the API sends none.
fn id(event: &Event<'_>) -> Id {
    let raw = event.raw().as_str();
    let members = oracle::members(raw).expect("an event is an object");
    let of_the_api = members.iter().any(|(key, _)| key == "item");
    match oracle::read(&members, "id").and_then(oracle::id).expect("an event that was read") {
        Some(id) if !of_the_api => Id::Vendor(id),
        _ => Id::Numbered(vec![raw.as_bytes().to_vec()]),
    }
}

/// The input as a conformance vector.
pub fn vector(data: &[u8]) -> vectors::Written<'_> {
    let chosen = Chosen::read(data);
    let mut options = chosen.limits.options();
    chosen.naming.add_to(&mut options);
    options.insert("allow_unsigned_handshake".into(), chosen.unsigned_handshake.into());
    options.insert("utc_offset_minutes".into(), chosen.utc_offset_minutes.into());
    if chosen.windowed {
        options.insert("window".into(), json!([WINDOW.0, WINDOW.1]));
    }
    let outcome = chosen.receiver().receive(Request::new(chosen.method, &chosen.fields, chosen.body), now());
    vectors::vector("benti", options, chosen.method, &chosen.fields, chosen.body, &outcome)
}

fn challenge(fields: &Fields) -> Result<(), &'static str> {
    match oracle::field(fields, "x-inbenta-challenge") {
        Err(0) => Err("missing_challenge"),
        Err(_) => Err("repeated_header"),
        Ok(value) => {
            let fits =
                (1..=256).contains(&value.len()) && value.iter().all(|byte| (b'!'..=b'~').contains(byte));
            if fits { Ok(()) } else { Err("malformed_challenge") }
        }
    }
}
