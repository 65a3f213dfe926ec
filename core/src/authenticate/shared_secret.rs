//! Compares a secret that arrives in a header, in a time that does not depend on the secret.

use alloc::boxed::Box;

use subtle::Choice;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    hmac_sha256::{PreparedKey, Tag, tags_equal, wipe_stack},
    keys::Secret,
};

/// A secret that the sender puts into a header as it is, prepared for the comparison.
///
/// It compares HMAC tags under the secret, not the texts. The sender controls neither tag, and the time depends only on
/// the length of the received text.
#[derive(ZeroizeOnDrop)]
pub(crate) struct SharedSecret {
    /// It wipes itself.
    #[zeroize(skip)]
    key: Box<PreparedKey>,
    expected: Tag,
}

impl SharedSecret {
    pub(crate) fn new(secret: &Secret) -> Box<Self> {
        Self::with_expected(secret, secret.bytes())
    }

    /// A password with its user, as Basic authentication sends them. Both are compared as one text.
    pub(crate) fn with_user(user: &str, password: &Secret) -> Box<Self> {
        let credentials = Zeroizing::new([user.as_bytes(), b":", password.bytes()].concat());
        Self::with_expected(password, &credentials)
    }

    fn with_expected(secret: &Secret, expected: &[u8]) -> Box<Self> {
        let mut shared = Box::new(Self { key: PreparedKey::new(secret.bytes()), expected: Tag::default() });
        shared.expected = shared.key.mac(expected);
        wipe_stack();
        shared
    }

    pub(crate) fn fits(&self, received: &[u8]) -> Choice {
        tags_equal(&self.key.mac(received), &self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    #[test]
    fn only_the_exact_secret_fits() {
        let shared = SharedSecret::new(&secret("hunter2"));
        assert!(bool::from(shared.fits(b"hunter2")));
        for other in ["", "hunter", "hunter22", "hunter2\0", " hunter2", "Hunter2"] {
            assert!(!bool::from(shared.fits(other.as_bytes())), "{other}");
        }
    }

    #[test]
    fn a_secret_longer_than_a_block_is_compared_whole() {
        let text = "s".repeat(200);
        let shared = SharedSecret::new(&secret(&text));
        assert!(bool::from(shared.fits(text.as_bytes())));
        assert!(!bool::from(shared.fits(&text.as_bytes()[..199])));
    }

    #[test]
    fn user_and_password_fit_only_together() {
        let shared = SharedSecret::with_user("pub", &secret("se:cret"));
        assert!(bool::from(shared.fits(b"pub:se:cret")));
        for other in ["se:cret", ":se:cret", "Pub:se:cret", "pub:se:cret ", "pubse:cret", "pub:"] {
            assert!(!bool::from(shared.fits(other.as_bytes())), "{other}");
        }
        assert!(bool::from(SharedSecret::with_user("", &secret("a")).fits(b":a")));
    }
}
