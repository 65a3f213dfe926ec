//! Checks that a request comes from a holder of a key, and finds that key.

pub(crate) mod authorization;
pub(crate) mod hmac_sha256;
pub(crate) mod keys;
mod mistakes;
pub(crate) mod ring;
mod scheme;
pub(crate) mod shared_secret;
pub(crate) mod signature;

use alloc::boxed::Box;
use core::fmt;

use hmac_sha256::tags_equal;
pub(crate) use hmac_sha256::{Part, PreparedKey, Tag, digest_of_parts};
pub(crate) use keys::KeyId;
pub use keys::{Key, Keys, Secret};
use ring::{NoKey, Ring};
pub(crate) use scheme::{Scheme, SignedTimeScheme, time_text};
use shared_secret::SharedSecret;

use crate::{
    freshness::Timestamp,
    headers::{Field, NoValue},
    rejection::{ProofForm, Reason, ResponseHeaders},
    setup_error::SetupError,
    signature_encoding::SignatureEncoding,
};

/// The check of one endpoint: where requests carry their proof, and which keys are accepted.
pub(crate) struct Authenticator {
    proof: Proof,
    /// Kept here for reasons: finding it out took 40 instructions more for each refused request.
    form: ProofForm,
}

enum Proof {
    Hmac { header: &'static str, encoding: Option<SignatureEncoding>, keys: Ring<PreparedKey> },
    SharedSecret { location: SecretLocation, secrets: Ring<SharedSecret> },
}

/// Where a request carries a secret.
enum SecretLocation {
    Header(&'static str),
    /// A header that the operator chose.
    OwnHeader(Box<str>),
    Basic,
    Bearer,
}

/// The result of a check that passed.
pub(crate) struct Verified<'r, 'f> {
    pub(crate) key_id: &'r KeyId,
    /// The received tag, if the proof is a signature.
    pub(crate) mac: Option<Tag>,
    /// The time that the tag covers, as received.
    pub(crate) signed_time: Option<&'f [u8]>,
}

impl Authenticator {
    /// The header holds an HMAC-SHA256. Without an encoding, any encoding is accepted.
    pub(crate) fn hmac(
        keys: Keys,
        header: &'static str,
        encoding: Option<SignatureEncoding>,
    ) -> Result<Self, SetupError> {
        keys.refuse_mistakes()?;
        let keys = Ring::new(keys, |secret| PreparedKey::new(secret.bytes()));
        let form = ProofForm::Signature { encoding };
        Ok(Self { proof: Proof::Hmac { header, encoding, keys }, form })
    }

    pub(crate) fn shared_secret(keys: Keys, header: &'static str) -> Result<Self, SetupError> {
        Self::secret_at(SecretLocation::Header(header), keys)
    }

    /// `Authorization: Basic` with one user. The keys are the passwords.
    pub(crate) fn basic(user: &str, keys: Keys) -> Result<Self, SetupError> {
        if user.bytes().any(|byte| byte == b':' || byte.is_ascii_control()) {
            return Err(SetupError::MalformedUser);
        }
        keys.refuse_mistakes()?;
        for password in keys.secrets().map(Secret::bytes) {
            // Base64 carries every byte, but RFC 7617 allows no control characters.
            mistakes::refuse_control_character(password)?;
            if user.len().saturating_add(1).saturating_add(password.len())
                > authorization::MAX_CREDENTIALS_BYTES
            {
                return Err(SetupError::CredentialsTooLong);
            }
        }
        let secrets = Ring::new(keys, |password| SharedSecret::with_user(user, password));
        let proof = Proof::SharedSecret { location: SecretLocation::Basic, secrets };
        Ok(Self { proof, form: ProofForm::Basic })
    }

    /// `Authorization: Bearer`. The keys are the tokens.
    pub(crate) fn bearer(keys: Keys) -> Result<Self, SetupError> {
        Self::secret_at(SecretLocation::Bearer, keys)
    }

    /// A header that the operator chose equals the secret.
    pub(crate) fn own_header(name: &str, keys: Keys) -> Result<Self, SetupError> {
        let name = name.to_ascii_lowercase();
        // HTTP gives these headers a meaning of their own.
        if !is_token(&name) || [AUTHORIZATION, "content-encoding", "content-length"].contains(&name.as_str())
        {
            return Err(SetupError::MalformedHeaderName);
        }
        Self::secret_at(SecretLocation::OwnHeader(name.into()), keys)
    }

    fn secret_at(location: SecretLocation, keys: Keys) -> Result<Self, SetupError> {
        keys.refuse_mistakes()?;
        keys.secrets().try_for_each(|secret| mistakes::refuse_no_header_value(secret.bytes()))?;
        let form = match location {
            SecretLocation::Header(_) | SecretLocation::OwnHeader(_) => ProofForm::Secret,
            SecretLocation::Basic => ProofForm::Basic,
            SecretLocation::Bearer => ProofForm::Bearer,
        };
        Ok(Self {
            proof: Proof::SharedSecret { location, secrets: Ring::new(keys, SharedSecret::new) },
            form,
        })
    }

