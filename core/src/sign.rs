//! The sender's side: the headers of a genuine request, for tests and for programs that send in a vendor's place.
//!
//! It computes signatures with the crate `hmac`, which shares no code with the check of a receiver. A signed request
//! that is accepted therefore compares two independent computations.
//!
//! These functions cannot fail, and check no user, header name or challenge. A receiver cannot be built with a user
//! that has a colon, with a header's name that HTTP does not allow, or with a secret that no header can carry. A
//! request that is signed with one is refused.

use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::{
    fmt::{self, Write},
    slice,
};

use base64::{
    display::Base64Display,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    authenticate::{Secret, hmac_sha256::wipe_stack},
    benji,
    freshness::Timestamp,
    headers::{Field, Headers},
    signature_encoding::SignatureEncoding,
};

/// The headers of a Benji webhook: `x-benji-timestamp`, and in hex `x-benji-signature` of its value and the body.
///
/// The time is cut to seconds.
///
/// ```
/// use hookseal::{Secret, Timestamp, sign};
///
/// let headers = sign::benji(&Secret::new("salt")?, br#"{"event":"transaction_created"}"#, Timestamp::UNIX_EPOCH);
/// let [(_, signature), (name, time)] = headers.iter().collect::<Vec<_>>()[..] else { unreachable!() };
/// assert_eq!(signature.len(), 64);
/// assert_eq!(name, "x-benji-timestamp");
/// assert_eq!(time, b"Thu, 01 Jan 1970 00:00:00 GMT");
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[must_use]
pub fn benji(salt: &Secret, body: &[u8], time: Timestamp) -> SignedHeaders {
    benji_encoded(salt, body, time, SignatureEncoding::Hex)
}

/// The headers of a Benji webhook, with the signature in this encoding. Base64 has its padding.
#[must_use]
pub fn benji_encoded(
    salt: &Secret,
    body: &[u8],
    time: Timestamp,
    encoding: SignatureEncoding,
) -> SignedHeaders {
    let time = imf_fixdate(time);
    let tag = wiping(|| hmac_sha256(salt, &[time.as_bytes(), body]));
    SignedHeaders::one(benji::SIGNATURE_HEADER, encoded(&tag, encoding)).and(benji::TIMESTAMP_HEADER, time)
}

/// The headers of a Benji webhook in the older scheme: in hex `x-benji-signature` of the body alone, and the unsigned
/// `x-webhook-datetime`.
///
/// The time is cut to seconds.
///
/// ```
/// use hookseal::{Secret, Timestamp, sign};
///
/// let headers = sign::benji_body_only(&Secret::new("salt")?, b"{}", Timestamp::UNIX_EPOCH);
/// assert_eq!(headers.iter().nth(1).unwrap().0, "x-webhook-datetime");
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[must_use]
pub fn benji_body_only(salt: &Secret, body: &[u8], time: Timestamp) -> SignedHeaders {
    benji_body_only_encoded(salt, body, time, SignatureEncoding::Hex)
}

/// The headers of a Benji webhook in the older scheme, with the signature in this encoding. Base64 has its padding.
#[must_use]
pub fn benji_body_only_encoded(
    salt: &Secret,
    body: &[u8],
    time: Timestamp,
    encoding: SignatureEncoding,
) -> SignedHeaders {
    let tag = wiping(|| hmac_sha256(salt, &[body]));
    SignedHeaders::one(benji::SIGNATURE_HEADER, encoded(&tag, encoding))
        .and(benji::DATE_HEADER, imf_fixdate(time))
}

fn encoded(tag: &[u8; 32], encoding: SignatureEncoding) -> String {
    match encoding {
        SignatureEncoding::Hex => const_hex::const_encode::<32, false>(tag).as_str().to_string(),
        SignatureEncoding::Base64 => Base64Display::new(tag, &STANDARD).to_string(),
        SignatureEncoding::Base64Url => Base64Display::new(tag, &URL_SAFE).to_string(),
    }
}

/// The header of a Benti (Inbenta) webhook: `x-hook-signature`, the secret itself.
#[must_use]
pub fn benti(secret: &Secret) -> SignedHeaders {
    wiping(|| SignedHeaders::one("x-hook-signature", secret.bytes()))
}

/// The headers of the `GET` with which Benti checks a new webhook: the secret, and in `x-inbenta-challenge` the
/// challenge, which the receiver has to echo. A receiver refuses one that is not 1 to
/// [`MAX_CHALLENGE_BYTES`](crate::MAX_CHALLENGE_BYTES) visible ASCII characters.
#[must_use]
pub fn benti_handshake(secret: &Secret, challenge: &str) -> SignedHeaders {
    benti(secret).and("x-inbenta-challenge", challenge)
}

