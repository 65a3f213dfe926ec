//! Whether a request comes from who holds the key, and which key that is.

mod authorization;
pub(crate) mod hmac_sha256;
pub(crate) mod keys;
mod ring;
mod shared_secret;
pub(crate) mod signature;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;

pub(crate) use self::hmac_sha256::digest_of_parts;
use self::hmac_sha256::{PreparedKey, Tag, tags_equal};
pub(crate) use self::keys::KeyId;
pub use self::keys::{Key, Keys, Secret};
use self::ring::Ring;
use self::shared_secret::SharedSecret;
pub use self::signature::SignatureEncoding;
use crate::rejection::ResponseHeaders;
use crate::{Field, Headers, Reason, SetupError, Timestamp};

/// The check of one endpoint: where its requests carry their proof, and the keys that can have made it.
pub(crate) struct Authenticator(Scheme);

enum Scheme {
    /// The header holds the tag of the body.
    Hmac { header: &'static str, encoding: Option<SignatureEncoding>, keys: Ring<PreparedKey> },
    /// A header holds the secret itself.
    SharedSecret { place: Place, secrets: Ring<SharedSecret> },
}

/// Where a request carries a secret.
enum Place {
    /// The vendor's header.
    Header(&'static str),
    /// A header that the operator chose.
    OwnHeader(Box<str>),
    Basic,
    Bearer,
}

/// What a request was authenticated with.
pub(crate) struct Verified<'r> {
    /// The key that fits.
    pub(crate) key_id: &'r KeyId,
    /// The tag that the request carries, where it carries one.
    pub(crate) mac: Option<Tag>,
}

impl Authenticator {
    /// The header holds the HMAC-SHA256 of the body.
    pub(crate) fn hmac(keys: Keys, header: &'static str) -> Self {
        let keys = Ring::new(keys, |secret| PreparedKey::new(secret.bytes()));
        Self(Scheme::Hmac { header, encoding: None, keys })
    }

    /// The header equals the secret.
    pub(crate) fn shared_secret(keys: Keys, header: &'static str) -> Result<Self, SetupError> {
        Self::secret_at(Place::Header(header), keys)
    }

    /// `Authorization: Basic`, with the keys as the passwords of one user.
    pub(crate) fn basic(user: &str, keys: Keys) -> Result<Self, SetupError> {
        if user.bytes().any(|byte| byte == b':' || byte.is_ascii_control()) {
            return Err(SetupError::MalformedUser);
        }
        for password in keys.secrets().map(Secret::bytes) {
            // Base64 carries every byte, but RFC 7617 allows no control characters.
            if password.iter().any(u8::is_ascii_control) {
                return Err(SetupError::SecretNotAHeaderValue);
            }
            if user.len().saturating_add(1).saturating_add(password.len())
                > authorization::MAX_CREDENTIALS_BYTES
            {
                return Err(SetupError::CredentialsTooLong);
            }
        }
        let secrets = Ring::new(keys, |password| SharedSecret::with_user(user, password));
        Ok(Self(Scheme::SharedSecret { place: Place::Basic, secrets }))
    }

    /// `Authorization: Bearer`, with the keys as tokens.
    pub(crate) fn bearer(keys: Keys) -> Result<Self, SetupError> {
        Self::secret_at(Place::Bearer, keys)
    }

    /// A header of the operator's choice equals the secret.
    pub(crate) fn own_header(name: &str, keys: Keys) -> Result<Self, SetupError> {
        let name = name.to_ascii_lowercase();
        // These have a meaning of their own.
        if !is_token(&name) || [AUTHORIZATION, "content-encoding", "content-length"].contains(&name.as_str())
        {
            return Err(SetupError::MalformedHeaderName);
        }
        Self::secret_at(Place::OwnHeader(name.into()), keys)
    }

    fn secret_at(place: Place, keys: Keys) -> Result<Self, SetupError> {
        if !keys.secrets().all(|secret| is_header_value(secret.bytes())) {
            return Err(SetupError::SecretNotAHeaderValue);
        }
        Ok(Self(Scheme::SharedSecret { place, secrets: Ring::new(keys, SharedSecret::new) }))
    }

    /// Accepts signatures in this encoding only.
    pub(crate) fn with_signature_encoding(self, pinned: SignatureEncoding) -> Result<Self, SetupError> {
        match self.0 {
            Scheme::Hmac { header, keys, .. } => {
                Ok(Self(Scheme::Hmac { header, encoding: Some(pinned), keys }))
            }
            Scheme::SharedSecret { .. } => Err(SetupError::OptionNotForVendor("signature_encoding")),
        }
    }

