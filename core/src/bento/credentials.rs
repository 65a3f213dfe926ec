//! What the senders to an endpoint prove themselves with.

use core::fmt;

use super::rules::RULES;
use crate::{
    authenticate::{Authenticator, Keys},
    freshness::Window,
    receiver::Receiver,
    setup_error::SetupError,
};

/// What the senders to an endpoint prove themselves with: credentials that its operator chose.
#[non_exhaustive]
pub enum Credentials<'a> {
    /// `Authorization: Basic` with one user; the keys are the passwords. Bento's clients send the publishable
    /// key as the user and the secret key as the password.
    Basic {
        /// The user, without a colon.
        user: &'a str,
        /// The passwords.
        keys: Keys,
    },
    /// `Authorization: Bearer`; the keys are the tokens.
    Bearer {
        /// The tokens.
        keys: Keys,
    },
    /// A header of the operator's own that equals the secret.
    Header {
        /// The header's name, in any case.
        name: &'a str,
        /// The secrets.
        keys: Keys,
    },
}

/// Shows the scheme only: the user stands in a header's value.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(..)",
            Self::Bearer { .. } => "Bearer(..)",
            Self::Header { .. } => "Header(..)",
        })
    }
}

impl Receiver {
    /// A receiver of traffic in Bento's shapes, with the credentials that its senders were given.
    ///
    /// # Errors
    ///
    /// A secret is refused as for [`benji`](Self::benji); or it, the user or the header's name cannot stand in a header.
    pub fn bento(credentials: Credentials<'_>) -> Result<Self, SetupError> {
        let authenticator = match credentials {
            Credentials::Basic { user, keys } => Authenticator::basic(user, keys)?,
            Credentials::Bearer { keys } => Authenticator::bearer(keys)?,
            Credentials::Header { name, keys } => Authenticator::own_header(name, keys)?,
        };
        Ok(Self::new(&RULES, authenticator, Window::off()))
    }
}
