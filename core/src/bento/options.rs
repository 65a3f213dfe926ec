//! The options of a receiver for traffic in Bento's shapes.

use super::{credentials::Credentials, rules::RULES};
use crate::{freshness::Window, receiver::Receiver, setup_error::SetupError};

/// The options of a receiver for traffic in Bento's shapes, beside those that every [`Receiver`] has.
///
/// ```
/// use hookseal::{Keys, Request, Secret, Timestamp, bento, sign};
///
/// let options = bento::Options::default().require_event_or_email();
/// let receiver = options.receiver(bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// let headers = sign::bento_bearer(&Secret::new("token")?);
/// let refused = receiver.receive(Request::post(&headers, b"{}"), Timestamp::UNIX_EPOCH).unwrap_err();
/// assert!(refused.to_string().contains("neither event nor email is a text"));
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Options {
    require_event_or_email: bool,
}

impl Options {
    /// Refuses a workflow webhook that has neither a text `event` nor a text `email`, with `malformed_payload`. By
    /// default every JSON object is accepted, also `{}`, as a `workflow.other`: a workflow's operator chooses the form
    /// of its webhook, and form services post objects of their own. Set it if all your senders send one of the two.
    pub const fn require_event_or_email(self) -> Self {
        Self { require_event_or_email: true }
    }

    /// A receiver with these options and the credentials of its senders.
    ///
    /// # Errors
    ///
    /// Those of [`Receiver::bento`].
    pub fn receiver(self, credentials: Credentials<'_>) -> Result<Receiver, SetupError> {
        let Self { require_event_or_email } = self;
        let receiver = Receiver::new(&RULES, credentials.authenticator()?, Window::off());
        Ok(Receiver { require_name_or_subject: require_event_or_email, ..receiver })
    }
}

impl Receiver {
    /// A receiver for traffic in Bento's shapes, with the credentials of its senders and the default
    /// [`Options`]. It accepts every JSON object, also `{}`: see [`Options::require_event_or_email`].
    ///
    /// # Errors
    ///
    /// Those of [`benji`](Self::benji), [`SetupError::SecretNotAHeaderValue`], [`SetupError::CredentialsTooLong`],
    /// [`SetupError::MalformedUser`] and [`SetupError::MalformedHeaderName`].
    pub fn bento(credentials: Credentials<'_>) -> Result<Self, SetupError> {
        Options::default().receiver(credentials)
    }
}
