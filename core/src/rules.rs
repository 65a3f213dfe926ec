//! The rules of a vendor for the shared code, as one value.

use alloc::vec::Vec;

use crate::{
    authenticate::{Scheme, SignedTimeScheme},
    kind::Vendor,
    reading::ReadPayload,
    table::Row,
};

/// The rules of a vendor. Each vendor's folder has one such value, and every field must be filled in.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) vendor: Vendor,
    pub(crate) max_body_bytes: usize,
    /// Applies to every request that has its header, whatever the value.
    pub(crate) signed_time_scheme: Option<SignedTimeScheme>,
    /// Applies to every other request.
    pub(crate) scheme: Scheme,
    /// The header with the challenge of a handshake, which is a `GET`. If there is none, a `GET` is refused. A handshake
    /// carries no event, so its time is not checked.
    pub(crate) challenge_header: Option<&'static str>,
    /// Reads the payload of an authenticated request.
    pub(crate) read_payload: ReadPayload,
    /// The vendor's rows of the table of kinds.
    pub(crate) rows: fn() -> Vec<Row>,
}

impl Rules {
    /// The headers that may hold the time of a request. A header whose time is signed comes first.
    pub(crate) fn time_headers(&self) -> [Option<&'static str>; 2] {
        [self.signed_time_scheme.as_ref().map(|first| first.header), self.scheme.time_location.header()]
    }
}