    /// Checks the proof by this scheme and finds the key, which must be valid now. `time` is the header with the time,
    /// if the scheme has one. The time that the check takes does not depend on which key fits.
    #[inline]
    pub(crate) fn check<'f>(
        &self,
        scheme: &Scheme,
        proof: &Field<'_>,
        time: &'f Field<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Verified<'_, 'f>, Reason> {
        let value = self.proof_value(scheme, proof)?;
        match &self.proof {
            Proof::Hmac { encoding, keys, .. } => {
                let Some(received) = signature::decode(value, *encoding) else {
                    return Err(self.malformed());
                };
                let signed_time = scheme.signed_time(time)?;
                let found = match signed_time {
                    None => keys.find(now, |key| tags_equal(&key.mac(body), &received)),
                    Some(time) => keys.find(now, |key| tags_equal(&key.mac_of_two(time, body), &received)),
                };
                match found {
                    Ok(key_id) => Ok(Verified { key_id, mac: Some(received), signed_time }),
                    Err(none) => Err(self.mismatch(scheme, none)),
                }
            }
            Proof::SharedSecret { location, secrets } => {
                let found =
                    location.with_secret(value, |received| secrets.find(now, |secret| secret.fits(received)));
                match found {
                    Some(Ok(key_id)) => Ok(Verified { key_id, mac: None, signed_time: None }),
                    Some(Err(none)) => Err(self.mismatch(scheme, none)),
                    None => Err(self.malformed()),
                }
            }
        }
    }

    fn is_secret(&self) -> bool {
        matches!(self.proof, Proof::SharedSecret { .. })
    }

    /// Checks the headers alone. Refuses a signature, credentials or a signed time that are absent, repeated or
    /// malformed.
    pub(crate) fn check_headers(
        &self,
        scheme: &Scheme,
        proof: &Field<'_>,
        time: &Field<'_>,
    ) -> Result<(), Reason> {
        let value = self.proof_value(scheme, proof)?;
        match &self.proof {
            Proof::Hmac { encoding, .. } => {
                signature::decode(value, *encoding).ok_or_else(|| self.malformed())?;
                scheme.signed_time(time).map(drop)
            }
            Proof::SharedSecret { location, .. } => {
                location.with_secret(value, |_| ()).ok_or_else(|| self.malformed())
            }
        }
    }

    pub(crate) fn key_ids(&self) -> impl Iterator<Item = &KeyId> {
        let (hmac, secrets) = match &self.proof {
            Proof::Hmac { keys, .. } => (Some(keys.ids()), None),
            Proof::SharedSecret { secrets, .. } => (None, Some(secrets.ids())),
        };
        hmac.into_iter().flatten().chain(secrets.into_iter().flatten())
    }

    /// The keys that end, in the order of the ring, with the last millisecond in which each is valid.
    pub(crate) fn key_ends(&self) -> impl Iterator<Item = (&KeyId, Timestamp)> {
        let (hmac, secrets) = match &self.proof {
            Proof::Hmac { keys, .. } => (Some(keys.ends()), None),
            Proof::SharedSecret { secrets, .. } => (None, Some(secrets.ends())),
        };
        hmac.into_iter().flatten().chain(secrets.into_iter().flatten())
    }

    /// The headers of an answer with status 401 (RFC 9110, section 11.6.1).
    pub(crate) fn www_authenticate(&self) -> ResponseHeaders {
        match &self.proof {
            Proof::SharedSecret { location: SecretLocation::Basic, .. } => {
                &[("www-authenticate", "Basic realm=\"webhook\", charset=\"UTF-8\"")]
            }
            Proof::SharedSecret { location: SecretLocation::Bearer, .. } => &[("www-authenticate", "Bearer")],
            _ => &[],
        }
    }

    #[inline]
    fn proof_value<'f>(&self, scheme: &Scheme, proof: &'f Field<'_>) -> Result<&'f [u8], Reason> {
        match proof.value() {
            // A shared secret with a scheme for signatures, or the reverse: the delivery would claim more than was
            // proved.
            Ok(_) if self.is_secret() != scheme.is_of_secret() => Err(self.malformed()),
            Ok(value) if !value.is_empty() => Ok(value),
            Ok(_) | Err(NoValue::Unreadable) => Err(self.malformed()),
            Err(NoValue::Absent) => {
                Err(Reason::MissingSignature { header: self.shown_header(), form: self.form })
            }
            Err(NoValue::Repeated) => Err(Reason::RepeatedHeader { header: self.shown_header() }),
        }
    }

    #[cold]
    fn malformed(&self) -> Reason {
        Reason::MalformedSignature { header: self.shown_header(), form: self.form }
    }

    #[cold]
    fn mismatch(&self, scheme: &Scheme, none: NoKey) -> Reason {
        Reason::SignatureMismatch {
            header: self.shown_header(),
            covers: scheme.covers(),
            form: self.form,
            key_not_valid_now: none.one_fits_when_not_valid,
        }
    }

    pub(crate) fn header(&self) -> &str {
        match &self.proof {
            Proof::SharedSecret { location: SecretLocation::OwnHeader(name), .. } => name,
            _ => self.shown_header(),
        }
    }

    /// The header's name for messages, which must not show a name that the operator chose.
    fn shown_header(&self) -> &'static str {
        match &self.proof {
            Proof::Hmac { header, .. } => header,
            Proof::SharedSecret { location, .. } => match location {
                SecretLocation::Header(header) => header,
                SecretLocation::OwnHeader(_) => "the credential header",
                SecretLocation::Basic | SecretLocation::Bearer => AUTHORIZATION,
            },
        }
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authenticator({})", self.shown_header())
    }
}

impl fmt::Debug for Verified<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?})", self.key_id.as_str())
    }
}

impl SecretLocation {
    /// Calls `then` with the secret in a header's value. `None` if the value has another form.
    fn with_secret<T>(&self, value: &[u8], then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        match self {
            Self::Header(_) | Self::OwnHeader(_) => Some(then(value)),
            Self::Basic => authorization::basic(value, then),
            Self::Bearer => authorization::bearer(value).map(then),
        }
    }
}

const AUTHORIZATION: &str = "authorization";

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests;
