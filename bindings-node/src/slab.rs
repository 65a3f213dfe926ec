//! The private memory in which JavaScript passes a request.
//!
//! JavaScript writes a request to a slab. Every request overwrites the slab's front. After the front each request has
//! its own region, which is not overwritten once the request has become a delivery:
//!
//! | words (u32) of the front | content |
//! |---|---|
//! | 0 | the start of the region, in bytes |
//! | 1 | method: 0 `POST`, 1 `GET`, 2 and 3 the same in another case, 4 any other |
//! | 2 | the length of the body in the region; 0 for a body in its own memory |
//! | 3 | which headers are arguments of the call: one bit for each position of [`HeaderNames`](crate::headers::HeaderNames) |
//! | 4, 5 | the time now: unix milliseconds as `f64`; NaN for this machine's clock |
//!
//! | words of the region | content |
//! |---|---|
//! | 0 | written by Rust: the key's position in its ring (8 bits), what the signature covers ([`assurance`], 6 bits), whether the delivery has several elements (1 bit), whether ids are made from the text of the signed time (1 bit) |
//! | 1 | written by Rust: the length of the body |
//! | 2, 3 | written by Rust: the delivery's time as `f64`, or NaN |
//! | 4 to 19 | written by Rust: the words of a single event |
//! | 20, 21 | written by Rust: the time at which it was received as `f64` |
//! | from 22 | the body |
//!
//! If the vendor signs, ids are made from the signature. It is kept beside the slab in a table of Rust ([`Macs`]): when
//! the slab's memory is free again, its next user must not find a signature there.
//!
//! `lib/slab.cjs` and `lib/store.cjs` have the same numbers.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use hookseal::{Assurance, Coverage, Timestamp, binding};
use napi::{
    Result,
    bindgen_prelude::{Buffer, External, FunctionCallContext},
};
use zeroize::Zeroize;

use crate::{
    assurance,
    event_words::{EVENT_WORDS, EventWords},
    fault::broken,
    headers::Values,
    numbers::{halves, joined, millis, millis_or_nan, time_or_clock, time_or_nan},
};

const WORD: usize = 4;
const FRONT_BYTES: usize = 6 * WORD;

const EVENT_AT: usize = 4;
const RECEIVED_AT: usize = EVENT_AT + EVENT_WORDS;
const BODY_AT: usize = (RECEIVED_AT + 2) * WORD;

// Bits of the region's first word, after those of the key's position.
const ASSURANCE_AT: u32 = 8;
const SEVERAL: u32 = 1 << 14;
const TIME_AS_ARRIVED: u32 = 1 << 15;

/// The memory that the receivers of one copy of the JavaScript share.
pub(crate) struct Memory {
    /// Only hookseal's own JavaScript has access to this memory, so nothing detaches it.
    pub(crate) slab: Buffer,
    pub(crate) macs: Rc<Macs>,
    pub(crate) values: Values,
}

impl Memory {
    pub(crate) fn new() -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            slab: Buffer::default(),
            macs: Rc::new(Macs::beside(0)),
            values: Values::new(),
        }))
    }
}

/// `useSlab(slab)`: sets the slab for all following requests. The signatures beside it live as long as the returned
/// value.
pub(crate) fn use_slab(
    memory: &RefCell<Memory>,
    call: &FunctionCallContext<'_>,
) -> Result<External<Rc<Macs>>> {
    let slab: Buffer = call.get(0)?;
    let macs = Rc::new(Macs::beside(slab.len()));
    let kept = External::new_with_size_hint(Rc::clone(&macs), size_of_val(&*macs.0));
    let mut memory = memory.borrow_mut();
    memory.slab = slab;
    memory.macs = macs;
    Ok(kept)
}

pub(crate) type Mac = [u8; 32];

/// The signatures of a slab's deliveries, with one place for each region that fits into the slab. They are wiped when
/// the last delivery in the slab is collected.
pub(crate) struct Macs(Box<[Cell<Mac>]>);

impl Macs {
    fn beside(slab_bytes: usize) -> Self {
        Self(vec![Cell::new([0; 32]); slab_bytes.div_ceil(BODY_AT)].into())
    }

    /// The place for the region that starts at `start`. Two regions never start within `BODY_AT` bytes of each other.
    fn place(&self, start: usize) -> Result<&Cell<Mac>> {
        self.0.get(start / BODY_AT).ok_or_else(broken)
    }
}

impl Drop for Macs {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|mac| mac.get_mut().zeroize());
    }
}

