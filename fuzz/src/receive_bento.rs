//! Compares a Bento receiver with the oracle, for any method, headers and body, with each kind of credentials.

use serde_json::json;

use hookseal::{
    Keys, Received, Receiver, ReplayPolicy, Request, Secret,
    bento::{Credentials, Options},
    sign::{self, SignedHeaders},
};

use crate::{
    bento,
    input::{Fields, Input},
    names::{self, Naming},
    oracle::{self, BASE64},
    receive::{self, Limits, SECRET, now},
    vectors,
};

/// The content of an input: a byte of choices about the request, one about the receiver, then headers and body.
struct Chosen<'a> {
    method: &'static str,
    fields: Fields,
    body: &'a [u8],
    limits: Limits,
    scheme: usize,
    one_required: bool,
    naming: Naming,
}

impl<'a> Chosen<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut input = Input::new(data);
        let (request, options) = (input.byte(), input.byte());
        let (mut fields, body) = input.request();
        let scheme = usize::from(options >> 1) % 3;
        if request & 1 == 1 {
            receive::with_signature(&mut fields, &signed(scheme), request & 128 == 128);
        }
        Self {
            method: ["POST", "POST", "GET", "PATCH"][usize::from(request >> 1 & 3)],
            fields,
            body,
            limits: Limits::chosen(options & 1 == 1),
            scheme,
            one_required: request & 8 == 8,
            naming: Naming::chosen(options >> 6),
        }
    }

    fn receiver(&self) -> Receiver {
        let keys = Keys::new(SECRET).unwrap();
        let credentials = match self.scheme {
            0 => Credentials::Basic { user: "key", keys },
            1 => Credentials::Bearer { keys },
            _ => Credentials::Header { name: "X-Own", keys },
        };
        let options = Options::default();
        let options = if self.one_required { options.require_event_or_email() } else { options };
        self.naming.set(self.limits.set(options.receiver(credentials).unwrap()))
    }
}

fn signed(scheme: usize) -> SignedHeaders {
    let secret = Secret::new(SECRET).unwrap();
    match scheme {
        0 => sign::bento_basic("key", &secret),
        1 => sign::bento_bearer(&secret),
        _ => sign::bento_header("X-Own", &secret),
    }
}

pub fn check(data: &[u8]) {
    let chosen = Chosen::read(data);
    let (receiver, limits) = (chosen.receiver(), chosen.limits);
    let Chosen { method, fields, body, scheme, .. } = &chosen;
    let head = oracle::admitted(method, &["POST"], fields, body, limits.body_bytes)
        .and_then(|()| proof(fields, if *scheme < 2 { "authorization" } else { "x-own" }, *scheme));
    let outcome = receiver.receive(Request::new(method, fields, *body), now());
    receive::check(&outcome, head, body, limits);
    receive::check_before_body(&receiver, method, fields, &outcome);

    if head.is_err() {
        return;
    }
    match (bento::read(body, limits, chosen.one_required), &outcome) {
        (Err(codes), Err(rejection)) => {
            assert!(codes.contains(&rejection.code()), "{rejection}, not {codes:?}")
        }
        (Ok(elements), Ok(Received::Delivery(delivery))) => {
            oracle::check_elements(
                delivery,
                elements.iter().map(|element| element.as_ref().map(|(event, _)| event)),
            );
            let retention = if chosen.naming.policy == ReplayPolicy::Strict { 86_400 } else { 300 };
            names::check(delivery, chosen.naming, &[body], Some(retention), |event| {
                elements[event.index()].as_ref().expect("an event").1.clone()
            });
        }
        (expected, outcome) => panic!("{outcome:?}, not {expected:?}"),
    }
    if let Ok(Received::Delivery(delivery)) = &outcome {
        assert_eq!(delivery.time(), None);
        assert_eq!(delivery.assurance().to_string(), "body unsigned, time absent, name unsigned");
        receive::check_again(&receiver, delivery, "POST", &signed(*scheme), body, now());
    }
}

/// The input as a conformance vector.
pub fn vector(data: &[u8]) -> vectors::Written<'_> {
    let chosen = Chosen::read(data);
    let mut options = chosen.limits.options();
    let scheme =
        [json!({"basic": "key"}), json!({"bearer": true}), json!({"header": "X-Own"})][chosen.scheme].clone();
    chosen.naming.add_to(&mut options);
    options.insert("scheme".into(), scheme);
    options.insert("require_event_or_email".into(), chosen.one_required.into());
    let outcome = chosen.receiver().receive(Request::new(chosen.method, &chosen.fields, chosen.body), now());
    vectors::vector("bento", options, chosen.method, &chosen.fields, chosen.body, &outcome)
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
