//! The guard against a naive one, with its bounds in memory, and among threads.

mod random;

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use hookseal::{
    Claim, ClaimOutcome, Keys, Received, Receiver, ReplayGuard, ReplayKey, ReplayPolicy, Request, Secret,
    SetupError, Timestamp, Window, benji, bento::Credentials, sign,
};
use random::Random;

const SEED: [u8; 16] = *b"any sixteen byte";

/// The key of a delivery that a receiver of Bento accepts.
fn key(number: usize, retention_seconds: u64) -> ReplayKey {
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token").unwrap() }).unwrap();
    let receiver = receiver.replay_retention_seconds(retention_seconds).unwrap();
    let (headers, body) = (sign::bento_bearer(&Secret::new("token").unwrap()), format!("[{number}]"));
    let body = format!(r#"{{"event":"e","number":{body}}}"#).into_bytes();
    let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH).unwrap();
    let Received::Delivery(delivery) = received else { panic!("Bento sends no handshakes") };
    delivery.replay_key().unwrap()
}

/// A key that is kept without end.
fn key_without_end(number: usize) -> ReplayKey {
    let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap().replay_policy(ReplayPolicy::Strict);
    let body = format!(r#"{{"event":"transaction_created","entity_id":{number}}}"#).into_bytes();
    let headers = sign::benji_body_only(&Secret::new("salt").unwrap(), &body, Timestamp::UNIX_EPOCH);
    let received = receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH).unwrap();
    let Received::Delivery(delivery) = received else { panic!("Benji sends no handshakes") };
    delivery.replay_key().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

/// A guard with one map that it searches whole.
#[derive(Default)]
struct Naive {
    keys: HashMap<String, NaiveEntry>,
    /// The latest time so far. What ended before it may be forgotten.
    latest: i64,
}

#[derive(Clone, Copy)]
struct NaiveEntry {
    end: Option<i64>,
    token: usize,
    confirmed: bool,
}

impl NaiveEntry {
    fn is_live(&self, now: i64) -> bool {
        self.end.is_none_or(|end| end > now)
    }
}

impl Naive {
    fn live(&self, now: i64) -> usize {
        self.keys.values().filter(|entry| entry.is_live(now)).count()
    }
}

/// Drives both guards with the same operations. Between two operations the clock moves by what `step` returns.
fn same_answers(seed: u64, capacity: usize, keys: &[ReplayKey], mut step: impl FnMut(&mut Random) -> i64) {
    const LEASE_SECONDS: u64 = 30;
    let mut guard = ReplayGuard::new(capacity, LEASE_SECONDS, SEED).unwrap();
    let mut naive = Naive::default();
    let mut claims: Vec<(Claim, ReplayKey, usize)> = Vec::new();
    let mut random = Random(seed);
    let mut now = 1_772_600_767_000;
    let mut tally = HashMap::<&str, usize>::new();
    for token in 0..100_000 {
        now = (now + step(&mut random)).clamp(Timestamp::MIN.unix_millis(), Timestamp::MAX.unix_millis());
        naive.latest = naive.latest.max(now);
        let latest = naive.latest;
        if random.below(2) == 0 || claims.is_empty() {
            let key = keys[random.below(keys.len())];
            let before = naive.keys.get(key.as_str()).copied().filter(|entry| entry.is_live(now));
            // After the clock was set back, the guard may have forgotten what had ended, or may still know it.
            let certain = before.is_none_or(|entry| entry.is_live(latest));
            let live = naive.live(now);
            match guard.claim(&key, at(now)) {
                ClaimOutcome::Claimed(claim) => {
                    assert!(before.is_none() || !certain, "{seed} {token}: claimed, but it is live");
                    assert!(
                        naive.live(latest.max(now)) < capacity,
                        "{seed} {token}: claimed, but the guard is full"
                    );
                    let end = now + i64::try_from(LEASE_SECONDS).unwrap() * 1000;
                    let entry = NaiveEntry { end: Some(end), token, confirmed: false };
                    naive.keys.insert(key.to_string(), entry);
                    claims.push((claim, key, token));
                    *tally.entry("claimed").or_default() += 1;
                }
                ClaimOutcome::InProgress(seconds_left) => {
                    let entry =
                        before.filter(|entry| !entry.confirmed).expect("in progress, but it is not claimed");
                    let left = u64::try_from(entry.end.unwrap() - now).unwrap();
                    assert_eq!(seconds_left, left.div_ceil(1000));
                    *tally.entry("in progress").or_default() += 1;
                }
                ClaimOutcome::Duplicate => {
                    assert!(
                        before.is_some_and(|entry| entry.confirmed),
                        "{seed} {token}: a duplicate of nothing"
                    );
                    *tally.entry("duplicate").or_default() += 1;
                }
                ClaimOutcome::Full => {
                    assert!(before.is_none() || !certain, "{seed} {token}: full, but the key is there");
                    assert!(live >= capacity, "{seed} {token}: full with {live} of {capacity}");
                    *tally.entry("full").or_default() += 1;
                }
            }
        } else {
            let (claim, key, own) = claims.swap_remove(random.below(claims.len()));
            let before = naive.keys.get(key.as_str()).copied();
            let is_own = before.is_some_and(|entry| entry.token == own && !entry.confirmed);
            let in_time = before.is_some_and(|entry| entry.is_live(now.max(latest)));
            if random.below(3) == 0 {
                let released = guard.release(claim);
                // If the lease has ended, the guard may have given the place to another key.
                assert!(if is_own && in_time { released } else { is_own || !released }, "{seed} {token}");
                if is_own {
                    naive.keys.remove(key.as_str());
                }
                *tally.entry(if released { "released" } else { "not released" }).or_default() += 1;
            } else {
                let another = before.filter(|entry| entry.token != own);
                let others = naive.live(now) - usize::from(before.is_some_and(|entry| entry.is_live(now)));
                let confirmed = guard.confirm(claim, at(now));
                match another {
                    None => assert!(
                        confirmed || (others >= capacity && !in_time),
                        "{seed} {token}: own, not confirmed"
                    ),
                    Some(entry) if entry.is_live(latest) => {
                        assert!(!confirmed, "{seed} {token}: another's, confirmed");
                    }
                    // Another claim that has ended counts no more.
                    Some(entry) if !entry.is_live(now) => {
                        assert!(
                            confirmed || others >= capacity,
                            "{seed} {token}: another's has ended, not confirmed"
                        );
                    }
                    // The clock was set back: the guard may have forgotten the other claim.
                    Some(_) => {}
                }
                if confirmed {
                    let retention =
                        key.retention_seconds().map(|seconds| i64::try_from(seconds).unwrap() * 1000);
                    let end = retention.map(|retention| now + retention);
                    naive.keys.insert(key.to_string(), NaiveEntry { end, token: own, confirmed: true });
                }
                *tally.entry(if confirmed { "confirmed" } else { "not confirmed" }).or_default() += 1;
            }
        }
        assert!(guard.held() <= capacity);
    }
    for answer in ["claimed", "in progress", "duplicate", "released", "confirmed"] {
        assert!(tally.contains_key(answer), "{seed}: never {answer}: {tally:?}");
    }
    assert_eq!(tally.contains_key("full"), capacity < keys.len(), "{seed}: {tally:?}");
}

/// More keys than a queue for each of their retentions can hold in order, and some without end.
fn many_keys(count: usize) -> Vec<ReplayKey> {
    let retentions = [1, 2, 5, 10, 30, 60, 90, 120, 300, 601, 900, 3600];
    let mut keys: Vec<_> =
        (0..count - 2).map(|number| key(number, retentions[number % retentions.len()])).collect();
    keys.extend((0..2).map(key_without_end));
    keys
}

#[test]
fn a_guard_answers_as_a_naive_one() {
    let keys = many_keys(60);
    for seed in 0..4 {
        same_answers(seed, 60, &keys, |random| random.below(4000).try_into().unwrap());
        same_answers(seed, 15, &keys, |random| random.below(4000).try_into().unwrap());
    }
    same_answers(9, 3, &many_keys(20), |random| random.below(4000).try_into().unwrap());
}

#[test]
fn a_guard_answers_as_a_naive_one_when_the_clock_runs_back() {
    let keys = many_keys(60);
    let jitter = |random: &mut Random| i64::try_from(random.below(4000)).unwrap() - 1900;
    let steps = |random: &mut Random| match random.below(200) {
        0 => -86_400_000,
        1 => 86_400_000,
        2 => -i64::try_from(random.below(1_000_000)).unwrap(),
        _ => random.below(4000).try_into().unwrap(),
    };
    let extremes = |random: &mut Random| match random.below(50) {
        0 => Timestamp::MIN.unix_millis(),
        1 => Timestamp::MAX.unix_millis(),
        _ => random.below(4000).try_into().unwrap(),
    };
    for seed in 0..2 {
        same_answers(seed, 60, &keys, jitter);
        same_answers(seed, 60, &keys, steps);
        same_answers(seed, 60, &keys, extremes);
        same_answers(seed, 15, &keys, jitter);
        same_answers(seed, 15, &keys, steps);
    }
}

#[test]
fn a_lease_and_a_retention_end_at_their_millisecond() {
    let mut guard = ReplayGuard::new(10, 30, SEED).unwrap();
    let key = key(1, 300);
    let ClaimOutcome::Claimed(first) = guard.claim(&key, at(500)) else { panic!() };
    assert!(matches!(guard.claim(&key, at(500)), ClaimOutcome::InProgress(30)));
    assert!(matches!(guard.claim(&key, at(30_499)), ClaimOutcome::InProgress(1)));
    let ClaimOutcome::Claimed(second) = guard.claim(&key, at(30_500)) else { panic!("the lease has ended") };
    assert!(!guard.confirm(first, at(30_600)), "the second claim holds the key");
    assert!(guard.confirm(second, at(40_000)));
    assert!(matches!(guard.claim(&key, at(339_999)), ClaimOutcome::Duplicate));
    assert!(matches!(guard.claim(&key, at(340_000)), ClaimOutcome::Claimed(_)));
}

#[test]
fn a_claim_is_confirmed_late_if_nobody_else_has_the_key() {
    let mut guard = ReplayGuard::new(1, 1, SEED).unwrap();
    let (slow, other) = (key(1, 300), key(2, 1));
    let ClaimOutcome::Claimed(claim) = guard.claim(&slow, at(0)) else { panic!() };
    // Its place goes to another key, which ends before the slow handler does.
    let ClaimOutcome::Claimed(taken) = guard.claim(&other, at(1000)) else { panic!() };
    assert!(guard.confirm(taken, at(1000)));
    assert!(guard.confirm(claim, at(2000)));
    assert!(matches!(guard.claim(&slow, at(2000)), ClaimOutcome::Duplicate));

    // Here the other key lives on.
    let mut guard = ReplayGuard::new(1, 1, SEED).unwrap();
    let ClaimOutcome::Claimed(claim) = guard.claim(&slow, at(0)) else { panic!() };
    let ClaimOutcome::Claimed(_other) = guard.claim(&other, at(1000)) else { panic!() };
    assert!(!guard.confirm(claim, at(1999)), "there is no place for it");
}

#[test]
fn a_claim_of_one_guard_is_none_of_another() {
    let (mut one, mut other) =
        (ReplayGuard::new(10, 30, SEED).unwrap(), ReplayGuard::new(10, 30, SEED).unwrap());
    let (key, second) = (key(1, 300), key(2, 300));
    let ClaimOutcome::Claimed(claim) = one.claim(&key, at(0)) else { panic!() };
    let ClaimOutcome::Claimed(_held) = other.claim(&second, at(0)) else { panic!() };
    assert!(!other.release(claim));
    assert!(matches!(other.claim(&second, at(0)), ClaimOutcome::InProgress(_)));
}

#[test]
fn times_and_leases_at_their_extremes() {
    const LONGEST: u64 = u32::MAX as u64;
    let mut guard = ReplayGuard::new(10, LONGEST, SEED).unwrap();
    let (longest, endless) = (key(1, LONGEST), key_without_end(1));
    for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH, Timestamp::MIN] {
        for key in [&longest, &endless] {
            match guard.claim(key, now) {
                ClaimOutcome::Claimed(claim) => assert!(guard.confirm(claim, now)),
                outcome => assert!(matches!(outcome, ClaimOutcome::Duplicate), "{outcome:?}"),
            }
            assert!(matches!(guard.claim(key, now), ClaimOutcome::Duplicate));
        }
    }
    for (capacity, lease) in
        [(0, 30), (16_777_216, 30), (usize::MAX, 30), (10, 0), (10, LONGEST + 1), (10, u64::MAX)]
    {
        let error = ReplayGuard::new(capacity, lease, SEED).unwrap_err();
        assert!(matches!(error, SetupError::LimitOutOfRange(_)), "{capacity} {lease}: {error}");
    }
}