/// The parts of a slab that belong to one request.
pub(crate) struct Region<'a> {
    pub(crate) front: Front<'a>,
    pub(crate) summary: Summary<'a>,
    pub(crate) mac: &'a Cell<Mac>,
    pub(crate) body: &'a [u8],
}

impl<'a> Region<'a> {
    pub(crate) fn of(slab: &'a mut [u8], macs: &'a Macs) -> Result<Self> {
        let at = size(Front(slab.first_chunk().ok_or_else(broken)?).word(0));
        let (front, region) = slab.split_at_mut_checked(at).ok_or_else(broken)?;
        let front = Front(front.first_chunk().ok_or_else(broken)?);
        let (summary, rest) = region.split_first_chunk_mut().ok_or_else(broken)?;
        let body = rest.get(..size(front.word(2))).ok_or_else(broken)?;
        Ok(Self { front, summary: Summary(summary), mac: macs.place(at)?, body })
    }
}

/// The part of a request that JavaScript wrote to the front: everything except headers and body.
pub(crate) struct Front<'a>(&'a [u8; FRONT_BYTES]);

impl Front<'_> {
    pub(crate) fn method(&self) -> &'static str {
        match self.word(1) {
            0 => "POST",
            1 => "GET",
            2 => "post",
            3 => "get",
            _ => "",
        }
    }

    /// The positions of the headers that are arguments of the call, as bits.
    pub(crate) fn headers(&self) -> u32 {
        self.word(3)
    }

    pub(crate) fn now(&self) -> Result<Timestamp> {
        time_or_clock(joined([self.word(4), self.word(5)]))
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

/// The part of a region that Rust writes for a delivery.
pub(crate) struct Summary<'a>(&'a mut [u8; BODY_AT]);

impl Summary<'_> {
    /// Writes the key's position in the ring, and the facts that the delivery's events share.
    pub(crate) fn write_delivery(
        &mut self,
        key: u32,
        body: &[u8],
        assurance: Assurance,
        facts: &binding::Facts<'_>,
        received_at: Timestamp,
    ) {
        let flags = key
            | assurance::place_of(assurance) << ASSURANCE_AT
            | if facts.several { SEVERAL } else { 0 }
            | if facts.signed_time.is_empty() { 0 } else { TIME_AS_ARRIVED };
        let [low, high] = halves(millis_or_nan(facts.time));
        self.write(0, &[flags, u32::try_from(body.len()).unwrap_or(0), low, high]);
        self.write(RECEIVED_AT, &halves(millis(received_at)));
    }

    pub(crate) fn write_event(&mut self, words: &EventWords) {
        self.write(EVENT_AT, words);
    }

    #[inline(always)]
    fn write(&mut self, at: usize, words: &[u32]) {
        let (places, _) = self.0.as_chunks_mut::<WORD>();
        if let Some(places) = places.get_mut(at..) {
            places.iter_mut().zip(words).for_each(|(place, word)| *place = word.to_ne_bytes());
        }
    }
}

/// A delivery from an earlier call.
pub(crate) struct Kept<'a> {
    pub(crate) facts: binding::Facts<'a>,
    pub(crate) body: &'a [u8],
}

impl<'a> Kept<'a> {
    /// The delivery whose region starts at `start`. Its body is in the region, or in `own`. `signed_time` is the text
    /// of the signed time, which is needed if the receiver has an id key.
    pub(crate) fn at(
        slab: &'a [u8],
        macs: &Macs,
        start: u32,
        own: Option<&'a [u8]>,
        signed_time: &'a [u8],
    ) -> Result<Self> {
        let start = size(start);
        let region = slab.get(start..).ok_or_else(broken)?;
        let (summary, rest) = region.split_first_chunk::<BODY_AT>().ok_or_else(broken)?;
        let (words, _) = summary.as_chunks::<WORD>();
        let word = |at: usize| words.get(at).map_or(0, |word| u32::from_ne_bytes(*word));
        let assurance = assurance::at(word(0) >> ASSURANCE_AT & ((1 << assurance::BITS) - 1))?;
        let facts = binding::Facts {
            time: time_or_nan(joined([word(2), word(3)]))?,
            time_is_signed: assurance.time == Coverage::Signed,
            several: word(0) & SEVERAL != 0,
            mac: if assurance.body == Coverage::Signed { Some(macs.place(start)?.get()) } else { None },
            signed_time,
        };
        let body = match own {
            Some(own) => own,
            None => rest.get(..size(word(1))).ok_or_else(broken)?,
        };
        Ok(Self { facts, body })
    }
}
