//! Where a request carries its time.

use super::timestamp::Timestamp;

/// Where a request carries its time. It is part of the scheme: the receiver reads the time and applies the window, so
/// no vendor's reader can forget the check.
#[derive(Debug)]
pub(crate) enum TimeLocation {
    Header {
        /// Its name, in lower case.
        name: &'static str,
        /// Reads its value, without the white space around it. `None` if the value is no time.
        parse: ParseTime,
    },
    /// In the events. The newest time counts.
    Events {
        /// How long replay keys of the default policy are kept, in seconds.
        retention_seconds: u64,
    },
    Nowhere {
        /// How long replay keys of the default policy are kept, in seconds.
        retention_seconds: u64,
    },
}

/// Reads a time from the text of a header of any length.
pub(crate) type ParseTime = fn(&[u8]) -> Option<HeaderTime>;

/// The time in a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderTime {
    pub(crate) time: Timestamp,
    /// Whether it named no zone and was read as UTC.
    pub(crate) zone_assumed: bool,
}

impl TimeLocation {
    /// How long replay keys of the default policy are kept, in seconds, if the window does not decide it.
    pub(crate) const fn retention_seconds(&self) -> Option<u64> {
        match self {
            Self::Header { .. } => None,
            Self::Events { retention_seconds } | Self::Nowhere { retention_seconds } => {
                Some(*retention_seconds)
            }
        }
    }

    /// The name of the header with the time.
    pub(crate) const fn header(&self) -> Option<&'static str> {
        match self {
            Self::Header { name, .. } => Some(name),
            Self::Events { .. } | Self::Nowhere { .. } => None,
        }
    }
}
