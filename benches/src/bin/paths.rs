//! The main paths of the crate, for `instructions.py`.

use std::{hint::black_box, process::ExitCode};

use hookseal::{Received, freshness::http_date};
use hookseal_benches::{
    Sample, batch,
    count::{Prepare, walk},
    sample,
};

const PATHS: [(&str, Prepare); 12] = [
    ("http_date", || Box::new(|| http_date::parse(black_box(b"Wed, 04 Mar 2026 05:06:07 GMT")).is_some())),
    ("parse_benji", || parse(sample("benji/date/imf_fixdate"))),
    ("receive_benji", || receive(sample("benji/date/imf_fixdate"), "")),
    ("receive_benji_15_headers", || receive(sample("benji/date/imf_fixdate").behind_a_proxy(), "")),
    ("receive_benji_signed_time", || receive(sample("benji/signed_time/accepted"), "")),
    ("receive_benti_answer", || receive(sample("benti/instance/answer"), "")),
    ("receive_bento_event", || receive(batch(1), "")),
    ("receive_bento_1000_events", || receive(batch(1_000), "")),
    ("check_head_benji", || {
        let sample = sample("benji/date/imf_fixdate");
        Box::new(move || sample.receiver.check_head("POST", &sample.headers).is_ok())
    }),
    ("refuse_forged_benji", || {
        let mut sample = sample("benji/date/imf_fixdate");
        sample.body[10] ^= 1;
        receive(sample, "signature_mismatch")
    }),
    ("refuse_stale_benji", || {
        let sample = sample("benji/date/imf_fixdate");
        receive(sample.with_header("x-webhook-datetime", Some("Wed, 04 Mar 2026 04:06:07 GMT")), "stale")
    }),
    ("refuse_a_byte_too_many", || {
        let mut sample = sample("benji/date/imf_fixdate");
        sample.body = vec![b' '; (64 << 10) + 1];
        receive(sample, "payload_too_large")
    }),
];

fn main() -> ExitCode {
    walk(&PATHS)
}

fn parse(sample: Sample) -> Box<dyn Fn() -> bool> {
    Box::new(move || sample.receiver.parse_unauthenticated(&sample.body).is_ok())
}

/// Receives a request and reads its events. If there is a code, the request must be refused with it.
fn receive(sample: Sample, code: &'static str) -> Box<dyn Fn() -> bool> {
    Box::new(move || {
        let request = hookseal::Request::post(&sample.headers, sample.body.as_slice());
        match sample.receiver.receive(request, sample.now) {
            Ok(Received::Delivery(delivery)) => {
                for event in &delivery {
                    black_box((event.kind(), event.subject(), event.time()));
                }
                code.is_empty()
            }
            Ok(Received::Handshake(_)) => false,
            Err(rejection) => rejection.code() == code,
        }
    })
}
