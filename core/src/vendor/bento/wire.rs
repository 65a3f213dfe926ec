use crate::{
    payload::{
        Span, Value,
        scan::{Key, NameBuffer, Scan, Scanner},
    },
    rejection::Problem,
    vendor::{
        Place,
        element::{Collector, Element, ElementFault, not_an_object},
    },
};

/// What a body of Bento's can hold many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Events,
    Subscribers,
    Emails,
    Commands,
}

impl Container {
    #[inline(always)]
    fn of_key(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"events" => Self::Events,
            b"subscribers" => Self::Subscribers,
            b"emails" => Self::Emails,
            b"command" => Self::Commands,
            _ => return None,
        })
    }

    /// Its place in the body.
    pub(super) fn place(self) -> Place {
        let (container, smallest) = match self {
            Self::Events => ("/events", r#"{"type":"a","email":"b"},"#),
            Self::Subscribers => ("/subscribers", "{},"),
            Self::Emails => ("/emails", "{},"),
            Self::Commands => ("/command", r#"{"command":"a"},"#),
        };
        Place { container, smallest: smallest.len() }
    }
}

/// Passes an object, and hands over the container in it; tells whether there is one.
#[inline(always)]
pub(super) fn containers<'b>(
    scanner: &mut Scanner<'b>,
    mut elements: impl FnMut(&mut Scanner<'b>, Container) -> Scan<()>,
) -> Result<bool, ElementFault> {
    let mut buffer = NameBuffer::default();
    let mut seen = [false; 4];
    let mut found = false;
    let mut object = scanner.open_object(0)?;
    while let Some(key) = scanner.next_key(&mut object)? {
        let Some(container) = Container::of_key(key.name(&mut buffer)) else {
            scanner.value(1)?;
            continue;
        };
        let refuse =
            |problem| Err(ElementFault { at: key.at(), problem, field: container.place().container });
        let [events, subscribers, emails, commands] = &mut seen;
        let seen = match container {
            Container::Events => events,
            Container::Subscribers => subscribers,
            Container::Emails => emails,
            Container::Commands => commands,
        };
        if core::mem::replace(seen, true) {
            return refuse(Problem::RepeatedField);
        }
        if !matches!(scanner.token(), b'[' | b'{') {
            scanner.value(1)?;
        } else if core::mem::replace(&mut found, true) {
            return refuse(Problem::TwoContainers);
        } else {
            elements(scanner, container)?;
        }
    }
    Ok(found)
}

/// The fields of an event that are read.
#[derive(Debug, Default)]
pub(super) struct EventFields {
    pub(super) raw: Span,
    pub(super) event_type: Value,
    pub(super) email: Value,
    pub(super) date: Value,
    /// `details.unique.key`
    pub(super) unique_key: Value,
}

/// Reads the event under the cursor.
#[inline(never)]
pub(super) fn event(cursor: &mut Scanner<'_>, open: u32) -> Scan<Element> {
    if cursor.token() != b'{' {
        return not_an_object(cursor, open);
    }
    let mut scanner = *cursor;
    let mut buffer = NameBuffer::default();
    let mut fields = EventFields::default();
    let mut collect = Collector::default();
    let (mut details, mut unique) = (false, false);
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match key.name(&mut buffer) {
            b"type" => (&mut fields.event_type, "/type"),
            b"email" => (&mut fields.email, "/email"),
            b"date" => (&mut fields.date, "/date"),
            b"details" => {
                if let Some(mut block) = collect.block(&mut scanner, key, open, &mut details, "/details")? {
                    while let Some(key) = scanner.next_key(&mut block)? {
                        if key.name(&mut buffer) == b"unique" {
                            let slot = &mut fields.unique_key;
                            (scanner, collect) =
                                unique_block(scanner, key, open + 1, &mut unique, slot, collect)?;
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
    fields.raw = scanner.span_of(&object);
    *cursor = scanner;
    Ok(collect.finish().and_then(|()| fields.normalize(scanner.body())))
}

/// Passes `details.unique`, with its key.
fn unique_block<'b>(
    mut scanner: Scanner<'b>,
    key: Key<'b>,
    open: u32,
    seen: &mut bool,
    slot: &mut Value,
    mut collect: Collector,
) -> Scan<(Scanner<'b>, Collector)> {
    let mut buffer = NameBuffer::default();
    if let Some(mut block) = collect.block(&mut scanner, key, open, seen, "/details/unique")? {
        while let Some(key) = scanner.next_key(&mut block)? {
            if key.name(&mut buffer) == b"key" {
                collect.field(&mut scanner, key, open + 1, slot, "/details/unique/key")?;
            } else {
                scanner.value(open + 1)?;
            }
        }
    }
    Ok((scanner, collect))
}

/// The fields of a subscriber, an e-mail or a command that are read.
#[derive(Debug, Default)]
pub(super) struct AddresseeFields {
    pub(super) raw: Span,
    /// `email`; of an e-mail `to`
    pub(super) address: Value,
    /// `command` of a command
    pub(super) command: Value,
}

/// Reads the subscriber, e-mail or command under the cursor.
#[inline(never)]
pub(super) fn addressee(cursor: &mut Scanner<'_>, open: u32, container: Container) -> Scan<Element> {
    if cursor.token() != b'{' {
        return not_an_object(cursor, open);
    }
    let mut scanner = *cursor;
    let mut buffer = NameBuffer::default();
    let mut fields = AddresseeFields::default();
    let mut collect = Collector::default();
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match (key.name(&mut buffer), container) {
            (b"to", Container::Emails) => (&mut fields.address, "/to"),
            (b"email", Container::Subscribers | Container::Commands) => (&mut fields.address, "/email"),
            (b"command", Container::Commands) => (&mut fields.command, "/command"),
            _ => {
                scanner.value(open)?;
                continue;
            }
        };
        collect.field(&mut scanner, key, open, slot, field)?;
    }
    fields.raw = scanner.span_of(&object);
    *cursor = scanner;
    Ok(collect.finish().and_then(|()| fields.normalize(scanner.body(), container)))
}

/// The fields of a workflow webhook that are read.
#[derive(Debug, Default)]
pub(super) struct WorkflowFields {
    pub(super) raw: Span,
    pub(super) event: Value,
    pub(super) email: Value,
}

/// Reads the workflow webhook under the cursor, which is an object.
#[inline(never)]
pub(super) fn workflow(cursor: &mut Scanner<'_>, open: u32) -> Scan<Element> {
    cursor.token();
    let mut scanner = *cursor;
    let mut buffer = NameBuffer::default();
    let mut fields = WorkflowFields::default();
    let mut collect = Collector::default();
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match key.name(&mut buffer) {
            b"event" => (&mut fields.event, "/event"),
            b"email" => (&mut fields.email, "/email"),
            _ => {
                scanner.value(open)?;
                continue;
            }
        };
        collect.field(&mut scanner, key, open, slot, field)?;
    }
    fields.raw = scanner.span_of(&object);
    *cursor = scanner;
    Ok(collect.finish().map(|()| fields.normalize(scanner.body())))
}
