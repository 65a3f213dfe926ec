//! Is this request genuine, and what does it say? All steps from headers and body to fields, beside a check that is
//! written by hand, and beside the parsing of the body alone.

use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use hookseal::{Event, Received, Rejection, Vendor};
use hookseal_benches::{Case, Sample, batch, cases, readable, sample, sha256::Limit};
use sha2::Sha256;
use std::{
    fmt::Debug,
    hint::black_box,
    time::{Duration, UNIX_EPOCH},
};

cases!(own: own_body; benji_webhook, benti_answer, bento_event, bento_batch);

fn benji_webhook(criterion: &mut Criterion) {
    let sample = sample("benji/date/imf_fixdate");
    let mut case = Case::new(criterion, "receive a Benji webhook", sample.body.len(), 1);
    let mut limit = Limit::of(sample.body.len());
    case.measure("limit", limit.hash(), || limit.hash());
    ours(&mut case, "hookseal", &sample, 1, all_fields);
    ours(&mut case, "hookseal, with its id", &sample, 1, |event| {
        all_fields(event);
        black_box(event.id());
    });

    by_hand(&mut case, &sample, Some(243), |value| {
        black_box((value["event"].as_str()?, value["entity"].as_u64()?));
        value["entity_id"].as_u64()
    });
    trees(&mut case, &sample.body);
}

fn benti_answer(criterion: &mut Criterion) {
    let sample = sample("benti/instance/answer");
    let mut case = Case::new(criterion, "receive a Benti answer", sample.body.len(), 1);
    ours(&mut case, "hookseal", &sample, 1, kind_subject_time);
    trees(&mut case, &sample.body);
}

fn bento_event(criterion: &mut Criterion) {
    let sample = batch(1);
    let mut case = Case::new(criterion, "receive a Bento event", sample.body.len(), 1);
    ours(&mut case, "hookseal", &sample, 1, kind_subject_time);
    trees(&mut case, &sample.body);
}

fn bento_batch(criterion: &mut Criterion) {
    let sample = batch(1_000);
    let mut case = Case::new(criterion, "receive 1,000 Bento events", sample.body.len(), 1_000);
    ours(&mut case, "hookseal", &sample, 1_000, kind_subject_time);
    trees(&mut case, &sample.body);
}

/// The user's own body, as each vendor that reads it. A check by hand has no fields to read there.
fn own_body(criterion: &mut Criterion, body: &[u8]) {
    for (vendor, sample, events) in readable(body) {
        let mut case = Case::new(criterion, format!("receive as {vendor}"), body.len(), events);
        ours(&mut case, "hookseal", &sample, events, kind_subject_time);
        if vendor == Vendor::Benji {
            by_hand(&mut case, &sample, Some(()), |_| Some(()));
        }
        trees(&mut case, body);
    }
}

/// The check of a Benji webhook as a program would write it by hand.
fn by_hand<T: PartialEq + Debug>(
    case: &mut Case<'_>,
    sample: &Sample,
    expected: Option<T>,
    read: impl Fn(&serde_json::Value) -> Option<T>,
) {
    let prepared = Hmac::<Sha256>::new_from_slice(sample.secret.as_bytes()).expect("any length");
    let (signature, date) = (sample.header("x-benji-signature"), sample.header("x-webhook-datetime"));
    let now = Duration::from_millis(u64::try_from(sample.now.unix_millis()).expect("after 1970"));
    case.measure("hmac + httpdate + serde_json", expected, || {
        let mut hmac = prepared.clone();
        hmac.update(&sample.body);
        hmac.verify_slice(&const_hex::decode_to_array::<_, 32>(black_box(signature)).ok()?).ok()?;
        let time = httpdate::parse_http_date(black_box(date)).ok()?.duration_since(UNIX_EPOCH).ok()?;
        if now.abs_diff(time) > Duration::from_secs(300) {
            return None;
        }
        read(&serde_json::from_slice(&sample.body).ok()?)
    });
}

/// Receives a request and reads each of its events.
fn ours(case: &mut Case<'_>, routine: &str, sample: &Sample, events: usize, read: impl Fn(&Event<'_>)) {
    let headers = sample.headers();
    case.measure(routine, Ok::<_, Rejection>(events), || {
        match sample.receiver.receive(black_box(sample.request(&headers)), sample.now)? {
            Received::Delivery(delivery) => {
                for event in &delivery {
                    read(&event);
                }
                Ok(delivery.len())
            }
            Received::Handshake(_) => Ok(0),
        }
    });
}

fn all_fields(event: &Event<'_>) {
    black_box((event.vendor(), event.kind(), event.time(), event.time_zone_assumed(), event.assurance()));
    black_box((event.name(), event.subject(), event.raw()));
}

fn kind_subject_time(event: &Event<'_>) {
    black_box((event.kind(), event.subject(), event.time()));
}

/// The parsing of the body alone: no authentication, no reading of fields.
fn trees(case: &mut Case<'_>, body: &[u8]) {
    case.measure("serde_json Value alone", true, || {
        serde_json::from_slice::<serde_json::Value>(black_box(body)).is_ok()
    });
    #[cfg(feature = "sonic-rs")]
    case.measure("sonic-rs Value alone", true, || {
        sonic_rs::from_slice::<sonic_rs::Value>(black_box(body)).is_ok()
    });
    #[cfg(feature = "simd-json")]
    {
        let mut copy = Vec::with_capacity(body.len());
        case.measure("simd-json Value alone", true, || {
            copy.clear();
            copy.extend_from_slice(black_box(body));
            simd_json::to_borrowed_value(&mut copy).is_ok()
        });
    }
}
