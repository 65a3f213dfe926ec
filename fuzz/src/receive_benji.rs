//! Benji: any method, headers and body.

use serde_json::{Value, json};

use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, Window, sign};

use crate::{
    dates,
    input::{Fields, Input},
    oracle::{self, Encoding, hmac_sha256},
    receive::{self, Limits, SECRET, now},
    vectors,
};

/// What an input stands for: a byte of choices about the request, one about the receiver, then headers and body.
struct Chosen<'a> {
    method: &'static str,
    fields: Fields,
    body: &'a [u8],
    limits: Limits,
    encoding: Encoding,
    pinned: Option<Encoding>,
    optional_date: bool,
    window: Option<(u64, u64)>,
}

impl<'a> Chosen<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut input = Input::new(data);
        let (request, options) = (input.byte(), input.byte());
        let (mut fields, body) = input.request();
        let encoding = Encoding::ALL[usize::from(request >> 3) % 3];
        if request & 1 == 1 {
            let is_date = |name: &str| name.eq_ignore_ascii_case("x-webhook-datetime");
            let own_date: Vec<_> = fields.iter().filter(|(name, _)| is_date(name)).cloned().collect();
            let signed = sign::benji_encoded(&secret(), body, now(), encoding.in_hookseal());
            receive::with_signature(&mut fields, &signed, request & 128 == 128);
            if request & 64 == 0 {
                // The date of the input, in the place of the one that was signed.
                fields.retain(|(name, _)| !is_date(name));
                fields.extend(own_date);
            }
        }
        Self {
            method: ["POST", "POST", "GET", "post"][usize::from(request >> 1 & 3)],
            fields,
            body,
            limits: Limits::chosen(options & 1 == 1),
            encoding,
            pinned: (options & 2 == 2).then_some(encoding),
            optional_date: options & 4 == 4,
            // Longer than all years that there are.
            window: [Some((300, 300)), Some((0, 0)), Some((400_000_000_000, 5)), None]
                [usize::from(options >> 3 & 3)],
        }
    }

    fn receiver(&self) -> Receiver {
        let mut receiver = self.limits.set(Receiver::benji(Keys::new(SECRET).unwrap()));
        if let Some(encoding) = self.pinned {
            receiver = receiver.signature_encoding(encoding.in_hookseal()).unwrap();
        }
        if self.optional_date {
            receiver = receiver.allow_missing_date().unwrap();
        }
        let window = self.window.map_or(Window::off(), |(past, future)| Window::seconds(past, future));
        receiver.window(window).unwrap()
    }
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

pub fn check(data: &[u8]) {
    let chosen = Chosen::read(data);
    let (receiver, limits) = (chosen.receiver(), chosen.limits);
    let Chosen { method, fields, body, .. } = &chosen;
    let head = oracle::admitted(method, &["POST"], fields, body, limits.body_bytes)
        .and_then(|()| signature(fields, body, chosen.pinned))
        .and_then(|()| date(fields, chosen.optional_date, chosen.window));
    let outcome = receiver.receive(Request::new(method, fields, *body), now());
    receive::check(&outcome, head, body, limits);
    receive::check_before_body(&receiver, method, fields, &outcome);

    let Ok(Received::Delivery(delivery)) = &outcome else { return };
    let time = delivery.time().unwrap_or(now());
    if delivery.time().is_some_and(|time| time.unix_millis() % 1000 == 0) {
        let signed = sign::benji_encoded(&secret(), body, time, chosen.encoding.in_hookseal());
        receive::check_again(&receiver, delivery, "POST", &signed, body, now());
    }
    // Whoever changes the body has no signature for it.
    let mut other = body.to_vec();
    other.push(b' ');
    let code = receiver.receive(Request::post(fields, &other), now()).map_err(|rejection| rejection.code());
    assert!(matches!(code, Err("signature_mismatch" | "payload_too_large")), "{code:?}");
}

/// The input as a conformance vector.
pub fn vector(data: &[u8]) -> Value {
    let chosen = Chosen::read(data);
    let mut options = chosen.limits.options();
    options.insert("allow_missing_date".into(), chosen.optional_date.into());
    options
        .insert("window".into(), chosen.window.map_or("off".into(), |(past, future)| json!([past, future])));
    if let Some(encoding) = chosen.pinned {
        options.insert("signature_encoding".into(), encoding.in_hookseal().as_str().into());
    }
    let outcome = chosen.receiver().receive(Request::new(chosen.method, &chosen.fields, chosen.body), now());
    vectors::vector("benji", options, chosen.method, &chosen.fields, chosen.body, &outcome)
}

fn signature(fields: &Fields, body: &[u8], pinned: Option<Encoding>) -> Result<(), &'static str> {
    let value = oracle::proof(fields, "x-benji-signature")?;
    let tag = oracle::signature(value, pinned).ok_or("malformed_signature")?;
    if tag == hmac_sha256(SECRET.as_bytes(), body) { Ok(()) } else { Err("signature_mismatch") }
}

fn date(fields: &Fields, optional: bool, window: Option<(u64, u64)>) -> Result<(), &'static str> {
    let time = match oracle::field(fields, "x-webhook-datetime") {
        Err(0) if optional => return Ok(()),
        Err(0) => return Err("missing_timestamp"),
        Err(_) => return Err("repeated_header"),
        Ok(value) => dates::of_benji(value).ok_or("malformed_timestamp")?,
    };
    let age = i128::from(now().unix_millis()) - i128::from(time);
    match window {
        Some((past, _)) if age > i128::from(past) * 1000 => Err("stale"),
        Some((_, future)) if -age > i128::from(future) * 1000 => Err("from_the_future"),
        _ => {
            assert!(Timestamp::from_unix_millis(time).is_some());
            Ok(())
        }
    }
}
