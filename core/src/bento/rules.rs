//! Bento's rules for the shared code: scheme, body limit and the shapes of a body.

use super::{
    addressee,
    body::{self, Collection, Shape},
    tracked, workflow,
};
use crate::{
    authenticate::Scheme,
    freshness::Clock,
    kind::Vendor,
    reading::{Batch, Container, ElementFault, ReadContext, Reader, read_payload},
    rejection::Reason,
    rules::Rules,
};

/// The default limit of the body, in bytes: 1,000 events of 4 KiB.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(super) static RULES: Rules = Rules {
    vendor: Vendor::Bento,
    max_body_bytes: MAX_BODY_BYTES,
    signed_time_scheme: None,
    // Identical bodies can be genuine: a tag is added, removed and added again.
    scheme: Scheme::of_secret(Clock::None { retention_seconds: 300 }),
    challenge_header: None,
    read,
};

/// Reads events, subscribers, e-mails or commands, each as a list or a single object; or one subscriber; or one event
/// without a collection. Any other object is a workflow webhook, whose form its operator chose.
fn read(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    read_payload(body, context, batch, read_body)
}

#[inline(always)]
fn read_body(reader: &mut Reader<'_, '_>) -> Result<(), ElementFault> {
    reader.expect_object()?;
    let shape = body::shape(reader, |reader, collection, key| {
        let addressee = |reader: &mut Reader<'_, '_>| addressee::addressee(reader, collection, key.span());
        match collection {
            Collection::Events => body::events(reader),
            Collection::Subscriber => reader.one(collection.container(), addressee),
            Collection::Subscribers | Collection::Emails | Collection::Commands => {
                reader.list_or_one(collection.container(), addressee)
            }
        }
    })?;
    let element = match shape {
        Shape::Collection => return Ok(()),
        Shape::BareEvent => tracked::event,
        Shape::Workflow => workflow::workflow,
    };
    reader.start_again();
    Ok(reader.one(Container::BODY, element)?)
}