#[test]
fn one_of_many_threads_wins_each_key() {
    let guard = Mutex::new(ReplayGuard::new(1000, 30, SEED).unwrap());
    let keys: Vec<_> = (0..1000).map(|number| key(number, 300)).collect();
    let wins: Vec<_> = keys.iter().map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for (key, wins) in keys.iter().zip(&wins) {
                    let outcome = guard.lock().unwrap().claim(key, at(0));
                    if let ClaimOutcome::Claimed(claim) = outcome {
                        std::thread::yield_now();
                        assert!(guard.lock().unwrap().confirm(claim, at(0)));
                        wins.fetch_add(1, Relaxed);
                    }
                }
            });
        }
    });
    assert!(wins.iter().all(|wins| wins.load(Relaxed) == 1));
}

/// A window of a day accepts late repetitions of the sender, and the keys are kept as long.
#[test]
fn a_wide_window_with_a_signed_time_loses_nothing_and_lets_no_replay_through() {
    const DAY: i64 = 86_400;
    let options = benji::Options::default().window(Window::seconds(86_400, 60)).require_signed_time();
    let receiver = options.receiver(Keys::new("salt").unwrap()).unwrap();
    let (body, signed_at) = (br#"{"event":"transaction_created","entity_id":7}"#, 1_772_600_767);
    let second = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
    let headers = sign::benji(&Secret::new("salt").unwrap(), body, second(signed_at));
    // A delivery that arrives first after any time up to a day is accepted, and from then on no replay is.
    for first in [-60, 0, 1, 301, DAY / 2, DAY - 1, DAY] {
        let mut guard = ReplayGuard::new(10, 30, SEED).unwrap();
        let mut handled = 0;
        for now in (-60..=2 * DAY + 120).filter(|now| (*now - first) % 1800 < 2 || (*now - DAY).abs() < 70) {
            let now = if now < first { continue } else { second(signed_at + now) };
            let Ok(Received::Delivery(delivery)) = receiver.receive(Request::post(&headers, &body[..]), now)
            else {
                continue;
            };
            if let ClaimOutcome::Claimed(claim) = guard.claim(&delivery.replay_key().unwrap(), now) {
                assert!(guard.confirm(claim, now));
                handled += 1;
            }
        }
        assert_eq!(handled, 1, "first at {first} s");
    }
}

#[test]
fn forged_requests_leave_a_guard_unchanged() {
    let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
    let mut guard = ReplayGuard::new(10, 30, SEED).unwrap();
    let body: &[u8] = br#"{"event":"transaction_created","entity_id":1}"#;
    let headers = sign::benji(&Secret::new("not the salt").unwrap(), body, at(0));
    let ClaimOutcome::Claimed(_held) = guard.claim(&key(1, 300), at(0)) else { panic!("the guard is empty") };
    for _ in 0..10_000 {
        // Only a delivery has a key, and this request never is one.
        let rejection = receiver.receive(Request::post(&headers, body), at(0)).unwrap_err();
        assert_eq!(rejection.code(), "signature_mismatch");
    }
    assert_eq!(guard.held(), 1);
}

#[test]
fn a_guard_counts_the_keys_that_it_holds() {
    let mut guard = ReplayGuard::new(3, 30, SEED).unwrap();
    assert_eq!((guard.held(), guard.capacity()), (0, 3));
    let claims: Vec<_> = (0..3)
        .map(|number| {
            let ClaimOutcome::Claimed(claim) = guard.claim(&key(number, 300), at(0)) else { panic!() };
            assert_eq!((guard.held(), guard.capacity()), (number + 1, 3));
            claim
        })
        .collect();
    assert!(matches!(guard.claim(&key(3, 300), at(0)), ClaimOutcome::Full));
    assert_eq!(guard.held(), 3);
    for (claim, left) in claims.into_iter().zip([2, 1, 0]) {
        assert!(guard.release(claim));
        assert_eq!(guard.held(), left);
    }
}

#[test]
fn debug_shows_no_key() {
    let mut guard = ReplayGuard::new(10, 30, SEED).unwrap();
    let _claimed = guard.claim(&key(1, 300), at(0));
    assert_eq!(format!("{guard:?}"), "ReplayGuard(1 of 10 keys)");
}

#[test]
fn debug_of_a_key_shows_it_and_its_retention() {
    let key = key(1, 300);
    assert_eq!(format!("{key:?}"), format!("ReplayKey {{ digest: {key}, retention_seconds: Some(300) }}"));
}
