//! One way in which a vendor's requests prove where they come from.

use crate::{
    freshness::{Clock, ParseTime},
    headers::{Field, NoValue},
    rejection::{Covers, Reason},
};

/// One way in which a vendor's requests prove where they come from: what the proof covers, and where the time stands.
#[derive(Debug)]
pub(crate) struct Scheme {
    covers: Covers,
    pub(crate) clock: Clock,
}

impl Scheme {
    /// A signature of the value of a header that holds the time, followed by the body.
    ///
    /// Nothing marks the border between them, so a signature can fit a request with another border, or without the header;
    /// none of these may be a delivery. Where the header holds a date and the body is a JSON object, none is: no date
    /// followed by a body is an object, and no beginning of an object is a date.
    pub(crate) const fn of_time_and_body(header: &'static str, parse: ParseTime) -> Self {
        Self { covers: Covers::HeaderAndBody { header }, clock: Clock::Header { name: header, parse } }
    }

    /// A signature of the body alone. `absent` is the header whose presence means another scheme, where there is one.
    pub(crate) const fn of_body(absent: Option<&'static str>, clock: Clock) -> Self {
        Self { covers: Covers::Body { absent }, clock }
    }

    /// The secret itself.
    pub(crate) const fn of_secret(clock: Clock) -> Self {
        Self { covers: Covers::Nothing, clock }
    }

    pub(crate) const fn is_of_secret(&self) -> bool {
        matches!(self.covers, Covers::Nothing)
    }

    pub(crate) const fn covers(&self) -> Covers {
        self.covers
    }

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
