//! An assurance as a number: its position in the list of all possible ones.

use hookseal::{Assurance, Coverage};
use napi::Result;

use crate::fault::broken;

/// The number of bits that a position takes.
pub(crate) const BITS: u32 = 6;

#[expect(clippy::cast_possible_truncation, reason = "the assertion below")]
const COVERAGES: u32 = Coverage::ALL.len() as u32;

pub(crate) fn place_of(assurance: Assurance) -> u32 {
    let Assurance { body, time, name } = assurance;
    (body as u32 * COVERAGES + time as u32) * COVERAGES + name as u32
}

/// The assurance at a position that [`place_of`] gave.
pub(crate) fn at(place: u32) -> Result<Assurance> {
    usize::try_from(place).ok().and_then(|place| all().nth(place)).ok_or_else(broken)
}

/// For each assurance, the words of its parts and the text of the whole.
pub(crate) fn texts() -> Vec<Vec<String>> {
    let texts = |one: Assurance| {
        vec![one.body.to_string(), one.time.to_string(), one.name.to_string(), one.to_string()]
    };
    all().map(texts).collect()
}

fn all() -> impl Iterator<Item = Assurance> {
    let each = || Coverage::ALL.iter().copied();
    each().flat_map(move |body| {
        each().flat_map(move |time| each().map(move |name| Assurance { body, time, name }))
    })
}

const _: () = assert!(Coverage::ALL.len().pow(3) <= 1 << BITS);
