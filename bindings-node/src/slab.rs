//! The private memory through which a request crosses.
//!
//! JavaScript appends each request to a slab, as a region that it never reuses once a delivery was made of it:
//!
//! | words (u32) | content |
//! |---|---|
//! | 0 | method: 0 `POST`, 1 `GET`, 2 any other |
//! | 1 to 4 | the length of each header's value, or [`ABSENT`] and so on; in the order of [`HeaderNames`] |
//! | 5, 6 | where the body starts, in bytes from the region, and its length; unused for a body of its own |
//! | 8, 9 | the time now: unix milliseconds as `f64` |
//! | 10 | written here: key, assurance (see [`Facts`]) |
//! | 12, 13 | written here: the delivery's time as `f64`, or NaN |
//! | 14 to 31 | written here: the record of a single event |
//! | 32 and on | the header values one after the other, then the body |
//!
//! The first word of the slab holds where the region starts, in bytes. `lib/slab.cjs` has the same table.

use hookseal::{Field, Headers, Receiver, Timestamp};
use napi::{Error, Result};

use crate::record::{RECORD_WORDS, Record};

const WORD: usize = 4;
const FACTS_AT: usize = 10 * WORD;
const RECORD_AT: usize = 14 * WORD;
const VALUES_AT: usize = RECORD_AT + RECORD_WORDS * WORD;

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

/// The parts of a region.
pub(crate) struct Region<'a> {
    input: &'a [u8],
    pub(crate) facts: Facts<'a>,
    values: &'a [u8],
}

impl<'a> Region<'a> {
    pub(crate) fn of(slab: &'a mut [u8]) -> Result<Self> {
        let at = word(slab, 0)?;
        let region = slab.get_mut(at..).ok_or_else(broken)?;
        let (input, rest) = region.split_at_mut_checked(FACTS_AT).ok_or_else(broken)?;
        let (facts, values) = rest.split_at_mut_checked(VALUES_AT - FACTS_AT).ok_or_else(broken)?;
        Ok(Self { input, facts: Facts(facts), values })
    }

    pub(crate) fn method(&self) -> Result<&'static str> {
        Ok(match word(self.input, 0)? {
            0 => "POST",
            1 => "GET",
            _ => "",
        })
    }

    pub(crate) fn now(&self) -> Result<Timestamp> {
        let bytes = self.input.get(8 * WORD..).and_then(<[u8]>::first_chunk).ok_or_else(broken)?;
        #[expect(clippy::cast_possible_truncation, reason = "JavaScript hands over whole milliseconds")]
        Timestamp::from_unix_millis(f64::from_ne_bytes(*bytes) as i64).ok_or_else(broken)
    }

    pub(crate) fn body(&self) -> Result<&'a [u8]> {
        let start = word(self.input, 5)?.checked_sub(VALUES_AT).ok_or_else(broken)?;
        let length = word(self.input, 6)?;
        self.values.get(start..).and_then(|rest| rest.get(..length)).ok_or_else(broken)
    }

    pub(crate) fn headers<'n>(&self, names: &'n HeaderNames) -> Result<Fields<'n, 'a>> {
        let mut rest = self.values;
        let mut values = [Value::Absent; 4];
        for (at, value) in (1..).zip(&mut values) {
            *value = match u32::try_from(word(self.input, at)?).unwrap_or(ABSENT) {
                ABSENT => Value::Absent,
                REPEATED => Value::Repeated,
                UNREADABLE => Value::Unreadable,
                length => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    let (bytes, after) = rest.split_at_checked(length).ok_or_else(broken)?;
                    rest = after;
                    Value::Bytes(bytes)
                }
            };
        }
        Ok(Fields { names, values })
    }
}

fn word(bytes: &[u8], at: usize) -> Result<usize> {
    let word = bytes.as_chunks::<WORD>().0.get(at).ok_or_else(broken)?;
    usize::try_from(u32::from_ne_bytes(*word)).map_err(|_| broken())
}

#[cold]
fn broken() -> Error {
    Error::from_reason("hookseal's JavaScript and its native module do not fit: install both from one release")
}

/// What is written back of a delivery.
pub(crate) struct Facts<'a>(&'a mut [u8]);

impl Facts<'_> {
    /// The key's place in the ring, whether the body is signed, and the delivery's time.
    pub(crate) fn write_delivery(&mut self, key: u32, body_signed: bool, time: Option<Timestamp>) {
        self.write(0, &(key | u32::from(body_signed) << 8).to_ne_bytes());
        self.write(2, &millis(time).to_ne_bytes());
    }

    pub(crate) fn write_record(&mut self, record: &Record) {
        let at = (RECORD_AT - FACTS_AT) / WORD;
        for (at, word) in (at..).zip(record) {
            self.write(at, &word.to_ne_bytes());
        }
    }

    #[inline(always)]
    fn write(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.0.get_mut(at * WORD..).and_then(|rest| rest.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }
}

/// A time as JavaScript has it; NaN where there is none.
#[expect(clippy::cast_precision_loss, reason = "the milliseconds of the years 1 to 9999 fit 53 bits")]
pub(crate) fn millis(time: Option<Timestamp>) -> f64 {
    time.map_or(f64::NAN, |time| time.unix_millis() as f64)
}

/// The headers of a region.
pub(crate) struct Fields<'n, 'a> {
    names: &'n HeaderNames,
    values: [Value<'a>; 4],
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Absent,
    Bytes(&'a [u8]),
    Unreadable,
    Repeated,
}

impl Headers for Fields<'_, '_> {
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
