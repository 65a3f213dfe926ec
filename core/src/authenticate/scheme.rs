//! One way in which a vendor's requests prove where they come from.

use crate::{
    freshness::Clock,
    headers::{Field, NoValue},
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

impl Scheme {
    /// The time that the proof covers, as it stands in this field, the header of the scheme's clock; `None` where it covers
    /// none.
    #[inline(always)]
    pub(crate) fn signed_time<'f>(&self, field: &'f Field<'_>) -> Result<Option<&'f [u8]>, Reason> {
        let Covers::HeaderAndBody { header } = self.covers else { return Ok(None) };
        match time_text(header, field)? {
            None => Err(Reason::MissingTimestamp { header: Some(header), covers: self.covers }),
            signed => Ok(signed),
        }
    }
}

/// What a header with a time holds; `None` where it is absent. A header that is there but holds no time is not absent: an
/// empty one would let a signature of the body alone fit.
#[inline(always)]
pub(crate) fn time_text<'f>(header: &'static str, field: &'f Field<'_>) -> Result<Option<&'f [u8]>, Reason> {
    match field.value() {
        Ok(time) if !time.is_empty() => Ok(Some(time)),
        Ok(_) | Err(NoValue::Unreadable) => Err(Reason::MalformedTimestamp { header }),
        Err(NoValue::Absent) => Ok(None),
        Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header }),
    }
}
