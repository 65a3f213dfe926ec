//! How a signature is written in a header.

use crate::words::words;

words! {
    /// How the 32 bytes of a signature are written in a header.
    ///
    /// Benji documents no encoding (source: [`benji`](crate::benji)), so a receiver accepts all three until one is
    /// pinned.
    ///
    /// ```
    /// use hookseal::{Secret, SignatureEncoding, Timestamp, sign};
    ///
    /// let salt = Secret::new("salt")?;
    /// let headers = sign::benji_encoded(&salt, b"{}", Timestamp::UNIX_EPOCH, SignatureEncoding::Base64);
    /// let (name, value) = headers.iter().next().unwrap();
    /// assert_eq!(name, "x-benji-signature");
    /// assert_eq!(value.len(), 44);
    /// assert_eq!(SignatureEncoding::Base64Url.to_string(), "base64url");
    /// # Ok::<(), hookseal::SetupError>(())
    /// ```
    #[non_exhaustive]
    SignatureEncoding {
        /// 64 hexadecimal digits, in lower or upper case.
        Hex = "hex",
        /// Base64 (RFC 4648, section 4), with its padding or without.
        Base64 = "base64",
        /// Base64 with the alphabet for URLs (RFC 4648, section 5), with its padding or without.
        Base64Url = "base64url",
    }
}
