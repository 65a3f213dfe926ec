//! Benti (Inbenta): the configured secret stands in a header of every request, and signs nothing.

mod handshake;
mod normalize;
mod payload;
mod wire;

use crate::{
    payload::scan::Scanner,
    rejection::{Problem, Reason},
    vendor::{Batch, Reading, element::ElementFault},
};

pub(crate) use handshake::challenge;
pub use handshake::{CHALLENGE_HEADER, Handshake, MAX_CHALLENGE_BYTES};
pub use payload::{
    Answer, AnswerContext, ApiEvent, Attachment, InstanceDetails, InstanceEvent, Message, Named, Person,
    Recipient, Sender,
};

/// The header with the secret.
pub const SECRET_HEADER: &str = "x-hook-signature";
/// The largest body by default.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The shortest element that can be read is `{"action":"a"}`, and a comma.
const SMALLEST_ELEMENT_BYTES: usize = 15;

/// A list of events, a single event, or either of them as `events` of an object: the vendor's pages disagree.
pub(crate) fn read(body: &[u8], reading: &Reading, batch: &mut Batch) -> Result<(), Reason> {
    let limits = &reading.limits;
    batch.read(body, limits, |scanner, batch| {
        let mut elements = |scanner: &mut Scanner<'_>, open, container| {
            batch.container(scanner, open, limits, (container, SMALLEST_ELEMENT_BYTES), |scanner, open| {
                Ok(wire::Fields::scan(scanner, open)?
                    .and_then(|fields| fields.normalize(scanner.body(), reading)))
            })
        };
        match scanner.token() {
            b'[' => Ok(elements(scanner, 0, "")?),
            b'{' => {
                if !wire::scan_envelope(scanner, |scanner| elements(scanner, 1, "/events"))? {
                    scanner.rewind();
                    scanner.token();
                    elements(scanner, 0, "")?;
                }
                Ok(())
            }
            _ => {
                let value = scanner.value(0)?;
                Err(ElementFault { at: value.span.at(), problem: Problem::NotAContainer, field: "" })
            }
        }
    })
}
