//! Bento: any method, headers and body, with each kind of credentials.

use hookseal::{Keys, Received, Receiver, Request, Secret, bento::Credentials, sign};

use crate::{
    input::{Fields, Input},
    oracle::{self, BASE64},
    receive::{self, Limits, SECRET, now},
};

/// A byte of choices about the request, one about the receiver, then headers and body.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (request, options) = (input.byte(), input.byte());
    let (mut fields, body) = input.request();
    let method = ["POST", "POST", "GET", "PATCH"][usize::from(request >> 1 & 3)];
    let scheme = usize::from(options >> 1) % 3;
    let (keys, secret) = (Keys::new(SECRET).unwrap(), Secret::new(SECRET).unwrap());
    let (name, credentials, signed) = match scheme {
        0 => ("authorization", Credentials::Basic { user: "key", keys }, sign::bento_basic("key", &secret)),
        1 => ("authorization", Credentials::Bearer { keys }, sign::bento_bearer(&secret)),
        _ => ("x-own", Credentials::Header { name: "X-Own", keys }, sign::bento_header("X-Own", &secret)),
    };
    if request & 1 == 1 {
        receive::with_signature(&mut fields, &signed, request & 128 == 128);
    }

    let limits = Limits::chosen(options & 1 == 1);
    let receiver = limits.set(Receiver::bento(credentials).unwrap());
    let head = oracle::admitted(method, &["POST"], &fields, body, limits.body_bytes)
        .and_then(|()| proof(&fields, name, scheme));
    let outcome = receiver.receive(Request::new(method, &fields, body), now());
    receive::check(&outcome, head, body, limits);
    let before_body = receiver.check_head(method, &fields);
    assert!(before_body.is_ok() || outcome.is_err() || body.len() < 1_000_000, "{before_body:?}");

    if let Ok(Received::Delivery(delivery)) = &outcome {
        assert_eq!(delivery.time(), None);
        receive::check_again(&receiver, delivery, "POST", &signed, body, now());
    }
}

fn proof(fields: &Fields, name: &str, scheme: usize) -> Result<(), &'static str> {
    let value = oracle::proof(fields, name)?;
    let after = |scheme: &str| {
        let (name, rest) = value.split_at_checked(scheme.len())?;
        let token = rest.iter().position(|byte| *byte != b' ')?;
        (token > 0 && name.eq_ignore_ascii_case(scheme.as_bytes())).then(|| &rest[token..])
    };
    let (read, right) = match scheme {
        0 => {
            let read = after("basic").and_then(|text| oracle::from_base64(text, BASE64, Some(true)));
            (read.filter(|credentials| credentials.len() <= 1_024), format!("key:{SECRET}"))
        }
        1 => (after("bearer").map(<[u8]>::to_vec), SECRET.to_owned()),
        _ => (Some(value.to_vec()), SECRET.to_owned()),
    };
    match read {
        None => Err("malformed_signature"),
        Some(read) if read == right.as_bytes() => Ok(()),
        Some(_) => Err("signature_mismatch"),
    }
}
