//! Benti's rules for the shared code: headers, scheme and the body limit.

use alloc::{format, vec::Vec};

use super::event::{self, ITEM_ACTIONS, ITEMS, TICKET_ACTIONS};
use crate::{
    authenticate::Scheme,
    event::Name,
    freshness::TimeLocation,
    kind::{Action, Entity, Kind, Vendor},
    reading::{self, Batch, Container, ElementFault, ReadContext, Reader},
    rejection::{Problem, Reason},
    replay::RETENTION_SECONDS,
    rules::Rules,
    table::{Places, Row},
    words::text_of,
};

/// The header with the secret.
pub const SECRET_HEADER: &str = "x-hook-signature";
/// The header with the challenge of a handshake.
pub const CHALLENGE_HEADER: &str = "x-inbenta-challenge";
/// The default limit of the body, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

pub(crate) static RULES: Rules = Rules {
    vendor: Vendor::Benti,
    max_body_bytes: MAX_BODY_BYTES,
    signed_time_scheme: None,
    scheme: Scheme::of_secret(TimeLocation::Events { retention_seconds: RETENTION_SECONDS }),
    challenge_header: Some(CHALLENGE_HEADER),
    read_payload,
    rows,
};

fn read_payload(body: &[u8], context: &ReadContext<'_>, batch: &mut Batch) -> Result<(), Reason> {
    reading::read_payload(body, context, batch, read_body)
}

/// Accepts a list of events, a single event, or an object with either of them in `events`: the pages of the vendor
/// disagree (`core/docs/benti.md`).
#[inline]
fn read_body(reader: &mut Reader<'_, '_>) -> Result<(), ElementFault> {
    let token = reader.token();
    if token == b'{' {
        if reader.envelope(b"events", container("/events"), event::event)? {
            return Ok(());
        }
        // No `events`: the object is one event. Read it again.
        reader.start_again();
    } else if token != b'[' {
        let at = reader.value()?.at;
        return Err(ElementFault { at, problem: Problem::NotAContainer, field: "" });
    }
    Ok(reader.list_or_one(container(""), event::event)?)
}

const fn container(pointer: &'static str) -> Container {
    Container { pointer, shortest_element_bytes: r#"{"action":"a"},"#.len() }
}

/// Every item goes with every action. An unknown action of an instance is about a ticket too.
fn rows() -> Vec<Row> {
    let items =
        ITEMS.iter().map(|&(word, entity)| (text_of(word), entity)).chain([(Row::ANY_OTHER, Entity::Other)]);
    let api = items.flat_map(|(item, entity)| {
        let words = ITEM_ACTIONS.iter().map(|&(word, action)| (text_of(word), action));
        words.chain([(Row::ANY_OTHER, Action::Other)]).map(move |(word, action)| Row {
            vendor: Vendor::Benti,
            name: format!("{item}{}{word}", Name::SEPARATOR),
            kind: Kind::new(entity, action),
            payload: "benti::ApiEvent",
            is_open: entity == Entity::Other || action == Action::Other,
            places: Places {
                subject: &["/id"],
                parent: &["/parent"],
                actor: &["/actor"],
                time: &["/timestamp"],
            },
        })
    });
    let words = TICKET_ACTIONS.iter().map(|&(word, action)| (text_of(word), action));
    let instance = words.chain([(Row::ANY_OTHER, Action::Other)]).map(|(word, action)| Row {
        vendor: Vendor::Benti,
        name: word.into(),
        kind: Kind::new(Entity::Ticket, action),
        payload: match action {
            Action::Answered => "benti::InstanceDetails::Answer",
            Action::Created => "benti::InstanceDetails::CreateTicket",
            Action::Moved => "benti::InstanceDetails::ChangeQueue",
            Action::Classified => "benti::InstanceDetails::ClassifyTicket",
            Action::Replied => "benti::InstanceDetails::ReplyTicket",
            Action::Closed => "benti::InstanceDetails::CloseTicket",
            _ => "benti::InstanceDetails::Other",
        },
        is_open: action == Action::Other,
        places: Places {
            subject: &["/resource", "/body/ticket_id"],
            parent: &["/body/parentId"],
            actor: &["/user/identifier", "/body/message/from/id"],
            time: &["/created_at"],
        },
    });
    api.chain(instance).collect()
}
