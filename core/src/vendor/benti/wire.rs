use crate::{
    payload::{
        Span, Value,
        scan::{Inside, Key, NameBuffer, Scan, Scanner},
    },
    rejection::Problem,
    vendor::{
        Reading,
        element::{Collector, Element, ElementFault, not_an_object},
    },
};

/// Passes an object, and hands over the value of its field `events`; tells whether there is one.
#[inline(always)]
pub(super) fn envelope<'b>(
    scanner: &mut Scanner<'b>,
    mut events: impl FnMut(&mut Scanner<'b>) -> Scan<()>,
) -> Result<bool, ElementFault> {
    let refuse = |at, problem| Err(ElementFault { at, problem, field: "/events" });
    let mut buffer = NameBuffer::default();
    let mut seen = false;
    let mut object = scanner.open_object(0)?;
    while let Some(key) = scanner.next_key(&mut object)? {
        if key.name(&mut buffer) != b"events" {
            scanner.value(1)?;
        } else if core::mem::replace(&mut seen, true) {
            return refuse(key.at(), Problem::RepeatedField);
        } else if matches!(scanner.token(), b'[' | b'{') {
            events(scanner)?;
        } else {
            return refuse(scanner.value(1)?.span.at(), Problem::NotAContainer);
        }
    }
    Ok(seen)
}

/// The fields of an element that are read, of both families.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) raw: Span,
    pub(super) id: Value,
    pub(super) item: Value,
    pub(super) action: Value,
    pub(super) timestamp: Value,
    pub(super) created_at: Value,
    pub(super) actor: Value,
    pub(super) parent: Value,
    pub(super) resource: Value,
    /// `user.identifier`
    pub(super) user_identifier: Value,
    /// `body.ticket_id`
    pub(super) ticket_id: Value,
    /// `body.parentId`
    pub(super) parent_id: Value,
    /// `body.message.from.id`
    pub(super) sender_id: Value,
}

/// Reads the element under the cursor.
#[inline(never)]
pub(super) fn element(cursor: &mut Scanner<'_>, open: u32, reading: &Reading) -> Scan<Element> {
    if cursor.token() != b'{' {
        return not_an_object(cursor, open);
    }
    let mut scanner = *cursor;
    let mut buffer = NameBuffer::default();
    let mut fields = Fields::default();
    let mut collect = Collector::default();
    let (mut user, mut ticket) = (false, false);
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match key.name(&mut buffer) {
            b"id" => (&mut fields.id, "/id"),
            b"item" => (&mut fields.item, "/item"),
            b"action" => (&mut fields.action, "/action"),
            b"timestamp" => (&mut fields.timestamp, "/timestamp"),
            b"created_at" => (&mut fields.created_at, "/created_at"),
            b"actor" => (&mut fields.actor, "/actor"),
            b"parent" => (&mut fields.parent, "/parent"),
            b"resource" => (&mut fields.resource, "/resource"),
            b"user" => {
                if let Some(mut block) = collect.block(&mut scanner, key, open, &mut user, "/user")? {
                    while let Some(key) = scanner.next_key(&mut block)? {
                        match key.name(&mut buffer) {
                            b"identifier" => {
                                let slot = &mut fields.user_identifier;
                                collect.field(&mut scanner, key, open + 1, slot, "/user/identifier")?;
                            }
                            _ => drop(scanner.value(open + 1)?),
                        }
                    }
                }
                continue;
            }
            b"body" => {
                if let Some(block) = collect.block(&mut scanner, key, open, &mut ticket, "/body")? {
                    (scanner, fields, collect) = ticket_body(scanner, block, open + 1, fields, collect)?;
                }
                continue;
            }
            _ => {
                scanner.value(open)?;
                continue;
            }
        };
        collect.field(&mut scanner, key, open, slot, field)?;
    }
    fields.raw = scanner.span_of(&object);
    *cursor = scanner;
    Ok(collect.finish().and_then(|()| fields.normalize(scanner.body(), reading)))
}

/// Passes the rest of `body`: the ticket's id, its parent's, and the sender's of a reply.
#[inline(never)]
fn ticket_body(
    mut scanner: Scanner<'_>,
    mut block: Inside,
    open: u32,
    mut fields: Fields,
    mut collect: Collector,
) -> Scan<(Scanner<'_>, Fields, Collector)> {
    let mut buffer = NameBuffer::default();
    let (mut message, mut from) = (false, false);
    while let Some(key) = scanner.next_key(&mut block)? {
        let (slot, field) = match key.name(&mut buffer) {
            b"ticket_id" => (&mut fields.ticket_id, "/body/ticket_id"),
            b"parentId" => (&mut fields.parent_id, "/body/parentId"),
            b"message" => {
                if let Some(mut block) =
                    collect.block(&mut scanner, key, open, &mut message, "/body/message")?
                {
                    while let Some(key) = scanner.next_key(&mut block)? {
                        if key.name(&mut buffer) == b"from" {
                            let slot = &mut fields.sender_id;
                            scanner = sender(scanner, key, open + 1, &mut from, slot, &mut collect)?;
                        } else {
                            scanner.value(open + 1)?;
                        }
                    }
                }
                continue;
            }
            _ => {
                scanner.value(open)?;
                continue;
            }
        };
        collect.field(&mut scanner, key, open, slot, field)?;
    }
    Ok((scanner, fields, collect))
}

/// Passes `from` of a reply, with the sender's id.
fn sender<'b>(
    mut scanner: Scanner<'b>,
    key: Key<'b>,
    open: u32,
    seen: &mut bool,
    slot: &mut Value,
    collect: &mut Collector,
) -> Scan<Scanner<'b>> {
    let mut buffer = NameBuffer::default();
    if let Some(mut block) = collect.block(&mut scanner, key, open, seen, "/body/message/from")? {
        while let Some(key) = scanner.next_key(&mut block)? {
            if key.name(&mut buffer) == b"id" {
                collect.field(&mut scanner, key, open + 1, slot, "/body/message/from/id")?;
            } else {
                scanner.value(open + 1)?;
            }
        }
    }
    Ok(scanner)
}
