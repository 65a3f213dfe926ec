//! The private memory through which a request crosses.
//!
//! JavaScript writes a request to a slab. Its front is overwritten by every request; behind it each request has a
//! region of its own, which is never written to again once a delivery was made of it:
//!
//! | words (u32) of the front | content |
//! |---|---|
//! | 0 | where the region starts, in bytes |
//! | 1 | method: 0 `POST`, 1 `GET`, 2 any other |
//! | 2 to 5 | the length of each header's value, or [`ABSENT`] and so on; in the order of [`HeaderNames`] |
//! | 6 | the length of the body in the region; unused for a body in memory of its own |
//! | 8, 9 | the time now: unix milliseconds as `f64`; NaN for this machine's clock |
//! | 16 and on | the header values one after the other |
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

use std::time::SystemTime;

use hookseal::{Field, Headers, Receiver, Timestamp};
use napi::{Error, Result};

use crate::{
    record::{RECORD_WORDS, Record, halves},
    setup::timestamp,
};

const WORD: usize = 4;
const VALUES_AT: usize = 16 * WORD;

const SIGNATURE_AT: usize = 4 + RECORD_WORDS;
const SIGNATURE_WORDS: usize = 16;
const BODY_AT: usize = (SIGNATURE_AT + SIGNATURE_WORDS) * WORD;

/// Beside the key's place: the vendor's signature covers the body.
const BODY_SIGNED: u32 = 0x100;

/// In place of the length of a header's value.
const ABSENT: u32 = u32::MAX;
const REPEATED: u32 = u32::MAX - 1;
const UNREADABLE: u32 = u32::MAX - 2;

/// The headers that a receiver reads: those of [`Receiver::header_names`], and what the check of the head needs.
pub(crate) type HeaderNames = [Box<str>; 4];

pub(crate) fn header_names(receiver: &Receiver) -> HeaderNames {
    let [encoding, proof, own] = receiver.header_names().map(Box::from);
    [encoding, proof, own, "content-length".into()]
}

/// The place of the header that carries the signature or the credentials.
const PROOF: usize = 1;

/// The parts of a slab that a request is in.
pub(crate) struct Region<'a> {
    pub(crate) front: Front<'a>,
    pub(crate) facts: Facts<'a>,
    pub(crate) body: &'a [u8],
}

impl<'a> Region<'a> {
    pub(crate) fn of(slab: &'a mut [u8]) -> Result<Self> {
        let at = word(slab.first_chunk().ok_or_else(broken)?, 0);
        let (front, region) = slab.split_at_mut_checked(size(at)).ok_or_else(broken)?;
        let (words, values) = front.split_first_chunk_mut().ok_or_else(broken)?;
        let (facts, rest) = region.split_first_chunk_mut().ok_or_else(broken)?;
        let body = rest.get(..size(word(words, 6))).ok_or_else(broken)?;
        Ok(Self { front: Front { words, values }, facts: Facts(facts), body })
    }
}

/// What JavaScript wrote of the request, apart from its body.
pub(crate) struct Front<'a> {
    words: &'a [u8; VALUES_AT],
    values: &'a mut [u8],
}

impl Front<'_> {
    pub(crate) fn method(&self) -> &'static str {
        match word(self.words, 1) {
            0 => "POST",
            1 => "GET",
            _ => "",
        }
    }

    pub(crate) fn now(&self) -> Result<Timestamp> {
        let [low, high] = [word(self.words, 8).to_ne_bytes(), word(self.words, 9).to_ne_bytes()];
        let bytes = [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]];
        let now = f64::from_ne_bytes(bytes);
        if now.is_nan() { Ok(SystemTime::now().into()) } else { timestamp(now).ok_or_else(broken) }
    }

    pub(crate) fn headers<'a>(&'a self, names: &'a HeaderNames) -> Result<Fields<'a>> {
        let mut rest = &*self.values;
        let mut values = [Value::Absent; 4];
        for (at, value) in (2..).zip(&mut values) {
            *value = match word(self.words, at) {
                ABSENT => Value::Absent,
                REPEATED => Value::Repeated,
                UNREADABLE => Value::Unreadable,
                length => {
                    let (bytes, after) = rest.split_at_checked(size(length)).ok_or_else(broken)?;
                    rest = after;
                    Value::Bytes(bytes)
                }
            };
        }
        Ok(Fields { names, values })
    }

    /// Wipes the header values: they can be credentials.
    pub(crate) fn wipe(&mut self) {
        let lengths = (2..6).map(|at| word(self.words, at)).filter(|length| *length < UNREADABLE);
        let length = lengths.map(size).fold(0, usize::saturating_add);
        if let Some(values) = self.values.get_mut(..length) {
            values.fill(0);
        }
    }
}

#[inline(always)]
fn word(words: &[u8; VALUES_AT], at: usize) -> u32 {
    let (words, _) = words.as_chunks::<WORD>();
    words.get(at).map_or(0, |word| u32::from_ne_bytes(*word))
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
        if let Some(Value::Bytes(signature)) = headers.values.get(PROOF) {
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

/// The headers of a request.
pub(crate) struct Fields<'a> {
    names: &'a HeaderNames,
    values: [Value<'a>; 4],
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Absent,
    Bytes(&'a [u8]),
    Unreadable,
    Repeated,
}

impl Headers for Fields<'_> {
    #[inline]
    fn field(&self, name: &str) -> Field<'_> {
        let place = self.names.iter().position(|other| **other == *name);
        match place.and_then(|place| self.values.get(place)) {
            None | Some(Value::Absent) => Field::Absent,
            Some(Value::Bytes(bytes)) => Field::Value((*bytes).into()),
            Some(Value::Unreadable) => Field::Unreadable,
            Some(Value::Repeated) => Field::Repeated,
        }
    }
}
