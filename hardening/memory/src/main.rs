//! Uses secrets in one scheme, drops everything that holds them, and waits, so that `memory.py` can search this
//! program's memory.
//!
//!     memory SCHEME SECRET_BYTES        # prints "ready", and ends when its input does

use std::{
    hint::black_box,
    io::{Read, Write},
};

use hookseal::{Key, Keys, Received, Receiver, Request, Secret, Timestamp, bento::Credentials, sign};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// An event of every vendor.
const BODY: &[u8] = br#"{"event":"transaction_created","action":"answer","entity_id":"0f8fad5b-d9cb-469f"}"#;
const USER: &str = "publishable";

fn main() {
    let scheme = std::env::args().nth(1).expect("a scheme");
    let length = std::env::args().nth(2).and_then(|length| length.parse().ok()).expect("a length");
    act(&scheme, length);
    println!("ready");
    std::io::stdout().flush().expect("an output");
    let _ = std::io::stdin().read(&mut [0]);
}

/// The secret number `which`, made byte by byte so that no constant of the program holds it; `memory.py` makes the same.
fn secret(which: usize, length: usize) -> Zeroizing<Vec<u8>> {
    let mut secret = Zeroizing::new(Vec::with_capacity(length));
    for at in 0..black_box(length) {
        let value = 33 + (at * 7 + which * 13 + at * at % 11) % 90;
        secret.push(u8::try_from(black_box(value)).expect("a byte"));
    }
    secret
}

#[inline(never)]
fn act(scheme: &str, length: usize) {
    let ring = || {
        let keys = (0..2).map(|which| Key::exact(&*secret(which, length)).expect("a key"));
        Keys::ring(keys.collect::<Vec<_>>()).expect("a ring")
    };
    let receiver = match scheme {
        "benti" => Receiver::benti(ring()),
        "basic" => Receiver::bento(Credentials::Basic { user: USER, keys: ring() }),
        "bearer" => Receiver::bento(Credentials::Bearer { keys: ring() }),
        "header" => Receiver::bento(Credentials::Header { name: "x-own", keys: ring() }),
        "id_key" => Receiver::benji(Keys::new("another salt").expect("a ring"))
            .and_then(|receiver| receiver.id_key(&*secret(0, length))),
        _ => Receiver::benji(ring()),
    }
    .expect("a receiver");
    // The last key of the ring, a forged request, and one that is refused early.
    for which in [1, 2] {
        let of_the_id_key = || Secret::new("another salt").expect("a secret");
        let proof = || Secret::new(&*secret(which, length)).expect("a secret");
        let headers = match scheme {
            "benti" => sign::benti(&proof()),
            "basic" => sign::bento_basic(USER, &proof()),
            "bearer" => sign::bento_bearer(&proof()),
            "header" => sign::bento_header("x-own", &proof()),
            "id_key" => sign::benji(&of_the_id_key(), BODY, NOW),
            "benji_body_only" => sign::benji_body_only(&proof(), BODY, NOW),
            _ => sign::benji(&proof(), BODY, NOW),
        };
        let received = receiver.receive(Request::post(&headers, BODY), NOW);
        if let Ok(Received::Delivery(delivery)) = &received {
            for event in delivery {
                black_box((event.id().to_string(), event.replay_key(), delivery.replay_key()));
            }
        }
        assert_eq!(received.is_ok(), which == 1 || scheme == "id_key");
    }
    assert!(receiver.receive(Request::post(&[("host", "a")], BODY), NOW).is_err());
    match scheme {
        // Controls, in which something is found.
        "control_receiver_kept" => std::mem::forget(receiver),
        "control_secret_kept" => std::mem::forget(black_box(secret(0, length).to_vec())),
        "control_secret_on_the_stack" => left_on_the_stack(length),
        _ => drop(receiver),
    }
}

/// Leaves a part of the secret deep on the stack, as a spilled register would be.
#[inline(never)]
fn left_on_the_stack(length: usize) {
    let mut deep = [0_u8; 65_536];
    deep[64..96].copy_from_slice(&secret(0, length)[..32]);
    black_box(&mut deep);
}
