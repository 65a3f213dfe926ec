//! HMAC-SHA256 with a prepared key, and the digests that name events and deliveries.

use alloc::boxed::Box;
use core::{fmt, slice};

use sha2::block_api::compress256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A full HMAC-SHA256 tag. A shorter one is never accepted.
pub(crate) type Tag = [u8; 32];

/// A prepared HMAC-SHA256 key (RFC 2104): the hash states after the padded key, for the inner and the outer pass. A
/// message then costs only its own blocks and one more.
#[derive(ZeroizeOnDrop)]
pub(crate) struct PreparedKey {
    inner: State,
    outer: State,
}

impl PreparedKey {
    /// Prepares the key on the heap, where it stays: a move would leave a copy that nothing wipes.
    pub(crate) fn new(key: &[u8]) -> Box<Self> {
        let mut prepared = Box::new(Self { inner: INITIAL, outer: INITIAL });
        let mut padded = Zeroizing::new([0; BLOCK_BYTES]);
        if key.len() > BLOCK_BYTES {
            let mut digest = Zeroizing::new(INITIAL);
            finish(&mut digest, key, 0);
            write_at(&mut *padded, 0, &*Zeroizing::new(to_bytes(*digest)));
        } else {
            write_at(&mut *padded, 0, key);
        }
        padded.iter_mut().for_each(|byte| *byte ^= INNER_PAD);
        compress(&mut prepared.inner, slice::from_ref(&*padded));
        padded.iter_mut().for_each(|byte| *byte ^= INNER_PAD ^ OUTER_PAD);
        compress(&mut prepared.outer, slice::from_ref(&*padded));
        wipe_stack();
        prepared
    }

    pub(crate) fn mac(&self, message: &[u8]) -> Tag {
        let mut inner = self.inner;
        finish(&mut inner, message, BLOCK_BYTES);
        let mut outer = self.outer;
        finish(&mut outer, &to_bytes(inner), BLOCK_BYTES);
        to_bytes(outer)
    }

    /// The tag of two pieces that are signed as one message. Only the block that both share is copied.
    pub(crate) fn mac_of_two(&self, first: &[u8], second: &[u8]) -> Tag {
        let mut digest = Digest::new(Some(self));
        digest.update(first);
        digest.update(second);
        digest.finish()
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreparedKey")
    }
}

/// Whether two tags are equal, in constant time. It compares four words of 64 bits: byte by byte costs a third of a
/// whole HMAC.
pub(crate) fn tags_equal(one: &Tag, other: &Tag) -> Choice {
    let (one, _) = one.as_chunks::<8>();
    let (other, _) = other.as_chunks::<8>();
    let difference = one
        .iter()
        .zip(other)
        .fold(0, |bits, (one, other)| bits | (u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other)));
    difference.ct_eq(&0)
}

/// One part of a digest's input, in two pieces.
pub(crate) type Part<'p> = [&'p [u8]; 2];

/// SHA-256, or HMAC-SHA256 if there is a key, of each part's length (8 bytes, big-endian) and bytes. Because of the
/// lengths, two different lists of parts never give the same input.
pub(crate) fn digest_of_parts<'p>(
    key: Option<&PreparedKey>,
    parts: impl IntoIterator<Item = Part<'p>>,
) -> [u8; 32] {
    let mut digest = Digest::new(key);
    for [first, second] in parts {
        digest.update(&length_of(first.len()).wrapping_add(length_of(second.len())).to_be_bytes());
        digest.update(first);
        digest.update(second);
    }
    digest.finish()
}

/// SHA-256, or HMAC-SHA256 if there is a key, of a message that arrives in pieces.
struct Digest<'k> {
    key: Option<&'k PreparedKey>,
    state: State,
    /// The start of a block that is not yet full.
    pending: Block,
    pending_bytes: usize,
    hashed_bytes: usize,
}

impl<'k> Digest<'k> {
    fn new(key: Option<&'k PreparedKey>) -> Self {
        let (state, hashed_bytes) = key.map_or((INITIAL, 0), |key| (key.inner, BLOCK_BYTES));
        Self { key, state, pending: [0; BLOCK_BYTES], pending_bytes: 0, hashed_bytes }
    }

    fn update(&mut self, piece: &[u8]) {
        self.hashed_bytes = self.hashed_bytes.wrapping_add(piece.len());
        let mut piece = piece;
        if self.pending_bytes > 0 {
            let (head, rest) = piece.split_at(piece.len().min(BLOCK_BYTES - self.pending_bytes));
            write_at(&mut self.pending, self.pending_bytes, head);
            self.pending_bytes += head.len();
            if self.pending_bytes < BLOCK_BYTES {
                return;
            }
            compress(&mut self.state, slice::from_ref(&self.pending));
            piece = rest;
        }
        let (blocks, tail) = piece.as_chunks();
        if !blocks.is_empty() {
            compress(&mut self.state, blocks);
        }
        write_at(&mut self.pending, 0, tail);
        self.pending_bytes = tail.len();
    }

