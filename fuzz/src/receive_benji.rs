//! Benji: any method, headers and body.

use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, Window, sign};

use crate::{
    dates,
    input::{Fields, Input},
    oracle::{self, Encoding, hmac_sha256},
    receive::{self, Limits, SECRET, now},
};

/// A byte of choices about the request, one about the receiver, then headers and body.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (request, options) = (input.byte(), input.byte());
    let (mut fields, body) = input.request();
    let method = ["POST", "POST", "GET", "post"][usize::from(request >> 1 & 3)];
    let encoding = Encoding::ALL[usize::from(request >> 3) % 3];
    let secret = Secret::new(SECRET).unwrap();
    if request & 1 == 1 {
        let date = request & 64 == 64;
        let signed = sign::benji_encoded(&secret, body, now(), encoding.in_hookseal());
        let own_date: Vec<_> = fields
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("x-webhook-datetime"))
            .cloned()
            .collect();
        receive::with_signature(&mut fields, &signed, request & 128 == 128);
        if !date {
            // The date of the input, in the place of the one that was signed.
            fields.retain(|(name, _)| !name.eq_ignore_ascii_case("x-webhook-datetime"));
            fields.extend(own_date);
        }
    }

    let limits = Limits::chosen(options & 1 == 1);
    let mut receiver = limits.set(Receiver::benji(Keys::new(SECRET).unwrap()));
    let pinned = (options & 2 == 2).then_some(encoding);
    if let Some(encoding) = pinned {
        receiver = receiver.signature_encoding(encoding.in_hookseal()).unwrap();
    }
    let optional_date = options & 4 == 4;
    if optional_date {
        receiver = receiver.allow_missing_date().unwrap();
    }
    let window = [Some((300, 300)), Some((0, 0)), Some((u64::MAX, 5)), None][usize::from(options >> 3 & 3)];
    receiver = receiver
        .window(window.map_or(Window::off(), |(past, future)| Window::seconds(past, future)))
        .unwrap();

    let head = oracle::admitted(method, &["POST"], &fields, body, limits.body_bytes)
        .and_then(|()| signature(&fields, body, pinned))
        .and_then(|()| date(&fields, optional_date, window));
    let outcome = receiver.receive(Request::new(method, &fields, body), now());
    receive::check(&outcome, head, body, limits);
    let before_body = receiver.check_head(method, &fields);
    assert!(before_body.is_ok() || outcome.is_err() || body.len() < 1_000_000, "{before_body:?}");

    let Ok(Received::Delivery(delivery)) = &outcome else { return };
    let time = delivery.time().unwrap_or(now());
    let pinned = pinned.unwrap_or(Encoding::Hex).in_hookseal();
    if delivery.time().is_some_and(|time| time.unix_millis() % 1000 == 0) {
        let signed = sign::benji_encoded(&secret, body, time, pinned);
        receive::check_again(&receiver, delivery, "POST", &signed, body, now());
    }
    // Whoever changes the body has no signature for it.
    let mut other = body.to_vec();
    other.push(b' ');
    let code = receiver.receive(Request::post(&fields, &other), now()).map_err(|rejection| rejection.code());
    assert!(matches!(code, Err("signature_mismatch" | "payload_too_large")), "{code:?}");
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
