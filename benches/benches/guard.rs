//! How long does a guard take to claim and confirm a key, with a million keys in it?

use std::{collections::HashMap, hint::black_box};

use criterion::Criterion;
use hookseal::ClaimOutcome;
use hookseal_benches::{Case, FullGuard, cases};

const LIVE: usize = 1_000_000;

cases!(new_key, seen_key);

fn new_key(criterion: &mut Criterion) {
    let mut full = FullGuard::new(LIVE);
    let mut case = Case::new(criterion, "guard: claim and confirm, a million live keys", 16, 1);
    case.measure("hookseal", true, || black_box(&mut full).claim_and_confirm_next());

    // What a program may do instead: keep every key for ever, as text, with its time and whether it was handled.
    let mut handled = HashMap::new();
    for number in 0..LIVE {
        let (key, now) = full.seen(number);
        handled.insert(key.to_string(), (now.unix_millis(), true));
    }
    case.measure("std HashMap, unbounded", true, || {
        let (key, now) = black_box(&mut full).next_key();
        handled.insert(key.to_string(), (now.unix_millis(), false));
        handled.get_mut(key.as_str()).map(|entry| entry.1 = true).is_some()
    });
}

fn seen_key(criterion: &mut Criterion) {
    let mut full = FullGuard::new(LIVE);
    let mut case = Case::new(criterion, "guard: a duplicate among a million live keys", 16, 1);
    let mut number = 0;
    case.measure("hookseal", true, || {
        // Not in the order in which they came.
        number += 7_919;
        let (key, now) = full.seen(number);
        matches!(full.guard.claim(black_box(&key), now), ClaimOutcome::Duplicate)
    });
}