    fn finish(mut self) -> [u8; 32] {
        let tail = self.pending.get(..self.pending_bytes).unwrap_or_default();
        finish_tail(&mut self.state, tail, self.hashed_bytes);
        let Some(key) = self.key else { return to_bytes(self.state) };
        let mut outer = key.outer;
        finish(&mut outer, &to_bytes(self.state), BLOCK_BYTES);
        to_bytes(outer)
    }
}

type State = [u32; 8];
type Block = [u8; BLOCK_BYTES];

const BLOCK_BYTES: usize = 64;
/// RFC 2104, section 2.
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;
/// The last bytes of the last block hold the length of the message.
const LENGTH_BYTES: usize = 8;
/// FIPS 180-4, section 5.3.3.
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The only place that hashes SHA-256 blocks.
///
/// Never inlined: the compiler clears the upper halves of the vector registers before a call, but not where AVX code
/// runs on into SHA instructions. Each SHA instruction is then some 80 ns slower: built for `target-cpu=native` with
/// `lto = "fat"`, an HMAC of 65 bytes took 9,146 ns instead of 119 ns.
#[inline(never)]
fn compress(state: &mut State, blocks: &[Block]) {
    #[cfg(test)]
    tests::BLOCKS.with(|hashed| hashed.set(hashed.get() + blocks.len()));
    compress256(state, blocks);
}

/// Wipes the stack that earlier calls used: spilled registers leave parts of keys and states there. Call it where a
/// secret is prepared or dropped, not where a request is checked.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut below = [0_u8; WIPED_STACK_BYTES];
    below.zeroize();
}

/// More stack than any call of a receiver uses.
const WIPED_STACK_BYTES: usize = 16 * 1024;

/// Hashes the rest of a message and its padding. `before` is the number of bytes hashed already. It works in place:
/// passing the state from call to call costs 3 ns.
#[inline]
fn finish(state: &mut State, rest: &[u8], before: usize) {
    let (blocks, tail) = rest.as_chunks();
    if !blocks.is_empty() {
        compress(state, blocks);
    }
    finish_tail(state, tail, before.wrapping_add(rest.len()));
}

/// Hashes the last bytes of a message, less than a block, and its padding.
#[inline]
fn finish_tail(state: &mut State, tail: &[u8], message_bytes: usize) {
    let mut padded = [[0; BLOCK_BYTES]; 2];
    let flat = padded.as_flattened_mut();
    write_at(flat, 0, tail);
    write_at(flat, tail.len(), &[0x80]);
    // SHA-256 counts the bits modulo 2^64.
    let bits = length_of(message_bytes).wrapping_mul(8).to_be_bytes();
    let [first, second] = &mut padded;
    if tail.len() < BLOCK_BYTES - LENGTH_BYTES {
        write_at(first, BLOCK_BYTES - LENGTH_BYTES, &bits);
        compress(state, slice::from_ref(first));
    } else {
        write_at(second, BLOCK_BYTES - LENGTH_BYTES, &bits);
        compress(state, &padded);
    }
}

#[inline]
fn to_bytes(state: State) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut();
    for (place, word) in words.iter_mut().zip(state) {
        *place = word.to_be_bytes();
    }
    bytes
}

#[inline]
fn write_at(block: &mut [u8], start: usize, bytes: &[u8]) {
    if let Some(place) = block.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len())) {
        place.copy_from_slice(bytes);
    }
}

