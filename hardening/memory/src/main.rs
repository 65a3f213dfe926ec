//! Uses secrets in one scheme, drops everything that holds them, and waits, so that `memory.py` can search this
//! program's memory.
//!
//!     memory SCHEME SECRET_BYTES        # prints "ready", and ends when its input ends

use std::{
    hint::black_box,
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use hookseal::{
    Headers, Key, Keys, Received, Receiver, Request, Secret, Timestamp,
    bento::Credentials,
    sign::{self, SignedHeaders},
};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// A body that is an event for every vendor.
const BODY: &[u8] = br#"{"event":"transaction_created","action":"answer","entity_id":"0f8fad5b-d9cb-469f"}"#;
const USER: &str = "publishable";

fn main() {
    let scheme = std::env::args().nth(1).expect("a scheme");
    let length = std::env::args().nth(2).and_then(|length| length.parse().ok()).expect("a length");
    // On a thread that makes no further calls, so that no later call overwrites its stack.
    run(&DONE, move || act(&scheme, length));
    println!("ready");
    std::io::stdout().flush().expect("an output");
    let _ = std::io::stdin().read(&mut [0]);
}

static DONE: AtomicBool = AtomicBool::new(false);
static DONE_ON_ANOTHER_THREAD: AtomicBool = AtomicBool::new(false);

/// Does the work on a thread that stays alive, and waits for the end of the work.
fn run(done: &'static AtomicBool, work: impl FnOnce() + Send + 'static) {
    let thread = thread::spawn(move || {
        work();
        done.store(true, Ordering::Release);
        loop {
            thread::park();
        }
    });
    while !done.load(Ordering::Acquire) {
        assert!(!thread.is_finished(), "the work did not end well");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The secret number `which`, made byte by byte so that no constant of the program holds it. `memory.py` makes the
/// same.
fn secret(which: usize, length: usize) -> Zeroizing<Vec<u8>> {
    let mut secret = Zeroizing::new(Vec::with_capacity(length));
    for at in 0..black_box(length) {
        let value = 33 + (at * 7 + which * 13 + at * at % 11) % 90;
        secret.push(u8::try_from(black_box(value)).expect("a byte"));
    }
    secret
}

/// The same with a first byte outside of ASCII.
fn secret_above_ascii(which: usize, length: usize) -> Zeroizing<Vec<u8>> {
    let mut secret = secret(which, length);
    secret[0] = 0xe9;
    secret
}

/// The secret as a text. HTTP libraries decode a header in this way.
fn text(secret: &[u8]) -> Zeroizing<String> {
    // With its full capacity from the start, because a growing text would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * secret.len()));
    secret.iter().for_each(|byte| text.push(char::from(*byte)));
    text
}

#[inline(never)]
fn act(scheme: &str, length: usize) {
    if let Some(scheme) = scheme.strip_prefix("sign_") {
        drop(black_box(signed(scheme, 1, length)));
        return;
    }
    if let Some(scheme) = scheme.strip_prefix("build_") {
        drop(black_box(receiver(scheme, length)));
        return;
    }
    if let Some(scheme) = scheme.strip_suffix("_on_another_thread") {
        on_another_thread(scheme, length);
        return;
    }
    let receiver = receiver(scheme, length);
    // A request for the last key of the ring, a forged one, and one that is refused early.
    for which in [1, 2] {
        let is_accepted = if scheme == "benti_above_ascii" {
            let text = text(&secret_above_ascii(which, length));
            receive(&receiver, &[("x-hook-signature", text.as_str())])
        } else {
            receive(&receiver, &signed(scheme, which, length))
        };
        assert_eq!(is_accepted, which == 1 || scheme == "id_key");
    }
    assert!(!receive(&receiver, &[("host", "a")]));
    match scheme {
        // Controls, in which a secret has to be found.
        "control_receiver_kept" => std::mem::forget(receiver),
        "control_secret_kept" => std::mem::forget(black_box(secret(0, length).to_vec())),
        "control_secret_on_the_stack" => left_on_the_stack(length),
        _ => drop(receiver),
    }
}

/// Receives on a thread that stays alive, and drops the receiver on this one.
fn on_another_thread(scheme: &str, length: usize) {
    let receiver = Arc::new(receiver(scheme, length));
    let requests = [1, 2].map(|which| (signed(scheme, which, length), which == 1));
    let (of_thread, is_control) = (Arc::clone(&receiver), scheme == "control");
    run(&DONE_ON_ANOTHER_THREAD, move || {
        for (headers, is_genuine) in requests {
            assert_eq!(receive(&of_thread, &headers), is_genuine);
        }
        drop(of_thread);
        if is_control {
            left_on_the_stack(length);
        }
    });
    drop(Arc::into_inner(receiver).expect("the last owner"));
}

fn receiver(scheme: &str, length: usize) -> Receiver {
    let secret = if scheme == "benti_above_ascii" { secret_above_ascii } else { secret };
    let ring = || {
        let keys = (0..2).map(|which| Key::exact(&*secret(which, length)).expect("a key"));
        Keys::ring(keys.collect::<Vec<_>>()).expect("a ring")
    };
    match scheme {
        "benti" | "benti_above_ascii" => Receiver::benti(ring()),
        "basic" => Receiver::bento(Credentials::Basic { user: USER, keys: ring() }),
        "bearer" => Receiver::bento(Credentials::Bearer { keys: ring() }),
        "header" => Receiver::bento(Credentials::Header { name: "x-own", keys: ring() }),
        "id_key" => Receiver::benji(Keys::new("another salt").expect("a ring"))
            .and_then(|receiver| receiver.id_key(&*secret(0, length))),
        _ => Receiver::benji(ring()),
    }
    .expect("a receiver")
}

/// The headers of a request, signed with the secret number `which`.
fn signed(scheme: &str, which: usize, length: usize) -> SignedHeaders {
    let of_the_id_key = || Secret::new("another salt").expect("a secret");
    let proof = || Secret::new(&*secret(which, length)).expect("a secret");
    match scheme {
        "benti" => sign::benti(&proof()),
        "basic" => sign::bento_basic(USER, &proof()),
        "bearer" => sign::bento_bearer(&proof()),
        "header" => sign::bento_header("x-own", &proof()),
        "id_key" => sign::benji(&of_the_id_key(), BODY, NOW),
        "benji_body_only" => sign::benji_body_only(&proof(), BODY, NOW),
        _ => sign::benji(&proof(), BODY, NOW),
    }
}

/// Whether the request is accepted. All events of a delivery are read.
fn receive<H: Headers + ?Sized>(receiver: &Receiver, headers: &H) -> bool {
    let received = receiver.receive(Request::post(headers, BODY), NOW);
    if let Ok(Received::Delivery(delivery)) = &received {
        for event in delivery {
            black_box((event.id().to_string(), event.replay_key(), delivery.replay_key()));
        }
    }
    received.is_ok()
}

/// Leaves a part of the secret deep on the stack, like a spilled register.
#[inline(never)]
fn left_on_the_stack(length: usize) {
    let mut deep = [0_u8; 65_536];
    deep[64..96].copy_from_slice(&secret(0, length)[..32]);
    black_box(&mut deep);
}
