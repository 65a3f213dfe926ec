//! How much a receiver reads before it refuses a request.

use core::ops::RangeInclusive;

use crate::setup_error::SetupError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) body_bytes: usize,
    pub(crate) events: usize,
    pub(crate) depth: u32,
    pub(crate) number_length: usize,
}

/// The default limit of events in a delivery.
pub const MAX_EVENTS: usize = 10_000;
/// The default and highest limit of open lists and objects: the reader keeps one bit for each.
pub const MAX_DEPTH: u32 = 127;
/// The default limit of characters in a number.
pub const MAX_NUMBER_LENGTH: usize = 1_000;
/// The highest limit of a body, in bytes: positions in a body have 32 bits.
pub const LARGEST_BODY_BYTES: usize = 1 << 31;
/// The longest retention of a replay key that can be set, in seconds: 136 years.
pub(crate) const LONGEST_RETENTION_SECONDS: u64 = 0xffff_ffff;

impl Limits {
    pub(crate) const fn new(body_bytes: usize) -> Self {
        Self { body_bytes, events: MAX_EVENTS, depth: MAX_DEPTH, number_length: MAX_NUMBER_LENGTH }
    }

    pub(crate) fn with_body_bytes(self, body_bytes: usize) -> Result<Self, SetupError> {
        let body_bytes =
            in_range(body_bytes, 1..=LARGEST_BODY_BYTES, "max_body_bytes must be between 1 and 2147483648")?;
        Ok(Self { body_bytes, ..self })
    }

    pub(crate) fn with_events(self, events: usize) -> Result<Self, SetupError> {
        let events = in_range(events, 1..=LARGEST_BODY_BYTES, "max_events must be between 1 and 2147483648")?;
        Ok(Self { events, ..self })
    }

    pub(crate) fn with_depth(self, depth: u32) -> Result<Self, SetupError> {
        let depth = in_range(depth, 1..=MAX_DEPTH, "max_depth must be between 1 and 127")?;
        Ok(Self { depth, ..self })
    }

    pub(crate) fn with_number_length(self, number_length: usize) -> Result<Self, SetupError> {
        let number_length = in_range(
            number_length,
            1..=LARGEST_BODY_BYTES,
            "max_number_length must be between 1 and 2147483648",
        )?;
        Ok(Self { number_length, ..self })
    }
}

fn in_range<T: PartialOrd>(
    value: T,
    range: RangeInclusive<T>,
    message: &'static str,
) -> Result<T, SetupError> {
    if range.contains(&value) { Ok(value) } else { Err(SetupError::LimitOutOfRange(message)) }
}
