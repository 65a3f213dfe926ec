//! Checks that a body is text that can be scanned.

use super::scan::{Fault, Scan};
use crate::{limits::LARGEST_BODY_BYTES, rejection::Problem};

/// Checks that a body is UTF-8 without a byte order mark, and not too large for positions of 32 bits.
pub(crate) fn check_text(body: &[u8]) -> Scan<()> {
    if body.len() > LARGEST_BODY_BYTES {
        return Err(Fault { at: body.len(), problem: Problem::TooLarge });
    }
    // Most short bodies are ASCII, and the check for ASCII is faster.
    let is_short_ascii = body.len() <= SHORT_BODY_BYTES && body.is_ascii();
    if !is_short_ascii && simdutf8::basic::from_utf8(body).is_err() {
        let valid = core::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
        return Err(Fault { at: valid, problem: Problem::InvalidUtf8 });
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(Fault { at: 0, problem: Problem::ByteOrderMark });
    }
    Ok(())
}

const SHORT_BODY_BYTES: usize = 256;
