//! What a receiver of Benti's webhooks accepts.

use crate::{freshness::Window, setup_error::SetupError};

/// What a receiver of Benti's webhooks accepts, beside the limits that every receiver has.
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
    pub(crate) window: Window,
    pub(crate) utc_offset_minutes: i16,
    pub(crate) allow_unsigned_handshake: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { window: Window::off(), utc_offset_minutes: 0, allow_unsigned_handshake: false }
    }
}

impl Options {
    /// How old the newest event of a delivery may be, and how far ahead of the receiver's clock. By default off:
    /// anybody who can send a request can write its times as well.
    pub const fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// What a time without a zone is read at, in minutes east of UTC, from -1,439 to 1,439. By default 0.
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

    /// Answers a handshake without the secret, as long as a webhook of an instance is being created. A wrong secret is
    /// refused all the same.
    pub const fn allow_unsigned_handshake(self) -> Self {
        Self { allow_unsigned_handshake: true, ..self }
    }
}
