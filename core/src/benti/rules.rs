//! What the shared code has to know of Benti.

use super::event;
use crate::{
    authenticate::Scheme,
    freshness::Clock,
    kind::Vendor,
    payload::scan::{Scan, Scanner},
    reading::{Batch, ElementFault, Filling, Place, Reading},
    rejection::{Problem, Reason},
    replay::RETENTION_SECONDS,
    rules::Rules,
};

/// The header with the secret.
pub const SECRET_HEADER: &str = "x-hook-signature";
/// The header with the challenge of a handshake.
pub const CHALLENGE_HEADER: &str = "x-inbenta-challenge";
/// The largest body by default.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

pub(super) static RULES: Rules = Rules {
    vendor: Vendor::Benti,
    max_body_bytes: MAX_BODY_BYTES,
    first_scheme: None,
    scheme: Scheme::of_secret(Clock::Events),
    retention_seconds: RETENTION_SECONDS,
    challenge_header: Some(CHALLENGE_HEADER),
    read,
};

/// A list of events, a single event, or either of them as `events` of an object: the vendor's pages disagree.
fn read(body: &[u8], reading: &Reading<'_>, batch: &mut Batch) -> Result<(), Reason> {
    batch.read(body, reading.limits, |scanner, filling| match scanner.token() {
        b'[' => Ok(elements(scanner, 0, "", filling, reading)?),
        b'{' => {
            if !event::envelope(scanner, |scanner| elements(scanner, 1, "/events", filling, reading))? {
                scanner.rewind();
                elements(scanner, 0, "", filling, reading)?;
            }
            Ok(())
        }
        _ => {
            let value = scanner.value(0)?;
            Err(ElementFault { at: value.at, problem: Problem::NotAContainer, field: "" })
        }
    })
}

fn elements(
    scanner: &mut Scanner<'_>,
    open: u32,
    container: &'static str,
    filling: &mut Filling<'_>,
    reading: &Reading<'_>,
) -> Scan<()> {
    let place = Place { container, smallest: r#"{"action":"a"},"#.len() };
    filling.container(scanner, open, place, |scanner, open, filling| {
        event::event(scanner, open, filling, reading)
    })
}