/// The header of a Bento request with Basic authentication (RFC 7617).
///
/// The user must not hold a colon: the text after it would be read as part of the secret.
///
/// ```
/// use hookseal::{Secret, sign};
///
/// let headers = sign::bento_basic("publishable", &Secret::new("secret")?);
/// assert_eq!(headers.iter().next(), Some(("authorization", b"Basic cHVibGlzaGFibGU6c2VjcmV0".as_slice())));
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[must_use]
pub fn bento_basic(user: &str, secret: &Secret) -> SignedHeaders {
    wiping(|| {
        let credentials = Zeroizing::new([user.as_bytes(), b":", secret.bytes()].concat());
        // Reserve the full length: a text that grows would leave copies.
        let length = "Basic ".len() + credentials.len().div_ceil(3) * 4;
        let mut value = Zeroizing::new(String::with_capacity(length));
        // Writing to a `String` cannot fail.
        let _ = write!(value, "Basic {}", Base64Display::new(&credentials, &STANDARD));
        SignedHeaders::one("authorization", &*value)
    })
}

/// The header of a Bento request with a bearer token (RFC 6750).
#[must_use]
pub fn bento_bearer(secret: &Secret) -> SignedHeaders {
    wiping(|| {
        let value = Zeroizing::new([b"Bearer ", secret.bytes()].concat());
        SignedHeaders::one("authorization", &*value)
    })
}

/// The header of a Bento request with the secret in a header of your own. The name is put into lower case.
#[must_use]
pub fn bento_header(name: &str, secret: &Secret) -> SignedHeaders {
    wiping(|| SignedHeaders::one(name.to_ascii_lowercase(), secret.bytes()))
}

