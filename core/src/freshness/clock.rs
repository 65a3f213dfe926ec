//! Where the time of a request stands.

use super::timestamp::Timestamp;

/// Where the time of a request stands. It belongs to the scheme, and the receiver reads it and applies the window: there
/// is no time that a vendor's reader could forget to check.
#[derive(Debug)]
pub(crate) enum Clock {
    /// In this header.
    Header {
        /// Its name, in lower case.
        name: &'static str,
        /// Reads its value, without the white space around it; `None` is no time.
        parse: ParseTime,
    },
    /// In the events: that of the newest counts.
    Events {
        /// How long replay keys of the default policy are kept, in seconds.
        retention_seconds: u64,
    },
    /// Nowhere.
    None {
        /// How long replay keys of the default policy are kept, in seconds.
        retention_seconds: u64,
    },
}

/// Reads a time from the text of a header, however long it is.
pub(crate) type ParseTime = fn(&[u8]) -> Option<HeaderTime>;

/// The time in a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderTime {
    pub(crate) time: Timestamp,
    /// Whether it names no zone, and was read in UTC.
    pub(crate) zone_assumed: bool,
}

impl Clock {
    /// The header that holds the time.
    pub(crate) const fn header(&self) -> Option<&'static str> {
        match self {
            Self::Header { name, .. } => Some(name),
            Self::Events { .. } | Self::None { .. } => None,
        }
    }
}
