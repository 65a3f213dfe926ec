//! Benti: any method, headers and body.

use hookseal::{Keys, Received, Receiver, Request, Secret, Window, sign};

use crate::{
    input::{Fields, Input},
    oracle,
    receive::{self, Limits, SECRET, now},
};

/// A byte of choices about the request, one about the receiver, then headers and body.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (request, options) = (input.byte(), input.byte());
    let (mut fields, body) = input.request();
    let method = ["POST", "POST", "GET", "PUT"][usize::from(request >> 1 & 3)];
    let signed = sign::benti(&Secret::new(SECRET).unwrap());
    if request & 1 == 1 {
        receive::with_signature(&mut fields, &signed, request & 128 == 128);
    }

    let limits = Limits::chosen(options & 1 == 1);
    let mut receiver = limits.set(Receiver::benti(Keys::new(SECRET).unwrap()).unwrap());
    let unsigned = options & 2 == 2;
    if unsigned {
        receiver = receiver.allow_unsigned_handshake().unwrap();
    }
    let windowed = options & 4 == 4;
    if windowed {
        receiver = receiver.window(Window::seconds(u64::MAX, 60)).unwrap();
    }
    let offset = [0, 120, -1_439, 1_439][usize::from(options >> 3 & 3)];
    receiver = receiver.utc_offset_minutes(offset).unwrap();

    let handshake = method == "GET";
    let head = oracle::admitted(method, &["POST", "GET"], &fields, body, limits.body_bytes)
        .and_then(|()| match oracle::proof(&fields, "x-hook-signature") {
            Err("missing_signature") if unsigned && handshake => Ok(()),
            Err(code) => Err(code),
            Ok(value) if value == SECRET.as_bytes() => Ok(()),
            Ok(_) => Err("signature_mismatch"),
        })
        .and_then(|()| if handshake { challenge(&fields) } else { Ok(()) });
    let outcome = receiver.receive(Request::new(method, &fields, body), now());
    receive::check(&outcome, head, body, limits);
    let before_body = receiver.check_head(method, &fields);
    assert!(before_body.is_ok() || outcome.is_err() || body.len() < 1_000_000, "{before_body:?}");

    match &outcome {
        Ok(Received::Handshake(reply)) => {
            assert!(handshake);
            assert_eq!(Ok(reply.body().as_bytes()), oracle::field(&fields, "x-inbenta-challenge"));
            let secret = Secret::new(SECRET).unwrap();
            let again = sign::benti_handshake(&secret, reply.body());
            assert!(matches!(
                receiver.receive(Request::new("GET", &again, body), now()),
                Ok(Received::Handshake(other)) if other == *reply
            ));
        }
        Ok(Received::Delivery(delivery)) => {
            assert!(!handshake);
            assert_eq!(delivery.time(), delivery.events().filter_map(|event| event.time()).max());
            assert!(!windowed || delivery.time().is_some());
            receive::check_again(&receiver, delivery, "POST", &signed, body, now());
        }
        Err(_) => {}
    }
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