#[inline]
fn length_of(bytes: usize) -> u64 {
    // A `usize` has at most 64 bits on every Rust platform.
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #[cfg(not(feature = "std"))]
    extern crate std;

    use alloc::vec::Vec;
    use core::cell::Cell;

    use hmac::{Hmac, KeyInit, Mac};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::authenticate::signature;

    std::thread_local! {
        pub(super) static BLOCKS: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn two_pieces_cost_the_blocks_of_their_sum_and_one_more() {
        let key = PreparedKey::new(b"key");
        for (first, second) in [(0, 0), (29, 65), (29, 26), (29, 27), (64, 0), (63, 1), (1, 128), (40, 1_000)]
        {
            let before = BLOCKS.get();
            key.mac_of_two(&[b'a'; 1_000][..first], &[b'b'; 1_000][..second]);
            // The padding has at least 9 bytes: a marker, and the 8 bytes of the length.
            let message = (first + second + 9).div_ceil(BLOCK_BYTES);
            assert_eq!(BLOCKS.get() - before, message + 1, "{first} and {second}");
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn mac(key: &[u8], message: &[u8]) -> Tag {
        PreparedKey::new(key).mac(message)
    }

    /// The tag that the crate `hmac` computes.
    fn theirs(key: &[u8], message: &[u8]) -> Tag {
        Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().into()
    }

    #[test]
    fn debug_shows_nothing_of_a_key() {
        assert_eq!(alloc::format!("{:?}", PreparedKey::new(b"hunter2")), "PreparedKey");
    }

    #[test]
    fn every_case_of_rfc_4231_gives_its_tag() {
        let text = include_str!("../../tests/data/rfc4231/rfc-4231-sha256.txt");
        let values = |name| text.lines().filter_map(move |line| line.strip_prefix(name));
        let cases: Vec<_> = values("Key = ").zip(values("Msg = ")).zip(values("MD = ")).collect();
        assert_eq!(cases.len(), 6);
        for ((key, message), tag) in cases {
            assert_eq!(mac(&bytes(key), &bytes(message)).as_slice(), bytes(tag), "{message}");
        }
        // Section 4.6: the tag cut to 128 bits.
        let cut = bytes("a3b6167473100ee06e0c796c2955552b");
        assert_eq!(mac(&[0x0c; 20], b"Test With Truncation")[..16], cut);
    }

    #[test]
    fn every_case_of_wycheproof_has_its_result() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/wycheproof/hmac_sha256_test.json")).unwrap();
        let mut cases = 0;
        for group in file["testGroups"].as_array().unwrap() {
            let tag_bytes = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap() / 8;
            for case in group["tests"].as_array().unwrap() {
                let field = |name| case[name].as_str().unwrap();
                let ours = mac(&bytes(field("key")), &bytes(field("msg")));
                let tag = bytes(field("tag"));
                let valid = field("result") == "valid";
                assert_eq!(ours[..tag_bytes] == tag, valid, "{}", case["tcId"]);
                let accepted = signature::decode(field("tag").as_bytes(), None)
                    .is_some_and(|tag| bool::from(tags_equal(&tag, &ours)));
                assert_eq!(accepted, valid && tag_bytes == 32, "a cut tag is refused: {}", case["tcId"]);
                cases += 1;
            }
        }
        assert_eq!(cases, file["numberOfTests"]);
    }

    #[test]
    fn tags_that_differ_in_one_bit_or_two_are_not_equal() {
        let tag = mac(b"key", b"message");
        let flip = |tag: &mut Tag, bit: usize| tag[bit / 8] ^= 1 << (bit % 8);
        assert!(bool::from(tags_equal(&tag, &tag)));
        for bit in 0..256 {
            let mut one = tag;
            flip(&mut one, bit);
            assert!(!bool::from(tags_equal(&tag, &one)), "{bit}");
            // Two bits at the same place of two words must not cancel each other out.
            for second in 0..bit {
                let mut two = one;
                flip(&mut two, second);
                assert!(!bool::from(tags_equal(&tag, &two)), "{bit} and {second}");
            }
        }
    }

    #[test]
    fn lengths_around_the_ends_of_blocks_agree_with_hmac() {
        let message = [0xa5; 200];
        for key in [0, 1, 32, 63, 64, 65, 128, 129] {
            let key = &[0x3c; 200][..key];
            for length in 0..=message.len() {
                assert_eq!(mac(key, &message[..length]), theirs(key, &message[..length]));
            }
        }
    }

    proptest! {
        #[test]
        fn a_tag_is_that_of_hmac(key in vec(any::<u8>(), 0..=200), message in vec(any::<u8>(), 0..=300)) {
            prop_assert_eq!(mac(&key, &message), theirs(&key, &message));
        }

        #[test]
        fn a_tag_of_two_pieces_is_that_of_the_whole(
            key in vec(any::<u8>(), 0..=200),
            first in vec(any::<u8>(), 0..=150),
            second in vec(any::<u8>(), 0..=300),
        ) {
            let whole = [first.as_slice(), second.as_slice()].concat();
            prop_assert_eq!(PreparedKey::new(&key).mac_of_two(&first, &second), theirs(&key, &whole));
        }

        #[test]
        fn a_digest_is_that_of_sha2(
            key in proptest::option::of(vec(any::<u8>(), 0..=100)),
            parts in vec((vec(any::<u8>(), 0..=150), vec(any::<u8>(), 0..=90)), 0..=6),
        ) {
            let mut message = Vec::new();
            for (first, second) in &parts {
                message.extend(u64::try_from(first.len() + second.len()).unwrap().to_be_bytes());
                message.extend_from_slice(first);
                message.extend_from_slice(second);
            }
            let expected = match &key {
                Some(key) => theirs(key, &message),
                None => Sha256::digest(&message).into(),
            };
            let prepared = key.as_deref().map(PreparedKey::new);
            let parts = parts.iter().map(|(first, second)| [first.as_slice(), second.as_slice()]);
            prop_assert_eq!(digest_of_parts(prepared.as_deref(), parts), expected);
        }
    }

    #[test]
    fn where_a_part_ends_changes_the_digest() {
        let digest = |parts: &[Part<'_>]| digest_of_parts(None, parts.iter().copied());
        assert_ne!(digest(&[[b"ab", b""], [b"c", b""]]), digest(&[[b"a", b""], [b"bc", b""]]));
        assert_ne!(digest(&[[b"ab", b""]]), digest(&[[b"ab", b""], [b"", b""]]));
        assert_eq!(digest(&[[b"a", b"b"]]), digest(&[[b"ab", b""]]));
    }
}
