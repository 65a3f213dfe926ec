//! How long does a guard take to claim and confirm a key, with a million keys in it?

use std::{cell::Cell, collections::HashMap, hint::black_box};

use criterion::Criterion;
use hookseal::{
    ClaimOutcome, Keys, Received, Receiver, ReplayGuard, ReplayKey, Request, Secret, Timestamp,
    bento::Credentials, sign,
};
use hookseal_benches::{Case, cases};

const LIVE: usize = 1_000_000;
const RETENTION_SECONDS: u64 = 601;

cases!(new_key, seen_key);

/// Keys of deliveries, twice as many as live at a time: when one comes again, its retention has ended.
fn keys() -> Vec<ReplayKey> {
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token").expect("a token") });
    let receiver = receiver.and_then(|receiver| receiver.replay_retention_seconds(RETENTION_SECONDS));
    let receiver = receiver.expect("a receiver");
    let headers = sign::bento_bearer(&Secret::new("token").expect("a token"));
    let key = |number| {
        let body = format!(r#"{{"event":"e","number":{number}}}"#);
        let Ok(Received::Delivery(delivery)) =
            receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH)
        else {
            panic!("the request is genuine")
        };
        delivery.replay_key().expect("a key")
    };
    (0..2 * LIVE).map(key).collect()
}

/// The time at which the key of this number arrives: a million of them in a retention.
fn arrival(number: usize) -> Timestamp {
    let millis = i64::try_from(number).unwrap_or_default() * 1000 * 601 / 1_000_000;
    Timestamp::from_unix_millis(millis).expect("in range")
}

fn full_guard(keys: &[ReplayKey]) -> ReplayGuard {
    let mut guard = ReplayGuard::new(LIVE, 30, *b"any sixteen byte").expect("a guard");
    for (number, key) in keys.iter().take(LIVE).enumerate() {
        assert!(claim_and_confirm(&mut guard, key, arrival(number)));
    }
    guard
}

fn claim_and_confirm(guard: &mut ReplayGuard, key: &ReplayKey, now: Timestamp) -> bool {
    match guard.claim(key, now) {
        ClaimOutcome::Claimed(claim) => guard.confirm(claim, now),
        _ => false,
    }
}

/// A new key takes the place of one whose retention has just ended, so that a million live keys remain.
fn new_key(criterion: &mut Criterion) {
    let keys = keys();
    let mut case = Case::new(criterion, "guard: claim and confirm, a million live keys", 16, 1);

    let mut guard = full_guard(&keys);
    let next = Cell::new(LIVE + 1);
    case.measure("hookseal", true, || {
        let number = next.replace(next.get() + 1);
        claim_and_confirm(&mut guard, black_box(&keys[number % keys.len()]), arrival(number))
    });

    // What a program would write that keeps keys for ever: no bound, no end, and text as keys.
    let mut map: HashMap<String, (i64, bool)> = HashMap::new();
    for (number, key) in keys.iter().take(LIVE).enumerate() {
        map.insert(key.to_string(), (arrival(number).unix_millis(), true));
    }
    let next = Cell::new(LIVE);
    case.measure("std HashMap, unbounded", true, || {
        let number = next.replace(next.get() + 1);
        let key = black_box(&keys[number % keys.len()]).as_str();
        map.insert(key.to_owned(), (arrival(number).unix_millis(), false));
        map.get_mut(key).map(|entry| entry.1 = true).is_some()
    });
}

fn seen_key(criterion: &mut Criterion) {
    let keys = keys();
    let mut guard = full_guard(&keys);
    let mut case = Case::new(criterion, "guard: a duplicate among a million live keys", 16, 1);
    let (next, now) = (Cell::new(0), arrival(LIVE - 1));
    case.measure("hookseal", true, || {
        // Not in the order in which they came.
        let number = next.replace((next.get() + 7_919) % LIVE);
        matches!(guard.claim(black_box(&keys[number]), now), ClaimOutcome::Duplicate)
    });
}
