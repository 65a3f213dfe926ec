use crate::{
    payload::{
        Span, Value,
        scan::{Scan, Scanner},
    },
    rejection::Problem,
    vendor::element::{Collector, ElementFault, not_an_object},
};

/// Passes an object, and hands over the value of its field `events`; tells whether there is one.
pub(super) fn scan_envelope(
    scanner: &mut Scanner<'_>,
    mut events: impl FnMut(&mut Scanner<'_>) -> Scan<()>,
) -> Result<bool, ElementFault> {
    let mut seen = false;
    let mut fault = None;
    let mut refuse = |at, problem| {
        fault = Some(ElementFault { at, problem, field: "/events" });
        Err(crate::payload::scan::Fault { at, problem })
    };
    let scanned = scanner.object(0, |scanner, key| {
        if scanner.name(key) != b"events" {
            return scanner.value(1).map(drop);
        }
        if core::mem::replace(&mut seen, true) {
            return refuse(key.at(), Problem::RepeatedField);
        }
        match scanner.token() {
            b'[' | b'{' => events(scanner),
            _ => refuse(scanner.value(1)?.span.at(), Problem::NotAContainer),
        }
    });
    match (scanned, fault) {
        (_, Some(fault)) => Err(fault),
        (Err(fault), None) => Err(fault.into()),
        (Ok(_), None) => Ok(seen),
    }
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

impl Fields {
    #[inline(always)]
    pub(super) fn scan(scanner: &mut Scanner<'_>, open: u32) -> Scan<Result<Self, ElementFault>> {
        if scanner.token() != b'{' {
            return not_an_object(scanner, open);
        }
        let mut fields = Self::default();
        let mut collect = Collector::default();
        let (mut user, mut body) = (false, false);
        let open = open + 1;
        fields.raw = scanner.object(open - 1, |scanner, key| {
            let (slot, field) = match scanner.name(key) {
                b"id" => (&mut fields.id, "/id"),
                b"item" => (&mut fields.item, "/item"),
                b"action" => (&mut fields.action, "/action"),
                b"timestamp" => (&mut fields.timestamp, "/timestamp"),
                b"created_at" => (&mut fields.created_at, "/created_at"),
                b"actor" => (&mut fields.actor, "/actor"),
                b"parent" => (&mut fields.parent, "/parent"),
                b"resource" => (&mut fields.resource, "/resource"),
                b"user" => {
                    let slot = &mut fields.user_identifier;
                    return collect.block(scanner, key, open, &mut user, "/user", |collect, scanner, key| {
                        match scanner.name(key) {
                            b"identifier" => collect.field(scanner, key, open + 1, slot, "/user/identifier"),
                            _ => scanner.value(open + 1).map(drop),
                        }
                    });
                }
                b"body" => {
                    let slots = (&mut fields.ticket_id, &mut fields.parent_id, &mut fields.sender_id);
                    return scan_body(scanner, &mut collect, key, open, &mut body, slots);
                }
                _ => return scanner.value(open).map(drop),
            };
            collect.field(scanner, key, open, slot, field)
        })?;
        Ok(collect.finish().map(|()| fields))
    }
}

/// Passes `body`, with the ticket's id, its parent's, and the sender's of a reply.
#[inline(never)]
fn scan_body(
    scanner: &mut Scanner<'_>,
    collect: &mut Collector,
    key: crate::payload::scan::Key,
    open: u32,
    seen: &mut bool,
    (ticket_id, parent_id, sender_id): (&mut Value, &mut Value, &mut Value),
) -> Scan<()> {
    let (mut message, mut from) = (false, false);
    collect.block(scanner, key, open, seen, "/body", |collect, scanner, key| {
        let open = open + 1;
        match scanner.name(key) {
            b"ticket_id" => collect.field(scanner, key, open, ticket_id, "/body/ticket_id"),
            b"parentId" => collect.field(scanner, key, open, parent_id, "/body/parentId"),
            b"message" => {
                collect.block(scanner, key, open, &mut message, "/body/message", |collect, scanner, key| {
                    let open = open + 1;
                    match scanner.name(key) {
                        b"from" => collect.block(
                            scanner,
                            key,
                            open,
                            &mut from,
                            "/body/message/from",
                            |collect, scanner, key| {
                                let open = open + 1;
                                match scanner.name(key) {
                                    b"id" => {
                                        collect.field(scanner, key, open, sender_id, "/body/message/from/id")
                                    }
                                    _ => scanner.value(open).map(drop),
                                }
                            },
                        ),
                        _ => scanner.value(open).map(drop),
                    }
                })
            }
            _ => scanner.value(open).map(drop),
        }
    })
}
