//! Digests that name an event or a delivery: the same for an identical redelivery, and nothing that anybody
//! could sign or send a request with.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::{authenticate::digest_of_parts, freshness::Timestamp, kind::Vendor};

/// What makes two deliveries the same one.
///
/// The policies differ for Benji alone. Its date is not covered by the signature, and its body has no id of the
/// delivery:
///
/// - `SignatureAndDate` tells two updates of one entity apart that have the same body. Whoever replays within
///   the window can write another date and so pass for a new delivery.
/// - `Strict` recognizes every replay, as long as the key is kept. Two genuine updates of one entity with the
///   same body count as one.
///
/// For Benti and Bento both mean the body: identical genuine bodies count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReplayPolicy {
    /// Benji: signature and date.
    #[default]
    SignatureAndDate,
    /// Benji: the signature alone.
    Strict,
}

/// How long to keep a replay key where the freshness check sets no end, in seconds: a day.
pub const RETENTION_SECONDS: u64 = 86_400;

/// A key for a store of what has been handled: 32 hexadecimal digits.
///
/// Insert it before the delivery is handled, and skip the delivery if it was there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    digest: Hexadecimal,
    retention_seconds: u64,
}

impl ReplayKey {
    pub(crate) fn new(digest: Hexadecimal) -> Self {
        Self { digest, retention_seconds: RETENTION_SECONDS }
    }

    pub(crate) fn kept_for(self, retention_seconds: u64) -> Self {
        Self { retention_seconds, ..self }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.digest.as_str()
    }

    /// How long to keep it, in seconds. For Benji's signature and date it is the width of the window and a
    /// second, after which a replay is refused as stale; else [`RETENTION_SECONDS`], or longer where the store allows it.
    #[must_use]
    pub fn retention_seconds(&self) -> u64 {
        self.retention_seconds
    }
}

impl fmt::Display for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ReplayKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The digest that derived ids and replay keys are made of, as 32 hexadecimal digits: the first 16 bytes of
/// SHA-256 over `hookseal/1`, the vendor and these parts, each behind its length as 8 bytes in big-endian order.
///
/// For a binding that makes ids itself; [`Event::id`](crate::Event::id) and
/// [`Delivery::replay_key`](crate::Delivery::replay_key) say which parts.
#[must_use]
pub fn digest(vendor: Vendor, parts: &[&[u8]]) -> [u8; 32] {
    Hexadecimal::of(vendor, parts.iter().copied()).0
}

/// The first 16 bytes of a digest, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hexadecimal([u8; 2 * DIGEST_BYTES]);

const DIGEST_BYTES: usize = 16;

impl Hexadecimal {
    /// The digest of these parts, behind the name of this form and the vendor.
    pub(crate) fn of<'p>(vendor: Vendor, parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let form: [&[u8]; 2] = [b"hookseal/1", vendor.as_str().as_bytes()];
        let digest = digest_of_parts(form.into_iter().chain(parts));
        let (start, _) = digest.split_at(DIGEST_BYTES);
        let mut digits = [0; 2 * DIGEST_BYTES];
        // Fails for a place of another size only.
        const_hex::encode_to_slice(start, &mut digits).unwrap_or_default();
        Self(digits)
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Hexadecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A time as decimal unix milliseconds; empty where there is none.
pub(crate) fn decimal(time: Option<Timestamp>, buffer: &mut itoa::Buffer) -> &[u8] {
    time.map_or(b"", |time| buffer.format(time.unix_millis()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_the_parts_belong_to_the_digest() {
        assert_ne!(digest(Vendor::Bento, &[b"ab", b"c"]), digest(Vendor::Bento, &[b"a", b"bc"]));
    }
}
