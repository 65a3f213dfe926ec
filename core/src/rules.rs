//! What the shared code has to know of a vendor, as one value.

use crate::{authenticate::Scheme, kind::Vendor, reading::ReadPayload, rejection::Covers};

/// What the shared code has to know of a vendor. Each vendor's folder has one, and every field must be filled in.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) vendor: Vendor,
    /// The largest body by default, in bytes.
    pub(crate) max_body_bytes: usize,
    /// A scheme that signs a header and the body: it is that of each request that has the header, whatever the header
    /// holds. A scheme of another kind never applies here.
    pub(crate) first_scheme: Option<Scheme>,
    /// The scheme of every other request.
    pub(crate) scheme: Scheme,
    /// The header with the challenge of a handshake, which is a `GET`. Without it a `GET` is refused.
    pub(crate) challenge_header: Option<&'static str>,
    /// Reads the payload of an authenticated request.
    pub(crate) read: ReadPayload,
}

impl Rules {
    /// The headers that may hold the time of a request, that of the first scheme first.
    pub(crate) fn time_headers(&self) -> [Option<&'static str>; 2] {
        let first = match self.first_scheme.as_ref().map(Scheme::covers) {
            Some(Covers::HeaderAndBody { header }) => Some(header),
            _ => None,
        };
        [first, self.scheme.clock.header()]
    }
}