/// The headers that make a request genuine, names in lower case. Their values are wiped from memory when they are
/// dropped, and `Debug` shows only the names.
///
/// A receiver takes them directly, because they implement [`Headers`].
///
/// ```
/// use hookseal::{Secret, sign};
///
/// let headers = sign::benti(&Secret::new("hunter2")?);
/// for (name, value) in &headers {
///     assert_eq!((name, value), ("x-hook-signature", b"hunter2".as_slice()));
/// }
/// assert_eq!(format!("{headers:?}"), r#"SignedHeaders["x-hook-signature"]"#);
/// # Ok::<(), hookseal::SetupError>(())
/// ```
pub struct SignedHeaders(Vec<(Cow<'static, str>, Zeroizing<Vec<u8>>)>);

impl SignedHeaders {
    fn one(name: impl Into<Cow<'static, str>>, value: impl AsRef<[u8]>) -> Self {
        Self(vec![(name.into(), Zeroizing::new(value.as_ref().to_vec()))])
    }

    fn and(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.0.push((name.into(), Zeroizing::new(value.as_ref().to_vec())));
        self
    }

    /// The names and values, the signature or secret first.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }
}

impl Headers for SignedHeaders {
    fn field(&self, name: &str) -> Field<'_> {
        // No name occurs twice.
        self.iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map_or(Field::Absent, |(_, value)| Field::Value(Cow::Borrowed(value)))
    }
}

impl fmt::Debug for SignedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedHeaders")?;
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl<'a> IntoIterator for &'a SignedHeaders {
    type Item = (&'a str, &'a [u8]);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The names and values of [`SignedHeaders`].
pub struct Iter<'a>(slice::Iter<'a, (Cow<'static, str>, Zeroizing<Vec<u8>>)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value.as_slice()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter")
    }
}

/// Does work that touches a secret in a stack frame of its own, then wipes the stack that the work used.
fn wiping<T>(work: impl FnOnce() -> T) -> T {
    let done = in_its_own_frame(work);
    wipe_stack();
    done
}

#[inline(never)]
fn in_its_own_frame<T>(work: impl FnOnce() -> T) -> T {
    work()
}

fn hmac_sha256(key: &Secret, message: &[&[u8]]) -> [u8; 32] {
    #[expect(
        clippy::expect_used,
        reason = "the error does not occur for HMAC; a wrong signature would be worse"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes a key of any length");
    message.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

/// The preferred one of the three HTTP-dates (RFC 9110, section 5.6.7).
fn imf_fixdate(time: Timestamp) -> String {
    let seconds = time.unix_millis().div_euclid(1_000);
    #[expect(clippy::expect_used, reason = "a wrong date would be worse")]
    let date = OffsetDateTime::from_unix_timestamp(seconds).expect("a timestamp lies in the years 1 to 9999");
    // HTTP writes the first three letters of the English names of days and months.
    format!(
        "{:.3}, {:02} {:.3} {:04} {:02}:{:02}:{:02} GMT",
        date.weekday(),
        date.day(),
        date.month(),
        date.year(),
        date.hour(),
        date.minute(),
        date.second()
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::authenticate::{Authenticator, Key, Keys};

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    fn keys(text: &str) -> Keys {
        Keys::new(text).unwrap()
    }

    fn of_benji(salt: &[u8]) -> Authenticator {
        let keys = Keys::ring([Key::exact(salt).unwrap()]).unwrap();
        Authenticator::hmac(keys, "x-benji-signature", None).unwrap()
    }

    #[test]
    fn a_receiver_accepts_what_was_signed() {
        let (text, time) = ("hunter2", at(0));
        let pairs = [
            (benji(&secret(text), b"body", time), of_benji(text.as_bytes())),
            (benji_body_only(&secret(text), b"body", time), of_benji(text.as_bytes())),
            (benti(&secret(text)), Authenticator::shared_secret(keys(text), "x-hook-signature").unwrap()),
            (
                benti_handshake(&secret(text), "1f3a"),
                Authenticator::shared_secret(keys(text), "x-hook-signature").unwrap(),
            ),
            (bento_basic("pub", &secret(text)), Authenticator::basic("pub", keys(text)).unwrap()),
            (bento_bearer(&secret(text)), Authenticator::bearer(keys(text)).unwrap()),
            (bento_header("X-Own", &secret(text)), Authenticator::own_header("x-OWN", keys(text)).unwrap()),
        ];
        for (headers, authenticator) in pairs {
            assert_eq!(authenticator.check_in(&headers, b"body", time).unwrap().key_id, "0");
        }
    }

    #[test]
    fn a_date_has_the_form_that_http_prefers() {
        assert_eq!(imf_fixdate(at(784_111_777_999)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(imf_fixdate(at(-1)), "Wed, 31 Dec 1969 23:59:59 GMT");
        assert_eq!(imf_fixdate(at(-62_135_596_800_000)), "Mon, 01 Jan 0001 00:00:00 GMT");
        assert_eq!(imf_fixdate(at(253_402_300_799_999)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn a_header_is_found_in_any_case() {
        let headers = bento_header("X-Own", &secret("a"));
        assert!(matches!(headers.field("X-OWN"), Field::Value(ref value) if **value == *b"a"));
        assert!(matches!(headers.field("x-other"), Field::Absent));
    }

    #[test]
    fn debug_shows_names_alone() {
        let headers = benti_handshake(&secret("hunter2"), "1f3a");
        let shown = format!("{headers:?} {:?}", headers.iter());
        assert_eq!(shown, r#"SignedHeaders["x-hook-signature", "x-inbenta-challenge"] Iter"#);
    }

    #[test]
    fn the_headers_that_are_left_are_counted() {
        let headers = benji(&secret("hunter2"), b"{}", at(0));
        let mut left = headers.iter();
        assert_eq!((left.len(), left.size_hint()), (2, (2, Some(2))));
        left.next();
        assert_eq!(left.len(), 1);
    }

    proptest! {
        #[test]
        fn every_body_that_was_signed_passes(
            salt in proptest::collection::vec(any::<u8>(), 1..=150)
                .prop_filter("no secret", |bytes| Secret::new(bytes).is_ok()),
            body in proptest::collection::vec(any::<u8>(), 0..=300),
        ) {
            let authenticator = of_benji(&salt);
            let salt = Secret::new(&salt).unwrap();
            for encoding in [SignatureEncoding::Hex, SignatureEncoding::Base64, SignatureEncoding::Base64Url] {
                for sign in [benji_encoded, benji_body_only_encoded] {
                    let headers = sign(&salt, &body, at(0), encoding);
                    prop_assert!(authenticator.check_in(&headers, &body, at(0)).is_ok());
                }
            }
        }
    }

    #[cfg(feature = "std")]
    proptest! {
        #[test]
        fn a_date_is_that_of_httpdate(seconds in 0_i64..253_402_300_800) {
            let time = std::time::UNIX_EPOCH + core::time::Duration::from_secs(seconds.unsigned_abs());
            prop_assert_eq!(imf_fixdate(at(seconds * 1_000)), httpdate::fmt_http_date(time));
        }
    }
}
