//! The options of a receiver for Benji's webhooks.

use super::rules::{RULES, SIGNATURE_HEADER};
use crate::{
    authenticate::{Authenticator, Keys},
    freshness::Window,
    receiver::Receiver,
    setup_error::SetupError,
    signature_encoding::SignatureEncoding,
};

/// The options of a receiver for Benji's webhooks, beside those that every [`Receiver`] has.
///
/// ```
/// use hookseal::{Key, Keys, Window, benji};
///
/// let keys = Keys::ring([Key::new("new salt")?.with_id("2026")?, Key::new("old salt")?.with_id("2025")?])?;
/// let options = benji::Options::default().window(Window::seconds(600, 60)).require_signed_time();
/// let receiver = options.receiver(keys)?.max_body_bytes(4096)?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Options {
    window: Window,
    signature_encoding: Option<SignatureEncoding>,
    require_signed_time: bool,
    allow_missing_date: bool,
}

/// The default of both sides of the window: how old a request may be, and how far ahead.
pub const WINDOW_SECONDS: u64 = 300;

impl Default for Options {
    fn default() -> Self {
        Self {
            window: Window::seconds(WINDOW_SECONDS, WINDOW_SECONDS),
            signature_encoding: None,
            require_signed_time: false,
            allow_missing_date: false,
        }
    }
}

impl Options {
    /// How old a request may be, and how far ahead of the receiver's clock. By default 300 s each.
    ///
    /// Benji sends the date of the event. A retry that comes later than the window is therefore refused as `stale`.
    pub const fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Accepts signatures in this encoding only. By default hexadecimal, base64 and base64url are accepted.
    pub const fn signature_encoding(self, encoding: SignatureEncoding) -> Self {
        Self { signature_encoding: Some(encoding), ..self }
    }

    /// Refuses every request without `x-benji-timestamp`, also a genuine one, with `missing_timestamp`: its signature
    /// covers the body alone. Nobody can then replay a request with another date.
    ///
    /// Set it once the [`assurance`](crate::Delivery::assurance) of every delivery, for all salts of the receiver, says
    /// that the time is signed. It contradicts [`allow_missing_date`](Self::allow_missing_date).
    pub const fn require_signed_time(self) -> Self {
        Self { require_signed_time: true, ..self }
    }

    /// Accepts a request without a date. Its age is then unknown: anybody who has read a request once can replay it
    /// without a date for ever. Use [`ReplayPolicy::Strict`](crate::ReplayPolicy::Strict). It contradicts
    /// [`require_signed_time`](Self::require_signed_time).
    pub const fn allow_missing_date(self) -> Self {
        Self { allow_missing_date: true, ..self }
    }

    /// A receiver with these options. The keys are the salts of the subscriptions, exactly as Benji shows them.
    ///
    /// # Errors
    ///
    /// Those of [`Receiver::benji`], and [`SetupError::SignedTimeAndMissingDate`] if the options contradict each other.
    pub fn receiver(self, keys: Keys) -> Result<Receiver, SetupError> {
        let Self { window, signature_encoding, require_signed_time, allow_missing_date } = self;
        if require_signed_time && allow_missing_date {
            return Err(SetupError::SignedTimeAndMissingDate);
        }
        let authenticator = Authenticator::hmac(keys, SIGNATURE_HEADER, signature_encoding)?;
        Ok(Receiver {
            require_signed_time,
            allow_missing_time: allow_missing_date,
            ..Receiver::new(&RULES, authenticator, window)
        })
    }
}

impl Receiver {
    /// A receiver for Benji's webhooks with the default [`Options`]. The keys are the salts of the subscriptions,
    /// exactly as Benji shows them.
    ///
    /// # Errors
    ///
    /// A salt starts or ends with white space or a line break, starts with a byte order mark, or is enclosed in quotes,
    /// and its key is not [`exact`](crate::Key::exact).
    pub fn benji(keys: Keys) -> Result<Self, SetupError> {
        Options::default().receiver(keys)
    }
}
