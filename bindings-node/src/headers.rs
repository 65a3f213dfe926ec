//! Reads the headers of a request, which JavaScript has found and passes as strings.

use std::array;

use hookseal::{
    Field, Headers, Receiver,
    binding::{self, CONTENT_LENGTH, MOST_HEADERS},
};
use napi::{
    JsString, Result, ValueType,
    bindgen_prelude::{FunctionCallContext, Unknown},
};

use crate::strings::read_beginning;

/// The most headers that a receiver reads, and one for the content's length.
const COUNT: usize = MOST_HEADERS + 1;

const _: () = assert!(COUNT == 6, "lib/headers.cjs and lib/receiver.cjs have a variable for each");

/// The names in [`binding::header_names`], in its order. If a vendor has fewer, the rest are empty. The last one is the
/// name of the content's length, for the check of the head.
pub(crate) type HeaderNames = [Name; COUNT];

/// The name of a header, in lower case.
pub(crate) struct Name {
    mark: u32,
    text: Box<str>,
}

impl Name {
    fn new(text: &str) -> Self {
        Self { mark: mark(text), text: text.into() }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Length and middle character of a name. They tell the names of a receiver apart, so few texts have to be compared.
/// Comparing each text took 40 ns more for a Benji request.
#[inline(always)]
fn mark(name: &str) -> u32 {
    let middle = name.as_bytes().get(name.len() / 2).copied().unwrap_or_default();
    u32::try_from(name.len()).unwrap_or(u32::MAX) << 8 | u32::from(middle)
}

/// All headers, which the check of the head reads, as bits.
pub(crate) const ALL: u32 = (1 << COUNT) - 1;

pub(crate) fn header_names(receiver: &Receiver) -> HeaderNames {
    let mut names = binding::header_names(receiver);
    array::from_fn(|at| {
        Name::new(if at < MOST_HEADERS { names.next().unwrap_or_default() } else { CONTENT_LENGTH })
    })
}

/// The headers of a request.
pub(crate) struct Fields<'a> {
    names: &'a HeaderNames,
    values: [Value<'a>; COUNT],
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Absent,
    Bytes(&'a [u8]),
    /// Its text has a character that no header can carry.
    Unreadable,
    Repeated,
}

impl Headers for Fields<'_> {
    #[inline(always)]
    fn field(&self, name: &str) -> Field<'_> {
        let mark = mark(name);
        let place = self.names.iter().position(|known| known.mark == mark && *known.text == *name);
        match place.and_then(|place| self.values.get(place)) {
            None | Some(Value::Absent) => Field::Absent,
            Some(Value::Bytes(bytes)) => Field::Value((*bytes).into()),
            Some(Value::Unreadable) => Field::Unreadable,
            Some(Value::Repeated) => Field::Repeated,
        }
    }
}

/// The number of units or bytes that are handled at a time. Zeros fill the last step, so there is no remainder.
const STEP: usize = 32;
/// The length in steps that most values stay below.
const USUAL_STEPS: usize = 8;

/// Memory for the values, which one request after the other uses.
pub(crate) struct Values {
    units: Vec<[u16; STEP]>,
    bytes: [Vec<[u8; STEP]>; COUNT],
}

impl Values {
    pub(crate) fn new() -> Self {
        Self {
            units: vec![[0; STEP]; USUAL_STEPS],
            bytes: array::from_fn(|_| Vec::with_capacity(USUAL_STEPS)),
        }
    }

    /// The memory for one request. It is wiped after the request, whatever happens to that.
    pub(crate) fn for_one_request(&mut self) -> Wiping<'_> {
        Wiping(self)
    }

    fn wipe(&mut self) {
        for place in &mut self.bytes {
            place.iter_mut().for_each(|bytes| *bytes = [0; STEP]);
            place.clear();
            place.shrink_to(USUAL_STEPS);
        }
    }
}

/// Wipes the values when it is dropped, because they can be credentials.
pub(crate) struct Wiping<'v>(&'v mut Values);

impl Drop for Wiping<'_> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl Wiping<'_> {
    /// Reads the headers of `places` from the first arguments, in the order of their names. Each argument is a string,
    /// undefined if the header is absent, and any other value if it is repeated.
    pub(crate) fn read<'a>(
        &'a mut self,
        names: &'a HeaderNames,
        call: &FunctionCallContext<'_>,
        places: u32,
    ) -> Result<Fields<'a>> {
        let Values { units, bytes } = &mut *self.0;
        let mut values = [Value::Absent; COUNT];
        let mut argument = 0;
        for (at, (value, place)) in values.iter_mut().zip(bytes).enumerate() {
            if places >> at & 1 == 0 {
                continue;
            }
            *value = match read(call.get(argument)?, units)? {
                Some(length) => narrow(units, length, place),
                None if call.get::<Unknown<'_>>(argument)?.get_type()? == ValueType::Undefined => {
                    Value::Absent
                }
                None => Value::Repeated,
            };
            argument += 1;
        }
        Ok(Fields { names, values })
    }
}

/// Reads a string into the start of `units` and returns its length. `units` grow if the string is longer. `None` if the
/// value is not a string.
fn read(string: JsString<'_>, units: &mut Vec<[u16; STEP]>) -> Result<Option<usize>> {
    let Some(length) = read_beginning(string, units.as_flattened_mut())? else { return Ok(None) };
    // Node ends what it writes with a NUL.
    if length + 1 < units.as_flattened().len() {
        return Ok(Some(length));
    }
    units.fill([0; STEP]);
    *units = vec![[0; STEP]; string.utf16_len()? / STEP + 1];
    read_beginning(string, units.as_flattened_mut())
}

/// Copies the first units to `place` as bytes, and wipes the units. Each character of a header is one byte in the
/// request.
fn narrow<'a>(units: &mut Vec<[u16; STEP]>, length: usize, place: &'a mut Vec<[u8; STEP]>) -> Value<'a> {
    let mut all = 0;
    place.clear();
    // Reserved now, because growing later would leave a part of a value behind.
    place.reserve(length.div_ceil(STEP));
    for units in units.iter_mut().take(length.div_ceil(STEP)) {
        place.push(units.map(|unit| unit.to_le_bytes()[0]));
        all = units.iter().fold(all, |all, unit| all | unit);
        *units = [0; STEP];
    }
    if units.len() > USUAL_STEPS {
        *units = vec![[0; STEP]; USUAL_STEPS];
    }
    match place.as_flattened().get(..length) {
        Some(bytes) if all <= u16::from(u8::MAX) => Value::Bytes(bytes),
        _ => Value::Unreadable,
    }
}
