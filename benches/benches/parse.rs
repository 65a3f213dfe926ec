//! How long does it take to read a body? Reading alone, without authentication. The peers build a tree of values.

use criterion::Criterion;
use hookseal::Raw;
use hookseal_benches::{Case, Sample, batch, cases, sample};
use std::hint::black_box;

cases!(benji_webhook, benti_answer, bento_event, bento_batch);

fn benji_webhook(criterion: &mut Criterion) {
    case(criterion, "parse a Benji webhook", &sample("benji/date/imf_fixdate"), 1);
}

fn benti_answer(criterion: &mut Criterion) {
    case(criterion, "parse a Benti answer", &sample("benti/instance/answer"), 1);
}

fn bento_event(criterion: &mut Criterion) {
    case(criterion, "parse a Bento event", &batch(1), 1);
}

fn bento_batch(criterion: &mut Criterion) {
    case(criterion, "parse 1,000 Bento events", &batch(1_000), 1_000);
}

fn case(criterion: &mut Criterion, name: &str, sample: &Sample, events: usize) {
    let body = sample.body.as_slice();
    let mut case = Case::new(criterion, name, body.len(), events);
    case.measure("hookseal", Some(events), || {
        sample.receiver.parse_unauthenticated(black_box(body)).ok().map(|delivery| delivery.len())
    });
    case.measure("hookseal, checked only", true, || Raw::parse(black_box(body)).is_ok());
    case.measure("serde_json, checked only", true, || {
        serde_json::from_slice::<Ignored>(black_box(body)).is_ok()
    });
    case.measure("serde_json Value", true, || {
        serde_json::from_slice::<serde_json::Value>(black_box(body)).is_ok()
    });
    #[cfg(feature = "sonic-rs")]
    case.measure("sonic-rs Value", true, || sonic_rs::from_slice::<sonic_rs::Value>(black_box(body)).is_ok());
    #[cfg(feature = "simd-json")]
    {
        // It unescapes in place, so the body is copied first.
        let mut copy = Vec::with_capacity(body.len());
        case.measure("simd-json Value", true, || {
            copy.clear();
            copy.extend_from_slice(black_box(body));
            simd_json::to_borrowed_value(&mut copy).is_ok()
        });
    }
}

/// A value that is checked and thrown away.
type Ignored = serde::de::IgnoredAny;
