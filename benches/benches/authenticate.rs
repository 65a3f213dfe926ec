//! Did the holder of the key sign this body? The check alone: it takes a header's value, the raw body and the key, and
//! gives a verdict.

use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use hookseal_benches::{Case, authenticate::Key, batch, cases, sample, sha256::Limit};
use sha2::Sha256;

cases!(own: case; of_a_benji_webhook, of_a_benti_answer, of_a_bento_batch);

fn of_a_benji_webhook(criterion: &mut Criterion) {
    case(criterion, &sample("benji/date/imf_fixdate").body);
}

fn of_a_benti_answer(criterion: &mut Criterion) {
    case(criterion, &sample("benti/instance/answer").body);
}

fn of_a_bento_batch(criterion: &mut Criterion) {
    case(criterion, &batch(1_000).body);
}

fn case(criterion: &mut Criterion, body: &[u8]) {
    let name = match body.len() {
        bytes @ ..1_000 => format!("authenticate {bytes} B"),
        bytes => format!("authenticate {} KB", bytes / 1_000),
    };
    let sample = sample("benji/date/imf_fixdate")
        .with_receiver(|receiver| receiver.max_body_bytes(body.len()).expect("a limit"))
        .with_body(body.to_vec());
    let (headers, secret) = (sample.headers(), sample.secret.as_bytes());
    let mut case = Case::new(criterion, name, body.len(), 1);

    let mut limit = Limit::of(body.len());
    case.measure("limit", limit.hash(), || limit.hash());

    let key = Key::new(secret);
    case.measure("hookseal", true, || key.verifies(headers.as_slice(), body));
    case.measure("hookseal, key per call", true, || Key::new(secret).verifies(headers.as_slice(), body));

    let signature = sample.header("x-benji-signature");
    let prepared = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    case.measure("hmac + sha2, prepared key", true, || verifies(prepared.clone(), signature, body));
    case.measure("hmac + sha2", true, || {
        verifies(Hmac::<Sha256>::new_from_slice(secret).expect("any length"), signature, body)
    });
    #[cfg(feature = "ring")]
    {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        case.measure("ring", true, || ring::hmac::verify(&key, body, &tag(signature)).is_ok());
    }
    #[cfg(feature = "aws-lc-rs")]
    {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        case.measure("aws-lc-rs", true, || aws_lc_rs::hmac::verify(&key, body, &tag(signature)).is_ok());
    }
    #[cfg(feature = "webhook-verify")]
    {
        use webhook_verify::{HeaderMap, Provider, Secret, VerifyOptions};
        let value = format!("sha256={signature}");
        let headers = [("X-Hub-Signature-256", value.as_str())];
        let headers: &dyn HeaderMap = &headers;
        let secret = Secret::new(&sample.secret);
        case.measure("webhook-verify", true, || {
            webhook_verify::verify(Provider::GitHub, headers, body, &secret, VerifyOptions::default()).is_ok()
        });
    }
    #[cfg(any(feature = "standardwebhooks", feature = "svix"))]
    standard_webhooks(&mut case, &sample, body);
}

fn verifies(mut hmac: Hmac<Sha256>, signature: &str, body: &[u8]) -> bool {
    hmac.update(body);
    hmac.verify_slice(&tag(signature)).is_ok()
}

/// Every peer gets the fastest decoder.
fn tag(signature: &str) -> [u8; 32] {
    const_hex::decode_to_array(signature).unwrap_or_default()
}

/// The scheme of <https://www.standardwebhooks.com>: it signs an id and the time with the body, in base64.
#[cfg(any(feature = "standardwebhooks", feature = "svix"))]
fn standard_webhooks(case: &mut Case<'_>, sample: &hookseal_benches::Sample, body: &[u8]) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use std::time::{SystemTime, UNIX_EPOCH};

    let secret = sample.secret.as_bytes();
    // These crates read the clock themselves and refuse a request after five minutes, so it is signed here.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    hmac.update(format!("msg_1.{seconds}.").as_bytes());
    hmac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()));
    let headers: http::HeaderMap = [
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ]
    .into_iter()
    .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("ASCII")))
    .collect();
    #[cfg(feature = "standardwebhooks")]
    {
        let webhook = standardwebhooks::Webhook::from_bytes(secret.to_vec()).expect("a key");
        case.measure("standardwebhooks", true, || webhook.verify(body, &headers).is_ok());
    }
    #[cfg(feature = "svix")]
    {
        let webhook = svix::webhooks::Webhook::from_bytes(secret.to_vec()).expect("a key");
        case.measure("svix", true, || webhook.verify(body, &headers).is_ok());
    }
}
