//! What the shared code has to know of Bento.

use super::{
    addressee,
    body::{self, Container, Shape},
    tracked, workflow,
};
use crate::{
    authenticate::Scheme,
    freshness::Clock,
    kind::Vendor,
    payload::scan::{Scan, Scanner},
    reading::{Batch, ElementFault, Filling, Place, Reading},
    rejection::{Problem, Reason},
    rules::Rules,
};

/// The largest body by default: 1,000 events of 4 KiB.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(super) static RULES: Rules = Rules {
    vendor: Vendor::Bento,
    max_body_bytes: MAX_BODY_BYTES,
    first_scheme: None,
    scheme: Scheme::of_secret(Clock::None),
    // Identical bodies may be genuine, such as a tag that is added, removed and added again.
    retention_seconds: 300,
    challenge_header: None,
    read,
};

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
