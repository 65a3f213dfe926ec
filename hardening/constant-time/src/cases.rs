//! The cases. Each returns the number of findings up to its verdict.

use std::hint::black_box;

use hookseal::{
    Key, Keys, Secret, Timestamp,
    internals::{
        PreparedKey, Ring, SharedSecret, Tag, basic, bearer, decode_signature, secret_bytes, tags_equal,
    },
};
use subtle::Choice;
use zeroize::ZeroizeOnDrop;

use crate::client;

type Case = fn() -> u64;

pub(crate) const ALL: [(&str, Case); 18] = [
    ("signature", signature_that_fits),
    ("signature_of_another", signature_of_another),
    ("signature_with_a_long_key", signature_with_a_long_key),
    ("signature_of_time_and_body", signature_of_time_and_body),
    ("signature_of_time_and_body_of_another", signature_of_time_and_body_of_another),
    ("signature_of_the_body_alone_with_a_time", signature_of_the_body_alone_with_a_time),
    ("shared_secret", shared_secret_that_fits),
    ("shared_secret_of_another", shared_secret_of_another),
    ("shared_secret_that_starts_alike", shared_secret_that_starts_alike),
    ("basic", basic_credentials),
    ("bearer", bearer_token),
    ("ring_of_16_signatures", ring_of_signatures),
    ("ring_of_16_signatures_of_time_and_body", ring_of_signatures_of_time_and_body),
    ("ring_of_16_secrets", ring_of_secrets),
    ("leak_by_an_early_exit", leak_by_an_early_exit),
    ("leak_by_a_text_comparison", leak_by_a_text_comparison),
    ("leak_by_a_table", leak_by_a_table),
    ("leak_in_a_ring", leak_in_a_ring),
];

const BODY: &[u8] = br#"{"event":"reward_transaction_updated","entity":3,"entity_id":243}"#;

const TIME: &[u8] = b"Wed, 04 Mar 2026 05:06:07 GMT";

/// A time. The compiler does not know its length.
fn time() -> &'static [u8] {
    black_box(TIME)
}

/// A body. The compiler does not know its length.
fn body() -> &'static [u8] {
    black_box(BODY)
}

/// A key, marked as secret before it is prepared.
fn key(length: usize) -> Vec<u8> {
    let key = vec![b's'; length];
    client::secret(&key);
    black_box(key)
}

/// The same as a `Secret`. It is marked after `Secret::new` has looked for mistakes such as an unset variable, which
/// happens once, before any request.
fn a_secret(length: usize) -> Secret {
    let secret = Secret::new(vec![b's'; length]).expect("a secret");
    client::secret(secret_bytes(&secret));
    black_box(secret)
}

/// The number of findings before the verdict. The verdict itself may be known.
fn verdict(found: Choice, expected: bool) -> u64 {
    let findings = client::findings();
    let [found] = client::declare([found.unwrap_u8()]);
    assert_eq!(found == 1, expected);
    findings
}

/// A signature as a header carries it. The sender knows it, so it is no secret. The expected tag is one.
fn received(key: &[u8]) -> Vec<u8> {
    header_of(PreparedKey::new(key).mac(body()))
}

fn header_of(tag: Tag) -> Vec<u8> {
    let tag = client::declare(tag);
    tag.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn compare(key: &[u8], header: &[u8]) -> Choice {
    let received = decode_signature(header).expect("a signature");
    tags_equal(&PreparedKey::new(key).mac(body()), &received)
}

fn signature_that_fits() -> u64 {
    let key = key(32);
    let header = received(&key);
    verdict(compare(&key, &header), true)
}

fn signature_of_another() -> u64 {
    verdict(compare(&key(32), &[b'7'; 64]), false)
}

/// A key that is longer than a block of the hash is hashed first.
fn signature_with_a_long_key() -> u64 {
    let key = key(200);
    let header = received(&key);
    verdict(compare(&key, &header), true)
}

/// Benji's newer scheme: the time in a header, then the body.
fn compare_with_time(key: &[u8], header: &[u8]) -> Choice {
    let received = decode_signature(header).expect("a signature");
    tags_equal(&PreparedKey::new(key).mac_of_two(time(), body()), &received)
}

fn signature_of_time_and_body() -> u64 {
    let key = key(32);
    let header = header_of(PreparedKey::new(&key).mac_of_two(time(), body()));
    verdict(compare_with_time(&key, &header), true)
}

fn signature_of_time_and_body_of_another() -> u64 {
    verdict(compare_with_time(&key(32), &[b'7'; 64]), false)
}

/// The older scheme's tag in a request of the newer scheme.
fn signature_of_the_body_alone_with_a_time() -> u64 {
    let key = key(32);
    let header = received(&key);
    verdict(compare_with_time(&key, &header), false)
}

fn shared(received: &[u8], expected: bool) -> u64 {
    let shared = SharedSecret::new(&a_secret(24));
    verdict(shared.fits(black_box(received)), expected)
}

fn shared_secret_that_fits() -> u64 {
    shared(&[b's'; 24], true)
}

fn shared_secret_of_another() -> u64 {
    shared(b"another", false)
}

fn shared_secret_that_starts_alike() -> u64 {
    shared(b"sssssssssssssssssssssssx", false)
}

fn basic_credentials() -> u64 {
    let shared = SharedSecret::with_user("key", &a_secret(6));
    // key:ssssss
    let found = basic(black_box(b"Basic a2V5OnNzc3Nzcw=="), |received| shared.fits(received));
    verdict(found.expect("credentials"), true)
}

fn bearer_token() -> u64 {
    let shared = SharedSecret::new(&a_secret(6));
    let received = bearer(black_box(b"Bearer ssssst")).expect("a token");
    verdict(shared.fits(received), false)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).expect("in range")
}

