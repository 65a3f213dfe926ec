//! Bento's rules for the shared code: scheme, body limit and the shapes of a body.

use alloc::{vec, vec::Vec};

use super::{
    addressee::{Addressee, addressee},
    body::{self, BodyShape, ContainerName},
    tracked::{self, TYPES},
    workflow,
};
use crate::{
    authenticate::Scheme,
    event::Family,
    freshness::TimeLocation,
    kind::{Action, Entity, Kind, Vendor},
    payload::Span,
    reading::{self, Batch, Container, ElementFault, ReadContext, Reader},
    rejection::Reason,
    rules::Rules,
    table::{Places, Row},
    words::text_of,
};

/// The default limit of the body, in bytes: 1,000 events of 4 KiB.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(crate) static RULES: Rules = Rules {
    vendor: Vendor::Bento,
    max_body_bytes: MAX_BODY_BYTES,
    signed_time_scheme: None,
    // Identical bodies can be genuine: a tag is added, removed and added again.
    scheme: Scheme::of_secret(TimeLocation::Nowhere { retention_seconds: 300 }),
    challenge_header: None,
    read_payload,
    rows,
};

fn read_payload(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    reading::read_payload(body, context, batch, read_body)
}

/// Reads events, subscribers, e-mails or commands, each as a list or a single object; or one subscriber; or one event
/// without a container. Any other object is a workflow webhook, whose form its operator chose.
#[inline]
fn read_body(reader: &mut Reader<'_, '_>) -> Result<(), ElementFault> {
    reader.expect_object()?;
    let shape = body::shape(reader, |reader, name, member| {
        let container = name.container();
        match name {
            ContainerName::Events => body::events(reader),
            ContainerName::Subscribers => {
                let nameless = Addressee::Subscriber { name: Span::ABSENT };
                reader.list_or_one(container, |reader| addressee(reader, nameless))
            }
            ContainerName::Subscriber => {
                let named = Addressee::Subscriber { name: member.span() };
                reader.one(container, |reader| addressee(reader, named))
            }
            ContainerName::Emails => {
                reader.list_or_one(container, |reader| addressee(reader, Addressee::Email))
            }
            ContainerName::Commands => {
                reader.list_or_one(container, |reader| addressee(reader, Addressee::Command))
            }
        }
    })?;
    let element = match shape {
        BodyShape::Container => return Ok(()),
        BodyShape::BareEvent => tracked::event,
        BodyShape::Workflow => workflow::workflow,
    };
    reader.start_again();
    Ok(reader.one(Container::BODY, element)?)
}

/// A name that is fixed is the word of the shape.
fn rows() -> Vec<Row> {
    let row = |name: &str, entity, action, payload, places| {
        let kind = Kind::new(entity, action);
        // Senders choose the fields of a subscriber, and operators all of a workflow's webhook.
        let is_open = matches!(payload, "bento::Subscriber" | "bento::Workflow");
        Row { vendor: Vendor::Bento, name: name.into(), kind, payload, is_open, places }
    };
    let of = |subject| Places { subject, parent: &[], actor: &[], time: &[] };
    let of_event = Places { time: &["/date"], ..of(&["/email", "/identity/email"]) };
    let types = TYPES
        .iter()
        .map(|&(word, action)| (text_of(word), action))
        .chain([(Row::ANY_OTHER, Action::Tracked)]);
    let tracked =
        types.map(|(name, action)| row(name, Entity::Subscriber, action, "bento::TrackedEvent", of_event));
    let imported =
        |name| row(name, Entity::Subscriber, Action::Updated, "bento::Subscriber", of(&["/email"]));
    tracked
        .chain(vec![
            imported(Family::BentoSubscriber.as_str()),
            imported("subscriber"),
            row(Family::BentoEmail.as_str(), Entity::Email, Action::Requested, "bento::Email", of(&["/to"])),
            row(
                Row::ANY_OTHER,
                Entity::Subscriber,
                Action::Commanded,
                "bento::Command",
                of(&["/email", "/uuid"]),
            ),
            row(Row::ANY_OTHER, Entity::Workflow, Action::Reached, "bento::Workflow", of(&["/email"])),
            row(
                Family::BentoWorkflow.as_str(),
                Entity::Workflow,
                Action::Other,
                "bento::Workflow",
                of(&["/email"]),
            ),
        ])
        .collect()
}
