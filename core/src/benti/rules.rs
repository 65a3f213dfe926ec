//! What the shared code has to know of Benti.

use super::event;
use crate::{
    authenticate::Scheme,
    freshness::Clock,
    kind::Vendor,
    payload::scan::{NameBuffer, Scan},
    reading::{Batch, Container, ElementFault, ReadContext, Reader, read_payload},
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
fn read(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    read_payload(body, context, batch, read_body)
}

#[inline(always)]
fn read_body(reader: &mut Reader<'_, '_>) -> Result<(), ElementFault> {
    match reader.token() {
        b'[' => {}
        b'{' if read_envelope(reader)? => return Ok(()),
        b'{' => reader.start_again(),
        _ => {
            let at = reader.value()?.at;
            return Err(ElementFault { at, problem: Problem::NotAContainer, field: "" });
        }
    }
    Ok(read_events(reader, "")?)
}

/// Passes an object and reads its field `events`; tells whether it has one.
#[inline(always)]
fn read_envelope(reader: &mut Reader<'_, '_>) -> Result<bool, ElementFault> {
    let mut has_events = false;
    reader.members(|reader, key| {
        let refuse = |at, problem| Err(ElementFault { at, problem, field: EVENTS });
        if key.name(&mut NameBuffer::default()) != b"events" {
            reader.value()?;
        } else if core::mem::replace(&mut has_events, true) {
            return refuse(key.at(), Problem::RepeatedField);
        } else if matches!(reader.token(), b'[' | b'{') {
            read_events(reader, EVENTS)?;
        } else {
            return refuse(reader.value()?.at, Problem::NotAContainer);
        }
        Ok(())
    })?;
    Ok(has_events)
}

const EVENTS: &str = "/events";

fn read_events(reader: &mut Reader<'_, '_>, pointer: &'static str) -> Scan<()> {
    let container = Container { pointer, shortest_element_bytes: r#"{"action":"a"},"#.len() };
    reader.list_or_one(container, event::event)
}
