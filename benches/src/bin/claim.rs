//! The paths of a guard, for `instructions.py`. Beside other paths the compiler would inline less of these.

use std::{cell::RefCell, hint::black_box, process::ExitCode};

use hookseal::ClaimOutcome;
use hookseal_benches::{
    FullGuard,
    count::{Prepare, walk},
};

const LIVE: usize = 1_000;

const PATHS: [(&str, Prepare); 2] = [
    ("claim_and_confirm", || {
        let full = RefCell::new(FullGuard::new(LIVE));
        Box::new(move || full.borrow_mut().claim_and_confirm_next())
    }),
    ("claim_a_duplicate", || {
        let full = RefCell::new(FullGuard::new(LIVE));
        Box::new(move || {
            let mut full = full.borrow_mut();
            let (key, now) = full.seen(LIVE / 2);
            matches!(full.guard.claim(black_box(&key), now), ClaimOutcome::Duplicate)
        })
    }),
];

fn main() -> ExitCode {
    walk(&PATHS)
}
