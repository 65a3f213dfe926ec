//! The statistical test (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?"). It compares two classes of
//! requests that are wrong in different places and must take the same time. A |t| above 5 means that they do not.
//!
//! `leak_by_an_early_exit` is the control. Timings are noisy, so `timing.sh` runs the test three times.

use std::hint::black_box;

use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use hookseal::{Key, Keys, Receiver, Request, Secret, Timestamp, bento::Credentials, sign};

const SAMPLES: u32 = 100_000;
const BODY: &[u8] = br#"{"event":"reward_transaction_updated","entity":3,"entity_id":243}"#;
const SECRET: &str = "a secret with thirty-two letters";

/// Times `work` on one of two headers at a time, in an order that no branch predictor can learn.
fn compare(runner: &mut CtRunner, rng: &mut BenchRng, headers: [Vec<u8>; 2], work: impl Fn(&[u8])) {
    assert_eq!(headers[0].len(), headers[1].len());
    let mut header = headers[0].clone();
    let mut state = u64::from_le_bytes(rng.get_seed()[..8].try_into().expect("8 of 32 bytes")) | 1;
    for _ in 0..SAMPLES {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let right = state >> 40 & 1;
        // The same instructions write either header to the same place, so only the bytes differ.
        let mask = black_box(0_u8.wrapping_sub(u8::from(right == 1)));
        for ((byte, one), other) in header.iter_mut().zip(&headers[0]).zip(&headers[1]) {
            *byte = one ^ ((one ^ other) & mask);
        }
        let class = [Class::Left, Class::Right][usize::from(mask & 1)];
        runner.run_one(class, || work(black_box(&header)));
    }
}

fn refuse(receiver: &Receiver, name: &'static str, header: &[u8], code: &str) {
    refuse_all(receiver, &[(name, header)], code);
}

fn refuse_all(receiver: &Receiver, headers: &[(&'static str, &[u8])], code: &str) {
    let outcome = receiver.receive(Request::post(headers, BODY), Timestamp::UNIX_EPOCH);
    assert!(black_box(outcome).is_err_and(|rejection| rejection.code() == code));
}

fn header_of(signed: &sign::SignedHeaders) -> Vec<u8> {
    signed.iter().next().expect("a header").1.to_vec()
}

fn secret() -> Secret {
    Secret::new(SECRET).expect("a secret")
}

/// Two wrong headers: one at its first byte, one at its last.
fn nearly(right: &[u8], first: usize) -> [Vec<u8>; 2] {
    [first, right.len() - 1].map(|place| {
        let mut wrong = right.to_vec();
        wrong[place] = if wrong[place] == b'a' { b'b' } else { b'a' };
        wrong
    })
}

fn signature(runner: &mut CtRunner, rng: &mut BenchRng) {
    let receiver = Receiver::benji(Keys::new(SECRET).expect("a ring")).unwrap();
    let right = header_of(&sign::benji_body_only(&secret(), BODY, Timestamp::UNIX_EPOCH));
    compare(runner, rng, nearly(&right, 0), |header| {
        refuse(&receiver, "x-benji-signature", header, "signature_mismatch");
    });
}

/// A signature of a time and the body.
fn time_and_body(runner: &mut CtRunner, rng: &mut BenchRng) {
    let receiver = Receiver::benji(Keys::new(SECRET).expect("a ring")).unwrap();
    let signed = sign::benji(&secret(), BODY, Timestamp::UNIX_EPOCH);
    let time = signed.iter().nth(1).expect("a time").1.to_vec();
    compare(runner, rng, nearly(&header_of(&signed), 0), |header| {
        let headers = [("x-benji-signature", header), ("x-benji-timestamp", time.as_slice())];
        refuse_all(&receiver, &headers, "signature_mismatch");
    });
}

fn shared_secret(runner: &mut CtRunner, rng: &mut BenchRng) {
    let receiver = Receiver::benti(Keys::new(SECRET).expect("a ring")).expect("a receiver");
    compare(runner, rng, nearly(SECRET.as_bytes(), 0), |header| {
        refuse(&receiver, "x-hook-signature", header, "signature_mismatch");
    });
}

fn basic(runner: &mut CtRunner, rng: &mut BenchRng) {
    let keys = Keys::new(SECRET).expect("a ring");
    let receiver = Receiver::bento(Credentials::Basic { user: "key", keys }).expect("a receiver");
    // `key:` and a password of 32 characters are 36 bytes, and their base64 has no padding.
    let wrong = nearly(SECRET.as_bytes(), 0)
        .map(|password| header_of(&sign::bento_basic("key", &Secret::new(password).expect("a secret"))));
    compare(runner, rng, wrong, |header| {
        refuse(&receiver, "authorization", header, "signature_mismatch");
    });
}

/// A ring of 16 keys. In one class the first key fits, in the other the last.
fn key_ring(runner: &mut CtRunner, rng: &mut BenchRng) {
    let secrets: Vec<String> = (0..Keys::MAX).map(|position| format!("secret {position}")).collect();
    let keys = Keys::ring(secrets.iter().map(|secret| Key::new(secret).expect("a key"))).expect("a ring");
    let receiver = Receiver::benji(keys).unwrap();
    let headers = [&secrets[0], &secrets[Keys::MAX - 1]].map(|secret| {
        header_of(&sign::benji_body_only(
            &Secret::new(secret).expect("a secret"),
            BODY,
            Timestamp::UNIX_EPOCH,
        ))
    });
    compare(runner, rng, headers, |header| {
        // A key fits, so the check after it refuses the request.
        refuse(&receiver, "x-benji-signature", header, "missing_timestamp");
    });
}

/// Compares texts byte by byte, and stops at the first byte that differs.
fn leak_by_an_early_exit(runner: &mut CtRunner, rng: &mut BenchRng) {
    let right = header_of(&sign::benji_body_only(&secret(), BODY, Timestamp::UNIX_EPOCH));
    compare(runner, rng, nearly(&right, 0), |header| {
        let equal = header.iter().zip(&right).all(|(one, other)| black_box(*one) == black_box(*other));
        assert!(!black_box(equal));
    });
}

ctbench_main!(signature, time_and_body, shared_secret, basic, key_ring, leak_by_an_early_exit);
