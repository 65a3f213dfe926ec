//! The credentials of the senders to a Bento endpoint.

use core::fmt;

use crate::{
    authenticate::{Authenticator, Keys},
    setup_error::SetupError,
};

/// The credentials of the senders to an endpoint. The operator of the endpoint chose them.
///
/// ```
/// use hookseal::{Keys, Receiver, bento::Credentials};
///
/// let receiver = Receiver::bento(Credentials::Basic { user: "publishable key", keys: Keys::new("secret key")? })?;
/// let receiver = Receiver::bento(Credentials::Header { name: "x-hook-token", keys: Keys::new("token")? })?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[non_exhaustive]
pub enum Credentials<'a> {
    /// `Authorization: Basic` with one user. The keys are the passwords. Bento's clients send the publishable key as
    /// the user and the secret key as the password.
    Basic {
        /// The user, without a colon.
        user: &'a str,
        /// The passwords.
        keys: Keys,
    },
    /// `Authorization: Bearer`. The keys are the tokens.
    Bearer {
        /// The tokens.
        keys: Keys,
    },
    /// A header of the operator's own. Its value is the secret.
    Header {
        /// The header's name, in any case.
        name: &'a str,
        /// The secrets.
        keys: Keys,
    },
}

/// Shows only the scheme, because the user is part of a header's value.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(..)",
            Self::Bearer { .. } => "Bearer(..)",
            Self::Header { .. } => "Header(..)",
        })
    }
}

impl Credentials<'_> {
    pub(super) fn authenticator(self) -> Result<Authenticator, SetupError> {
        match self {
            Self::Basic { user, keys } => Authenticator::basic(user, keys),
            Self::Bearer { keys } => Authenticator::bearer(keys),
            Self::Header { name, keys } => Authenticator::own_header(name, keys),
        }
    }
}
