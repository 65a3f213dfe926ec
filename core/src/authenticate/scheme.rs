//! One way in which a vendor's requests prove where they come from.

use alloc::borrow::Cow;

use crate::{
    freshness::Clock,
    headers::Field,
    rejection::{Covers, Reason},
};

/// One way in which a vendor's requests prove where they come from: what the proof covers, and where the time stands.
#[derive(Debug)]
pub(crate) struct Scheme {
    /// With a header and the body, the header is the clock's. They are signed without a mark between them, so a tag can
    /// fit a request with another border, or without the header; none of these may be a delivery. Where the header holds a
    /// date and the body is a JSON object, none is: no date followed by a body is an object, and no beginning of an object
    /// is a date.
    pub(crate) covers: Covers,
    pub(crate) clock: Clock,
}

/// What the header of a clock holds: `None` where it is absent.
pub(crate) type TimeText<'h> = Result<Option<Cow<'h, [u8]>>, Reason>;

impl Scheme {
    /// What this field, the header of the scheme's clock, holds, without the white space around it. A header that is there
    /// but holds no time is not absent: an empty one would let a signature of the body alone fit.
    #[inline]
    pub(crate) fn time_text<'h>(&self, field: Field<'h>) -> TimeText<'h> {
        let Some(header) = self.clock.header() else { return Ok(None) };
        match field.trimmed() {
            Field::Absent => Ok(None),
            Field::Value(time) if !time.is_empty() => Ok(Some(time)),
            Field::Value(_) | Field::Unreadable => Err(Reason::MalformedTimestamp { header }),
            Field::Repeated => Err(Reason::RepeatedHeader { header }),
        }
    }

    /// The part of it that the proof covers.
    #[inline]
    pub(crate) fn signed_time<'t>(&self, time: &'t TimeText<'_>) -> Result<Option<&'t [u8]>, Reason> {
        let Covers::HeaderAndBody { header } = self.covers else { return Ok(None) };
        match time {
            Ok(Some(time)) => Ok(Some(time)),
            Ok(None) => Err(Reason::MissingTimestamp { header: Some(header), covers: self.covers }),
            Err(reason) => Err(reason.clone()),
        }
    }
}
