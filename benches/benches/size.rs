//! How does the time grow with the body, from 64 bytes to 4 MiB? The limit of authentication is measured too.

use criterion::Criterion;
use hookseal::Received;
use hookseal_benches::{Case, Sample, batch, cases, padded, sha256::Limit};
use std::hint::black_box;

cases!(limit, benji_webhooks, bento_batches);

const SIZES: [usize; 9] = [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

fn limit(criterion: &mut Criterion) {
    for bytes in SIZES {
        let mut limit = Limit::of(bytes);
        Case::new(criterion, "size: limit", bytes, 1)
            .measure(&bytes.to_string(), limit.hash(), || limit.hash());
    }
}

/// Signed: each byte is hashed, and read as part of a text.
fn benji_webhooks(criterion: &mut Criterion) {
    for bytes in SIZES {
        measure(criterion, "size: Benji", bytes, &padded(bytes));
    }
}

/// Not signed: each byte is read, in events of 178 bytes.
fn bento_batches(criterion: &mut Criterion) {
    for bytes in SIZES.into_iter().filter(|bytes| *bytes >= 256) {
        let events = bytes / 178;
        let sample = batch(events).with_receiver(|receiver| {
            let receiver = receiver.max_events(events).expect("a limit");
            receiver.max_body_bytes(2 * bytes).expect("a limit")
        });
        measure(criterion, "size: Bento", bytes, &sample);
    }
}

fn measure(criterion: &mut Criterion, case: &str, bytes: usize, sample: &Sample) {
    let headers = sample.headers();
    Case::new(criterion, case, sample.body.len(), 1).measure(&bytes.to_string(), true, || {
        let received = sample.receiver.receive(black_box(sample.request(&headers)), sample.now);
        matches!(black_box(received), Ok(Received::Delivery(_)))
    });
}
