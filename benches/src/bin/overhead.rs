//! How much does the check of a signature take beyond its SHA-256 blocks? Prints a line of JSON for each size.
//!
//!     overhead        # {"bytes": 65, "limit_ns": 110.4, "hookseal_ns": 141.3, "ratio": 1.279}
//!
//! The limit and the check take turns of some microseconds, so that both meet the same disturbances. The ratio is the
//! median of the turns' ratios. Each check waits for the verdict of the one before, and each call of the limit for the
//! state of the one before. Otherwise the processor begins a check while it still hashes for the one before, but not in
//! every process: the same program then took 129 ns in some and 155 ns in others.

use std::{
    cell::Cell,
    hint::black_box,
    time::{Duration, Instant},
};

use hookseal_benches::{authenticate::Key, batch, sample, sha256::Limit};

const TURNS: usize = 500;
/// Far shorter than the time for which an operating system lets another program run.
const TURN: Duration = Duration::from_micros(15);

fn main() {
    for body in
        [sample("benji/date/imf_fixdate").body, sample("benti/instance/answer").body, batch(1_000).body]
    {
        measure(body);
    }
}

fn measure(body: Vec<u8>) {
    let sample = sample("benji/date/imf_fixdate")
        .with_receiver(|receiver| receiver.max_body_bytes(body.len()).expect("a limit"))
        .with_body(body);
    let key = Key::new(sample.secret.as_bytes());
    let headers = sample.headers();
    let request = (headers.as_slice(), sample.body.as_slice());
    // The verdict chooses the next of two equal requests.
    let requests = black_box([request, request]);
    let wrong = Cell::new(0);
    let mut check = || {
        let (headers, body) = requests[black_box(wrong.get()) & 1];
        wrong.set(wrong.get() + usize::from(!black_box(key.verifies(headers, body))));
    };
    let mut limit = Limit::of(sample.body.len());
    let mut hash = || {
        limit.hash();
    };

    let calls = calls_of_a_turn(&mut check);
    let [mut hashes, mut checks, mut ratios] = [const { Vec::new() }; 3];
    for _ in 0..TURNS {
        let (hashed, checked) = (turn(calls, &mut hash), turn(calls, &mut check));
        hashes.push(hashed);
        checks.push(checked);
        ratios.push(checked / hashed);
    }
    assert_eq!(wrong.get(), 0, "the signature is the body's");
    println!(
        "{{\"bytes\": {}, \"limit_ns\": {:.1}, \"hookseal_ns\": {:.1}, \"ratio\": {:.4}}}",
        sample.body.len(),
        median(hashes),
        median(checks),
        median(ratios)
    );
}

/// How many calls last as long as a turn.
fn calls_of_a_turn(run: &mut impl FnMut()) -> u32 {
    let (mut calls, start) = (0, Instant::now());
    // A hundred turns, so that the processor is warm.
    while start.elapsed() < 100 * TURN {
        run();
        calls += 1;
    }
    (calls / 100).max(1)
}

/// Nanoseconds a call.
fn turn(calls: u32, run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        run();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
