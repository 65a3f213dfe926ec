//! The options of a receiver for Benti's webhooks.

use super::rules::{RULES, SECRET_HEADER};
use crate::{
    authenticate::{Authenticator, Keys},
    freshness::Window,
    receiver::Receiver,
    setup_error::SetupError,
};

/// The options of a receiver for Benti's webhooks, beside those that every [`Receiver`] has.
///
/// ```
/// use hookseal::{Keys, Window, benti};
///
/// let options = benti::Options::default().window(Window::seconds(3_600, 60)).utc_offset_minutes(120)?;
/// let receiver = options.receiver(Keys::new("secret")?)?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Options {
    window: Window,
    utc_offset_minutes: i16,
    allow_unsigned_handshake: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { window: Window::off(), utc_offset_minutes: 0, allow_unsigned_handshake: false }
    }
}

impl Options {
    /// How old the newest event of a delivery may be, and how far ahead of the receiver's clock. By default off:
    /// whoever can send a request can also write its times.
    pub const fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// The offset of times without a zone, in minutes east of UTC, from -1,439 to 1,439. By default 0.
    ///
    /// # Errors
    ///
    /// [`SetupError::OffsetOutOfRange`].
    pub fn utc_offset_minutes(self, minutes: i16) -> Result<Self, SetupError> {
        if !(-1_439..=1_439).contains(&minutes) {
            return Err(SetupError::OffsetOutOfRange);
        }
        Ok(Self { utc_offset_minutes: minutes, ..self })
    }

    /// Answers a handshake without the secret. Set it only while a webhook of an instance is being created. A wrong
    /// secret is still refused.
    pub const fn allow_unsigned_handshake(self) -> Self {
        Self { allow_unsigned_handshake: true, ..self }
    }

    /// A receiver with these options. The keys are the secrets that were given to Inbenta.
    ///
    /// # Errors
    ///
    /// Those of [`Receiver::benti`].
    pub fn receiver(self, keys: Keys) -> Result<Receiver, SetupError> {
        let Self { window, utc_offset_minutes, allow_unsigned_handshake } = self;
        let authenticator = Authenticator::shared_secret(keys, SECRET_HEADER)?;
        let receiver = Receiver::new(&RULES, authenticator, window);
        Ok(Receiver { utc_offset_minutes, allow_unsigned_handshake, ..receiver })
    }
}

impl Receiver {
    /// A receiver for Benti's webhooks with the default [`Options`]. The keys are the secrets that were given to
    /// Inbenta.
    ///
    /// # Errors
    ///
    /// Those of [`benji`](Self::benji), and [`SetupError::SecretNotAHeaderValue`].
    pub fn benti(keys: Keys) -> Result<Self, SetupError> {
        Options::default().receiver(keys)
    }
}
