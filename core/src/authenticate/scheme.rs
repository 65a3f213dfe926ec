//! A scheme: how a vendor's requests prove where they come from.

use crate::{
    freshness::{ParseTime, TimeLocation},
    headers::{Field, NoValue},
    rejection::{Covers, Reason},
};

/// One way to prove where a request comes from: what the proof covers, and where the time is.
#[derive(Debug)]
pub(crate) struct Scheme {
    covers: Covers,
    pub(crate) time_location: TimeLocation,
}

impl Scheme {
    /// A signature of a header's value, which is the time, followed by the body.
    ///
    /// Nothing separates the two in the signed message. The same signature therefore fits a request that splits the
    /// message elsewhere, or that lacks the header. No such request may become a delivery, so the header must hold a
    /// date and the body a JSON object. A date followed by a body is not an object, and the beginning of an object is
    /// not a date.
    pub(crate) const fn of_time_and_body(header: &'static str, parse: ParseTime) -> Self {
        Self {
            covers: Covers::HeaderAndBody { header },
            time_location: TimeLocation::Header { name: header, parse },
        }
    }

    /// A signature of the body alone. `absent` is the header that selects the other scheme, which signs it too; `None`
    /// if the vendor has one scheme.
    pub(crate) const fn of_body(absent: Option<&'static str>, time_location: TimeLocation) -> Self {
        Self { covers: Covers::Body { absent }, time_location }
    }

    pub(crate) const fn of_secret(time_location: TimeLocation) -> Self {
        Self { covers: Covers::Nothing, time_location }
    }

    pub(crate) const fn is_of_secret(&self) -> bool {
        matches!(self.covers, Covers::Nothing)
    }

    pub(crate) const fn covers(&self) -> Covers {
        self.covers
    }

    /// The time that the proof covers, as received, or `None` if it covers none. `field` is the header that the
    /// scheme's time is in.
    #[inline]
    pub(crate) fn signed_time<'f>(&self, field: &'f Field<'_>) -> Result<Option<&'f [u8]>, Reason> {
        let Covers::HeaderAndBody { header } = self.covers else { return Ok(None) };
        match time_text(header, field)? {
            None => Err(Reason::MissingTimestamp { header: Some(header), covers: self.covers }),
            signed => Ok(signed),
        }
    }
}

/// A scheme that is selected by its header. If the header is absent, another scheme applies; its time does not count as
/// missing.
#[derive(Debug)]
pub(crate) struct SignedTimeScheme {
    pub(crate) header: &'static str,
    pub(crate) scheme: Scheme,
}

impl SignedTimeScheme {
    /// As [`Scheme::of_time_and_body`].
    pub(crate) const fn new(header: &'static str, parse: ParseTime) -> Self {
        Self { header, scheme: Scheme::of_time_and_body(header, parse) }
    }
}

/// The value of a header with a time, or `None` if the header is absent. A header without a time is malformed, not
/// absent: otherwise a signature of the body alone would fit beside an empty header.
#[inline]
pub(crate) fn time_text<'f>(header: &'static str, field: &'f Field<'_>) -> Result<Option<&'f [u8]>, Reason> {
    match field.value() {
        Ok(time) if !time.is_empty() => Ok(Some(time)),
        Ok(_) | Err(NoValue::Unreadable) => Err(Reason::MalformedTimestamp { header }),
        Err(NoValue::Absent) => Ok(None),
        Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header }),
    }
}
