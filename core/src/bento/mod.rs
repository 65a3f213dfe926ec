//! Bento: traffic in Bento's shapes, sent to an endpoint of yours with credentials that you chose. Bento signs
//! nothing of what it sends.

mod addressee;
mod body;
mod payload;
mod tracked;
mod workflow;

use core::fmt;

use crate::{
    authenticate::{Keys, Scheme},
    freshness::Clock,
    kind::Vendor,
    payload::scan::{Scan, Scanner},
    reading::{Batch, ElementFault, Filling, Place, Reading},
    rejection::{Covers, Problem, Reason},
    rules::Rules,
};

use body::{Container, Shape};
pub use payload::{Command, Email, Purchase, Subscriber, Tags, TrackedEvent, Unique, Value, Workflow};

/// The largest body by default: 1,000 events of 4 KiB.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(crate) static RULES: Rules = Rules {
    vendor: Vendor::Bento,
    type_prefix: "com.bentonow",
    max_body_bytes: MAX_BODY_BYTES,
    first_scheme: None,
    scheme: Scheme { covers: Covers::Nothing, clock: Clock::None },
    // Identical bodies may be genuine, such as a tag that is added, removed and added again.
    retention_seconds: 300,
    challenge_header: None,
    read,
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

/// Events, subscribers, e-mails or commands, each a list or a single object; one subscriber; one event without a
/// container. Any other object is a workflow webhook, whose form its operator chose.
fn read(body: &[u8], reading: &Reading<'_>, batch: &mut Batch) -> Result<(), Reason> {
    batch.read(body, reading.limits, |scanner, filling| {
        if scanner.token() != b'{' {
            let value = scanner.value(0)?;
            return Err(ElementFault { at: value.at, problem: Problem::NotAnObject, field: "" });
        }
        let shape = body::shape(scanner, |scanner, container, key| match container {
            Container::Events => events(scanner, filling),
            Container::Subscriber => {
                filling.single(scanner, 1, container.place(), |scanner, open, filling| {
                    addressee::addressee(scanner, open, filling, container, key.span())
                })
            }
            _ => filling.container(scanner, 1, container.place(), |scanner, open, filling| {
                addressee::addressee(scanner, open, filling, container, key.span())
            }),
        })?;
        if shape != Shape::Container {
            filling.discard();
            scanner.rewind();
            let element = if shape == Shape::BareEvent { tracked::event } else { workflow::workflow };
            filling.single(scanner, 0, Place::BODY, element)?;
        }
        Ok(())
    })
}

/// A list of events, one event, or an object with numbered events.
#[inline(always)]
fn events(scanner: &mut Scanner<'_>, filling: &mut Filling<'_>) -> Scan<()> {
    if scanner.token() == b'{'
        && let Some(numbering) = body::numbering(scanner, 1)?
    {
        return body::numbered(scanner, 1, filling, numbering);
    }
    filling.container(scanner, 1, Container::Events.place(), tracked::event)
}
