//! A receiver as closures that own its keys.

use hookseal::{Delivery, Received, Receiver, Request, Vendor};
use napi::{
    Result,
    bindgen_prelude::{BufferSlice, Either3, FnArgs, Function, FunctionCallContext, Object, Uint32Array},
};

use crate::{
    record::{RECORD_WORDS, record},
    rejection, setup,
    slab::{HeaderNames, Region, header_names},
};

/// How many events a delivery without malformed elements holds, if it is 0 or 1 (the record is in the region);
/// the [`index`] of any other; or the parts of another answer.
type Answer = Either3<u32, Uint32Array, String>;

/// The functions of a new receiver, and what JavaScript has to know of it.
pub(crate) fn create(call: FunctionCallContext<'_>) -> Result<Object<'static>> {
    let setup::Parts { receiver, key_ids } = setup::parts(&call)?;
    todo!()
}