/// A full ring. Some keys are not yet valid, and some no longer. One of the valid ones fits.
fn ring_of<K: ZeroizeOnDrop>(prepare: impl Fn(&Secret) -> K) -> Ring<K> {
    let keys = (0..u8::try_from(Keys::MAX).expect("16")).map(|position| {
        let key = Key::new(vec![b'A' + position; 32]).expect("a secret");
        match position % 4 {
            1 => key.with_not_before(at(1)),
            2 => key.with_not_after(at(-1)),
            _ => key,
        }
    });
    Ring::new(Keys::ring(keys).expect("a ring"), |secret| {
        client::secret(secret_bytes(secret));
        prepare(secret)
    })
}

/// The number of findings when the search is about to compare the last key. By then the same code has taken every other
/// step. After the last step the verdict follows: which key fits.
fn findings_of_a_search<K: ZeroizeOnDrop>(ring: &Ring<K>, fits: impl Fn(&K) -> Choice) -> u64 {
    let (tried, findings) = (std::cell::Cell::new(0), std::cell::Cell::new(u64::MAX));
    let found = ring.find(at(0), |key| {
        tried.set(tried.get() + 1);
        findings.set(client::findings());
        black_box(&fits)(key)
    });
    assert_eq!(tried.get(), Keys::MAX);
    // The verdict is known now, so later findings do not count.
    black_box(found);
    findings.get()
}

fn ring_of_signatures() -> u64 {
    let received: Tag = client::declare(PreparedKey::new(&[b'A' + 3; 32]).mac(body()));
    let ring = ring_of(|secret| PreparedKey::new(secret_bytes(secret)));
    findings_of_a_search(&ring, |key| tags_equal(&key.mac(body()), &received))
}

fn ring_of_signatures_of_time_and_body() -> u64 {
    let received: Tag = client::declare(PreparedKey::new(&[b'A' + 3; 32]).mac_of_two(time(), body()));
    let ring = ring_of(|secret| PreparedKey::new(secret_bytes(secret)));
    findings_of_a_search(&ring, |key| tags_equal(&key.mac_of_two(time(), body()), &received))
}

fn ring_of_secrets() -> u64 {
    let ring = ring_of(SharedSecret::new);
    findings_of_a_search(&ring, |secret| secret.fits(black_box(&[b'A' + 3; 32])))
}

/// Stops at the first byte that differs.
fn leak_by_an_early_exit() -> u64 {
    let tag = PreparedKey::new(&key(32)).mac(body());
    let equal = tag.iter().zip(&[7; 32]).all(|(one, other)| black_box(*one) == black_box(*other));
    black_box(equal);
    client::findings()
}

/// Writes the expected tag as text and compares texts.
fn leak_by_a_text_comparison() -> u64 {
    let tag = PreparedKey::new(&key(32)).mac(body());
    let text: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    black_box(text == black_box("7".repeat(64)));
    client::findings()
}

/// An address that depends on a secret.
fn leak_by_a_table() -> u64 {
    const TABLE: [u8; 256] = [1; 256];
    black_box(black_box(&TABLE)[usize::from(key(32)[0])]);
    client::findings()
}

/// A search that ends at the first key that fits.
fn leak_in_a_ring() -> u64 {
    let ring = ring_of(SharedSecret::new);
    findings_of_a_search(&ring, |secret| {
        let fits = secret.fits(black_box(&[b'A' + 3; 32]));
        if black_box(bool::from(fits)) { Choice::from(1) } else { fits }
    })
}
