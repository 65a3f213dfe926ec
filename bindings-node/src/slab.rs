//! The private memory through which a request crosses.
//!
//! JavaScript writes a request to a slab. Its front is overwritten by every request; behind it each request has a
//! region of its own, which is never written to again once a delivery was made of it:
//!
//! | words (u32) of the front | content |
//! |---|---|
//! | 0 | where the region starts, in bytes |
//! | 1 | method: 0 `POST`, 1 `GET`, 2 any other |
//! | 2 | the length of the body in the region; 0 for a body in memory of its own |
//! | 4, 5 | the time now: unix milliseconds as `f64`; NaN for this machine's clock |
//!
//! | words of the region | content |
//! |---|---|
//! | 0 | written here: the key's place in its ring, and whether the body is signed |
//! | 1 | written here: the length of the signature; without one, of the body |
//! | 2, 3 | written here: the delivery's time as `f64`, or NaN |
//! | 4 to 21 | written here: the record of a single event |
//! | 22 to 37 | written here: the signature as it was received; ids are made of it |
//! | 38 and on | the body |
//!
//! `lib/slab.cjs` and `lib/store.cjs` hold the same numbers.

use std::{cell::RefCell, rc::Rc, time::SystemTime};

use hookseal::Timestamp;
use napi::{
    Error, Result,
    bindgen_prelude::{Buffer, FunctionCallContext},
};

use crate::{
    headers::{Fields, Values},
    record::{RECORD_WORDS, Record, halves},
    setup::timestamp,
};

const WORD: usize = 4;
const FRONT_BYTES: usize = 6 * WORD;

const SIGNATURE_AT: usize = 4 + RECORD_WORDS;
const SIGNATURE_WORDS: usize = 16;
const BODY_AT: usize = (SIGNATURE_AT + SIGNATURE_WORDS) * WORD;

/// Beside the key's place: the vendor's signature covers the body.
const BODY_SIGNED: u32 = 0x100;

/// What the receivers of one copy of the JavaScript share.
pub(crate) struct Memory {
    /// Private memory that nothing but hookseal's own JavaScript has seen, so that nothing detaches it.
    pub(crate) slab: Buffer,
    pub(crate) values: Values,
}

impl Memory {
    pub(crate) fn new() -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self { slab: Buffer::default(), values: Values::new() }))
    }
}

/// `useSlab(slab)`: the slab that requests are in from now on.
pub(crate) fn use_slab(memory: &RefCell<Memory>, call: &FunctionCallContext<'_>) -> Result<()> {
    memory.borrow_mut().slab = call.get(0)?;
    Ok(())
}

/// The parts of a slab that a request is in.
pub(crate) struct Region<'a> {
    pub(crate) front: Front<'a>,
    pub(crate) facts: Facts<'a>,
    pub(crate) body: &'a [u8],
}

impl<'a> Region<'a> {
    pub(crate) fn of(slab: &'a mut [u8]) -> Result<Self> {
        let at = Front(slab.first_chunk().ok_or_else(broken)?).word(0);
        let (front, region) = slab.split_at_mut_checked(size(at)).ok_or_else(broken)?;
        let front = Front(front.first_chunk().ok_or_else(broken)?);
        let (facts, rest) = region.split_first_chunk_mut().ok_or_else(broken)?;
        let body = rest.get(..size(front.word(2))).ok_or_else(broken)?;
        Ok(Self { front, facts: Facts(facts), body })
    }
}

/// What JavaScript wrote of the request, apart from headers and body.
pub(crate) struct Front<'a>(&'a [u8; FRONT_BYTES]);

impl Front<'_> {
    pub(crate) fn method(&self) -> &'static str {
        match self.word(1) {
            0 => "POST",
            1 => "GET",
            _ => "",
        }
    }

    pub(crate) fn now(&self) -> Result<Timestamp> {
        let [low, high] = [self.word(4).to_ne_bytes(), self.word(5).to_ne_bytes()];
        let bytes = [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]];
        let now = f64::from_ne_bytes(bytes);
        if now.is_nan() { Ok(SystemTime::now().into()) } else { timestamp(now).ok_or_else(broken) }
    }

    #[inline(always)]
    fn word(&self, at: usize) -> u32 {
        let (words, _) = self.0.as_chunks::<WORD>();
        words.get(at).map_or(0, |word| u32::from_ne_bytes(*word))
    }
}

fn size(word: u32) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

#[cold]
fn broken() -> Error {
    Error::from_reason(
        "hookseal's JavaScript and its native module do not fit: install both from one release",
    )
}

/// What is written back of a delivery.
pub(crate) struct Facts<'a>(&'a mut [u8; BODY_AT]);

impl Facts<'_> {
    /// The key's place in the ring, the length of the body, and the delivery's time.
    pub(crate) fn write_delivery(&mut self, key: u32, body: &[u8], time: Option<Timestamp>) {
        let [low, high] = halves(millis(time));
        self.write(0, &[key, u32::try_from(body.len()).unwrap_or(0), low, high]);
    }

    /// That the body is signed, and with what.
    pub(crate) fn write_signature(&mut self, key: u32, headers: &Fields<'_>) {
        if let Some(signature) = headers.proof() {
            let signature = signature.trim_ascii();
            self.write(0, &[key | BODY_SIGNED, u32::try_from(signature.len()).unwrap_or(0)]);
            let place =
                self.0.get_mut(SIGNATURE_AT * WORD..).and_then(|rest| rest.get_mut(..signature.len()));
            if let Some(place) = place {
                place.copy_from_slice(signature);
            }
        }
    }

    pub(crate) fn write_record(&mut self, record: &Record) {
        self.write(4, record);
    }

    #[inline(always)]
    fn write(&mut self, at: usize, words: &[u32]) {
        let (places, _) = self.0.as_chunks_mut::<WORD>();
        if let Some(places) = places.get_mut(at..) {
            places.iter_mut().zip(words).for_each(|(place, word)| *place = word.to_ne_bytes());
        }
    }
}

/// A time as JavaScript has it; NaN where there is none.
#[expect(clippy::cast_precision_loss, reason = "the milliseconds of the years 1 to 9999 fit 53 bits")]
pub(crate) fn millis(time: Option<Timestamp>) -> f64 {
    time.map_or(f64::NAN, |time| time.unix_millis() as f64)
}
