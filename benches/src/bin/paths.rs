//! Walks one of the main paths once, for `instructions.py` to count its instructions under callgrind.
//!
//!     paths               # the names of the paths
//!     paths PATH          # walks it

use std::{hint::black_box, process::ExitCode};

use hookseal::{Received, freshness::http_date};
use hookseal_benches::{Sample, authenticate::Key, batch, sample};

/// A path, with the preparation that is not counted.
type Prepare = fn() -> Box<dyn Fn() -> bool>;

const PATHS: [(&str, Prepare); 14] = [
    ("authenticate_65_bytes", || authenticate(sample("benji/date/imf_fixdate").body)),
    ("authenticate_574_bytes", || authenticate(sample("benti/instance/answer").body)),
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
    let Some(wanted) = std::env::args().nth(1) else {
        PATHS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some((name, prepare)) = PATHS.iter().find(|(name, _)| *name == wanted) else {
        eprintln!("no path {wanted}");
        return ExitCode::FAILURE;
    };
    let path = prepare();
    // Once uncounted: what the processor can do is asked only once.
    assert!(path(), "{name} has its outcome");
    assert!(counted_path(&*path), "{name} has its outcome");
    ExitCode::SUCCESS
}

/// What callgrind counts, by this name.
// SAFETY: no other function of this program, and none of a library that it links, has this name.
#[unsafe(no_mangle)]
#[inline(never)]
fn counted_path(path: &dyn Fn() -> bool) -> bool {
    path()
}

fn authenticate(body: Vec<u8>) -> Box<dyn Fn() -> bool> {
    let sample = sample("benji/date/imf_fixdate").with_body(body);
    let key = Key::new(sample.secret.as_bytes());
    Box::new(move || key.verifies(&sample.headers, &sample.body))
}

fn parse(sample: Sample) -> Box<dyn Fn() -> bool> {
    Box::new(move || sample.receiver.parse_unauthenticated(&sample.body).is_ok())
}

/// Receives a request and reads its events, or is refused for this reason.
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
