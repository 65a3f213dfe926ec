//! Bento: traffic in Bento's shapes, sent to an endpoint of yours with credentials that you chose. Bento signs
//! nothing of what it sends.

mod normalize;
mod payload;
mod wire;

use core::fmt;

use crate::{
    authenticate::Keys,
    rejection::{Problem, Reason},
    vendor::{Batch, Place, Reading, element::ElementFault},
};

pub use payload::{Command, Email, Purchase, Subscriber, Tags, TrackedEvent, Unique, Value, Workflow};
use wire::Container;

/// The largest body by default: 1,000 events of 4 KiB.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

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

/// Events, subscribers, e-mails or commands, each a list or a single object; any other object is a workflow
/// webhook, whose form its operator chose.
pub(crate) fn read(body: &[u8], reading: &Reading<'_>, batch: &mut Batch) -> Result<(), Reason> {
    batch.read(body, reading.limits, |scanner, filling| {
        if scanner.token() != b'{' {
            let value = scanner.value(0)?;
            return Err(ElementFault { at: value.at, problem: Problem::NotAnObject, field: "" });
        }
        let found = wire::containers(scanner, |scanner, container| match container {
            Container::Events => filling.container(scanner, 1, container.place(), wire::event),
            _ => filling.container(scanner, 1, container.place(), |scanner, open, filling| {
                wire::addressee(scanner, open, filling, container)
            }),
        })?;
        if !found {
            scanner.rewind();
            filling.container(scanner, 0, Place::BODY, wire::workflow)?;
        }
        Ok(())
    })
}
