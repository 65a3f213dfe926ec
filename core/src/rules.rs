//! What the shared code has to know of a vendor, as one value.

use crate::{authenticate::Scheme, kind::Vendor, reading::ReadPayload};

/// What the shared code has to know of a vendor. Each vendor's folder has one, and every field must be filled in.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) vendor: Vendor,
    /// The largest body by default, in bytes.
    pub(crate) max_body_bytes: usize,
    /// The scheme of a request that has the header of this scheme's clock, whatever the header holds.
    pub(crate) first_scheme: Option<Scheme>,
    /// The scheme of every other request.
    pub(crate) scheme: Scheme,
    /// How long replay keys of the default policy are kept where the time of a request stands in no header, in seconds.
    pub(crate) retention_seconds: u64,
    /// The header with the challenge of a handshake, which is a `GET`. Without it a `GET` is refused.
    pub(crate) challenge_header: Option<&'static str>,
    /// Reads the payload of an authenticated request.
    pub(crate) read: ReadPayload,
}

impl Rules {
    /// The headers that may hold the time of a request, that of the first scheme first.
    pub(crate) fn time_headers(&self) -> [Option<&'static str>; 2] {
        let first = match &self.first_scheme {
            Some(scheme) => scheme.clock.header(),
            None => None,
        };
        [first, self.scheme.clock.header()]
    }
}
