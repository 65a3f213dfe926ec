//! Errors between JavaScript and the core, apart from refused requests.

use hookseal::{MAX_CHALLENGE_BYTES, SetupError};
use napi::{Env, Error, Status};

/// Why a receiver, a key or a signature could not be made.
pub(crate) enum Fault {
    /// The core refuses the setup.
    Setup(SetupError),
    /// No receiver answers a handshake with this challenge.
    Challenge,
    /// Node could not pass a value.
    Node(Error),
}

impl From<SetupError> for Fault {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Node(error)
    }
}

impl Fault {
    /// Throws a `RangeError` for a number out of its range, otherwise a `TypeError`.
    pub(crate) fn throw(self, env: &Env) -> Error {
        let thrown = match self {
            Self::Node(error) => return error,
            Self::Setup(error @ (SetupError::LimitOutOfRange(_) | SetupError::OffsetOutOfRange)) => {
                env.throw_range_error(&error.to_string(), None)
            }
            Self::Challenge => env.throw_type_error(
                &format!("challenge must be 1 to {MAX_CHALLENGE_BYTES} visible ASCII characters"),
                None,
            ),
            Self::Setup(error) => env.throw_type_error(&error.to_string(), None),
        };
        thrown.err().unwrap_or_else(|| Error::from_status(Status::PendingException))
    }
}

/// The error if JavaScript passed a value that this module does not know: the two come from different releases.
#[cold]
pub(crate) fn broken() -> Error {
    Error::from_reason(
        "hookseal's JavaScript and its native module do not match: install both from one release",
    )
}
