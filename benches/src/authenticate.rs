//! The core's own check of a signature. Its public interface offers it only as a part of `receive`.

use hookseal::{
    Field, Headers,
    internals::{PreparedKey, decode_signature, tags_equal},
};

/// A key that was prepared once.
#[derive(Debug)]
pub struct Key(PreparedKey);

impl Key {
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(PreparedKey::new(secret))
    }

    /// Whether the header holds the signature of the body.
    pub fn verifies<H: Headers + ?Sized>(&self, headers: &H, body: &[u8]) -> bool {
        let field = headers.field("x-benji-signature");
        let Field::Value(value) = &field else { return false };
        let Some(received) = decode_signature(value) else { return false };
        tags_equal(&self.0.mac(body), &received).into()
    }
}
