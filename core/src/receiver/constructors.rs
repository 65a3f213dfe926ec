//! What receivers are built from, vendor by vendor.

use super::options::Receiver;
use crate::{
    authenticate::{Authenticator, Keys},
    benji, benti,
    bento::{self, Credentials},
    freshness::Window,
    limits::Limits,
    replay::RETENTION_SECONDS,
    rules::Rules,
    setup_error::SetupError,
};

impl Receiver {
    /// A receiver of Benji's webhooks with the default [`Options`](benji::Options). The keys are the salts of the
    /// subscriptions, exactly as Benji shows them.
    ///
    /// # Errors
    ///
    /// A salt has white space, a line break or a byte order mark at an end, or quotes around it, and its key is not
    /// [`exact`](crate::Key::exact).
    pub fn benji(keys: Keys) -> Result<Self, SetupError> {
        benji::Options::default().receiver(keys)
    }

    /// A receiver of Benti's webhooks with the default [`Options`](benti::Options). The keys are the secrets that were
    /// given to Inbenta.
    ///
    /// # Errors
    ///
    /// A secret is refused as for [`benji`](Self::benji), or cannot be the value of a header.
    pub fn benti(keys: Keys) -> Result<Self, SetupError> {
        benti::Options::default().receiver(keys)
    }

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
        Ok(Self::new(&bento::RULES, authenticator, Window::off()))
    }

    fn new(rules: &'static Rules, authenticator: Authenticator, window: Window) -> Self {
        Self {
            rules,
            authenticator,
            window,
            replay_seconds: replay_seconds(window),
            limits: Limits::new(rules.max_body_bytes),
            naming: None,
            utc_offset_minutes: 0,
            require_first_scheme: false,
            allow_missing_time: false,
            allow_unsigned_handshake: false,
        }
    }
}

impl benji::Options {
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
        let authenticator = Authenticator::hmac(keys, benji::SIGNATURE_HEADER, signature_encoding)?;
        Ok(Receiver {
            require_first_scheme: require_signed_time,
            allow_missing_time: allow_missing_date,
            ..Receiver::new(&benji::RULES, authenticator, window)
        })
    }
}

impl benti::Options {
    /// A receiver with these options. The keys are the secrets that were given to Inbenta.
    ///
    /// # Errors
    ///
    /// As [`Receiver::benti`].
    pub fn receiver(self, keys: Keys) -> Result<Receiver, SetupError> {
        let Self { window, utc_offset_minutes, allow_unsigned_handshake } = self;
        let authenticator = Authenticator::shared_secret(keys, benti::SECRET_HEADER)?;
        let receiver = Receiver::new(&benti::RULES, authenticator, window);
        Ok(Receiver { utc_offset_minutes, allow_unsigned_handshake, ..receiver })
    }
}

fn replay_seconds(window: Window) -> u64 {
    match (window.past_seconds(), window.future_seconds()) {
        // Both ends of the window are inside of it, so that it is a moment longer than their sum.
        (Some(past), Some(future)) => past.saturating_add(future).saturating_add(1),
        _ => RETENTION_SECONDS,
    }
}
