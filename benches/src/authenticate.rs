//! The core's own check of a signature, which it does not offer by itself. It is built here of the core's files.

#[path = "../../core/src/authenticate/hmac_sha256.rs"]
#[expect(dead_code, reason = "the core uses more of the file than is measured")]
mod hmac_sha256;
#[path = "../../core/src/authenticate/signature.rs"]
#[expect(dead_code, unreachable_pub, reason = "the core uses and shows more of the file")]
mod signature;

use hmac_sha256::{PreparedKey, tags_equal};
use hookseal::{Field, Headers};

/// A key that was prepared once.
#[expect(missing_debug_implementations, reason = "it is a key")]
pub struct Key(Box<PreparedKey>);

impl Key {
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(PreparedKey::new(secret))
    }

    /// Whether the header holds the signature of the body.
    pub fn verifies<H: Headers + ?Sized>(&self, headers: &H, body: &[u8]) -> bool {
        let field = headers.field("x-benji-signature");
        let Field::Value(value) = &field else { return false };
        let Some(received) = signature::decode(value, None) else { return false };
        tags_equal(&self.0.mac(body), &received).into()
    }
}
