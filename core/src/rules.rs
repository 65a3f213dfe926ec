//! The rules of a vendor for the shared code, as one value.

use crate::{authenticate::Scheme, kind::Vendor, reading::ReadPayload, rejection::Covers};

/// The rules of a vendor. Each vendor's folder has one such value, and every field must be filled in.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) vendor: Vendor,
    pub(crate) max_body_bytes: usize,
    /// A scheme that signs a header and the body. It applies to each request that has the header, whatever the header
    /// holds. A scheme of another kind never applies here.
    pub(crate) first_scheme: Option<Scheme>,
    /// The scheme of every other request.
    pub(crate) scheme: Scheme,
    /// The header with the challenge of a handshake, which is a `GET`. If there is none, a `GET` is refused.
    pub(crate) challenge_header: Option<&'static str>,
    /// Reads the payload of an authenticated request.
    pub(crate) read: ReadPayload,
}

impl Rules {
    /// The headers that may hold the time of a request. The header of the first scheme comes first.
    pub(crate) fn time_headers(&self) -> [Option<&'static str>; 2] {
        let first = match self.first_scheme.as_ref().map(Scheme::covers) {
            Some(Covers::HeaderAndBody { header }) => Some(header),
            _ => None,
        };
        [first, self.scheme.clock.header()]
    }
}
