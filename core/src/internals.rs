//! For the benchmarks and the check with Valgrind: the parts of authentication, each by itself.
//!
//! Only the feature `_internals` builds it. It is not part of the public interface and changes without notice.

use alloc::boxed::Box;

use subtle::Choice;
use zeroize::ZeroizeOnDrop;

use crate::{
    authenticate::{KeyId, Keys, Secret, authorization, hmac_sha256, ring, shared_secret, signature},
    freshness::Timestamp,
};

/// A full HMAC-SHA256 tag.
pub type Tag = [u8; 32];

/// A prepared HMAC-SHA256 key. It wipes itself.
#[derive(Debug)]
pub struct PreparedKey(Box<hmac_sha256::PreparedKey>);

impl PreparedKey {
    /// Prepares a key of any length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac_sha256::PreparedKey::new(key))
    }

    /// The tag of a message.
    #[must_use]
    #[inline]
    pub fn mac(&self, message: &[u8]) -> Tag {
        self.0.mac(message)
    }

    /// The tag of two pieces that are signed as one message.
    #[must_use]
    #[inline]
    pub fn mac_of_two(&self, first: &[u8], second: &[u8]) -> Tag {
        self.0.mac_of_two(first, second)
    }
}

impl ZeroizeOnDrop for PreparedKey {}

/// Whether two tags are equal, in constant time.
#[must_use]
#[inline]
pub fn tags_equal(one: &Tag, other: &Tag) -> Choice {
    hmac_sha256::tags_equal(one, other)
}

/// Decodes a tag from a header's text, in any of the encodings.
#[must_use]
#[inline]
pub fn decode_signature(text: &[u8]) -> Option<Tag> {
    signature::decode(text, None)
}

/// A secret that is sent as it is, prepared for the comparison. It wipes itself.
#[expect(missing_debug_implementations, reason = "it is a secret")]
pub struct SharedSecret(Box<shared_secret::SharedSecret>);

impl SharedSecret {
    /// Prepares a secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(shared_secret::SharedSecret::new(secret))
    }

    /// Prepares a password with its user.
    #[must_use]
    pub fn with_user(user: &str, password: &Secret) -> Self {
        Self(shared_secret::SharedSecret::with_user(user, password))
    }

    /// Whether the received text is the secret, in constant time.
    #[must_use]
    pub fn fits(&self, received: &[u8]) -> Choice {
        self.0.fits(received)
    }
}

impl ZeroizeOnDrop for SharedSecret {}

/// Calls `then` with `user:password` of a Basic `Authorization` value. `None` if the value has another form.
pub fn basic<T>(value: &[u8], then: impl FnOnce(&[u8]) -> T) -> Option<T> {
    authorization::basic(value, then)
}

/// The token of a Bearer `Authorization` value.
#[must_use]
pub fn bearer(value: &[u8]) -> Option<&[u8]> {
    authorization::bearer(value)
}

/// The prepared keys of a receiver.
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Ring<K: ZeroizeOnDrop>(ring::Ring<K>);

impl<K: ZeroizeOnDrop> Ring<K> {
    /// Prepares each key.
    pub fn new(keys: Keys, prepare: impl Fn(&Secret) -> K) -> Self {
        Self(ring::Ring::new(keys, |secret| Box::new(prepare(secret))))
    }

    /// The id of the first key that fits and is valid.
    pub fn find(&self, now: Timestamp, fits: impl Fn(&K) -> Choice) -> Option<&str> {
        self.0.find(now, fits).ok().map(KeyId::as_str)
    }
}

/// The bytes of a secret, which Valgrind marks.
#[must_use]
pub fn secret_bytes(secret: &Secret) -> &[u8] {
    secret.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn a_ring_finds_the_key_of_a_signature() {
        let keys = Keys::ring(["a", "b"].map(|secret| Key::new(secret).unwrap())).unwrap();
        let ring = Ring::new(keys, |secret| PreparedKey::new(secret_bytes(secret)));
        let key = PreparedKey::new(b"b");
        let text = const_hex::const_encode::<32, false>(&key.mac(b"time.body"));
        let received = decode_signature(text.as_bytes()).unwrap();
        let find = |first: &[u8], second: &[u8]| {
            ring.find(Timestamp::UNIX_EPOCH, |key| tags_equal(&key.mac_of_two(first, second), &received))
        };
        assert_eq!(find(b"time.", b"body"), Some("1"));
        assert_eq!(find(b"time.", b"other"), None);
    }

    #[test]
    fn a_secret_fits_alone_and_with_its_user() {
        let secret = Secret::new("secret").unwrap();
        for (prepared, fitting) in [
            (SharedSecret::new(&secret), b"secret".as_slice()),
            (SharedSecret::with_user("user", &secret), b"user:secret"),
        ] {
            assert!(bool::from(prepared.fits(fitting)));
            assert!(!bool::from(prepared.fits(b"another")));
        }
    }

    #[test]
    fn credentials_are_read_from_their_header() {
        assert_eq!(basic(b"Basic dXNlcjpzZWNyZXQ=", <[u8]>::to_vec).unwrap(), b"user:secret");
        assert_eq!(bearer(b"Bearer token"), Some(b"token".as_slice()));
    }
}