    /// Whether one of the keys that are valid now made this request. Which fits decides nothing about the time
    /// that the check takes.
    #[inline]
    pub(crate) fn check<H: Headers + ?Sized>(
        &self,
        headers: &H,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Verified<'_>, Reason> {
        self.verify(&self.value(headers)?, body, now)
    }

    fn verify(&self, value: &[u8], body: &[u8], now: Timestamp) -> Result<Verified<'_>, Reason> {
        let (key_id, mac) = match &self.0 {
            Scheme::Hmac { encoding, keys, .. } => {
                let Some(received) = signature::decode(value, *encoding) else {
                    return Err(self.malformed());
                };
                (keys.find(now, |key| tags_equal(&key.mac(body), &received)), Some(received))
            }
            Scheme::SharedSecret { place, secrets } => {
                let found = place.read(value, |received| secrets.find(now, |secret| secret.fits(received)));
                let Some(key_id) = found else { return Err(self.malformed()) };
                (key_id, None)
            }
        };
        match key_id {
            Some(key_id) => Ok(Verified { key_id, mac }),
            None => Err(Reason::SignatureMismatch),
        }
    }

    /// Refuses what the headers alone can tell: a signature or credentials absent, repeated or malformed.
    pub(crate) fn check_before_body<H: Headers + ?Sized>(&self, headers: &H) -> Result<(), Reason> {
        let value = self.value(headers)?;
        let read = match &self.0 {
            Scheme::Hmac { encoding, .. } => signature::decode(&value, *encoding).map(drop),
            Scheme::SharedSecret { place, .. } => place.read(&value, |_| ()),
        };
        read.ok_or_else(|| self.malformed())
    }

    /// What an answer with status 401 says about the credentials it wants (RFC 9110, section 11.6.1).
    pub(crate) fn challenge_headers(&self) -> ResponseHeaders {
        match &self.0 {
            Scheme::SharedSecret { place: Place::Basic, .. } => {
                &[("www-authenticate", "Basic realm=\"webhook\", charset=\"UTF-8\"")]
            }
            Scheme::SharedSecret { place: Place::Bearer, .. } => &[("www-authenticate", "Bearer")],
            _ => &[],
        }
    }

    /// The value of the header that carries the proof, without the white space around it.
    #[inline]
    fn value<'h, H: Headers + ?Sized>(&self, headers: &'h H) -> Result<Cow<'h, [u8]>, Reason> {
        match headers.field(self.header()).trimmed() {
            Field::Absent => Err(Reason::MissingSignature { header: self.shown_header() }),
            Field::Repeated => Err(Reason::RepeatedHeader { header: self.shown_header() }),
            Field::Value(value) if !value.is_empty() => Ok(value),
            Field::Value(_) | Field::Unreadable => Err(self.malformed()),
        }
    }

    #[cold]
    fn malformed(&self) -> Reason {
        Reason::MalformedSignature { header: self.shown_header() }
    }

    pub(crate) fn header(&self) -> &str {
        match &self.0 {
            Scheme::SharedSecret { place: Place::OwnHeader(name), .. } => name,
            _ => self.shown_header(),
        }
    }

    /// The header as a message names it.
    fn shown_header(&self) -> &'static str {
        match &self.0 {
            Scheme::Hmac { header, .. } => header,
            Scheme::SharedSecret { place, .. } => match place {
                Place::Header(header) => header,
                Place::OwnHeader(_) => "the credential header",
                Place::Basic | Place::Bearer => AUTHORIZATION,
            },
        }
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authenticator({})", self.shown_header())
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?})", self.key_id.as_str())
    }
}

impl Place {
    /// Hands over the secret that a header's value carries, or gives `None` where it has another form.
    fn read<T>(&self, value: &[u8], then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        match self {
            Self::Header(_) | Self::OwnHeader(_) => Some(then(value)),
            Self::Basic => authorization::basic(value, then),
            Self::Bearer => authorization::bearer(value).map(then),
        }
    }
}

const AUTHORIZATION: &str = "authorization";

/// Whether a header can carry these bytes unchanged (RFC 9110, section 5.5).
fn is_header_value(bytes: &[u8]) -> bool {
    bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ') && !bytes.iter().any(u8::is_ascii_control)
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests;
