//! What a receiver of Benji's webhooks accepts.

use super::rules::{RULES, SIGNATURE_HEADER};
use crate::{
    authenticate::{Authenticator, Keys, SignatureEncoding},
    freshness::Window,
    receiver::Receiver,
    setup_error::SetupError,
};

/// What a receiver of Benji's webhooks accepts, beside the limits that every receiver has.
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

/// How old a request may be, and how far ahead, by default.
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
    /// How old a request may be, and how far ahead of the receiver's clock. By default 300 s both.
    ///
    /// Benji's date is that of the event: a retry that Benji sends later than the window is refused as stale.
    pub const fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Accepts signatures in this encoding only. By default hexadecimal, base64 and base64url.
    pub const fn signature_encoding(self, encoding: SignatureEncoding) -> Self {
        Self { signature_encoding: Some(encoding), ..self }
    }

    /// Refuses requests without `x-benji-timestamp`, whose signature covers the body alone, with `missing_timestamp`,
    /// genuine or not. Nobody can then replay a request with another date. To be set once the
    /// [`assurance`](crate::Delivery::assurance) of every delivery, of all the receiver's salts, says that the time is
    /// signed. It contradicts [`allow_missing_date`](Self::allow_missing_date).
    pub const fn require_signed_time(self) -> Self {
        Self { require_signed_time: true, ..self }
    }

    /// Accepts a request without a date. Its age is then not known, and anybody who could read it once can replay it
    /// without a date for ever: use [`ReplayPolicy::Strict`](crate::ReplayPolicy::Strict). It contradicts
    /// [`require_signed_time`](Self::require_signed_time).
    pub const fn allow_missing_date(self) -> Self {
        Self { allow_missing_date: true, ..self }
    }

    /// A receiver with these options. The keys are the salts of the subscriptions, exactly as Benji shows them.
    ///
    /// # Errors
    ///
    /// As [`Receiver::benji`]; or the options contradict each other.
    pub fn receiver(self, keys: Keys) -> Result<Receiver, SetupError> {
        let Self { window, signature_encoding, require_signed_time, allow_missing_date } = self;
        if require_signed_time && allow_missing_date {
            return Err(SetupError::SignedTimeAndMissingDate);
        }
        let authenticator = Authenticator::hmac(keys, SIGNATURE_HEADER, signature_encoding)?;
        Ok(Receiver {
            require_first_scheme: require_signed_time,
            allow_missing_time: allow_missing_date,
            ..Receiver::new(&RULES, authenticator, window)
        })
    }
}

impl Receiver {
    /// A receiver of Benji's webhooks with the default [`Options`]. The keys are the salts of the subscriptions, exactly
    /// as Benji shows them.
    ///
    /// # Errors
    ///
    /// A salt has white space, a line break or a byte order mark at an end, or quotes around it, and its key is not
    /// [`exact`](crate::Key::exact).
    pub fn benji(keys: Keys) -> Result<Self, SetupError> {
        Options::default().receiver(keys)
    }
}
