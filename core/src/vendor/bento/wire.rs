use crate::{
    payload::{
        Value,
        scan::{NameBuffer, Scan, Scanner},
    },
    rejection::Problem,
    vendor::{
        Filling, Place,
        element::{self, ElementFault, Member},
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
pub(super) struct EventFields<'a> {
    pub(super) event_type: Value<'a>,
    pub(super) email: Value<'a>,
    pub(super) date: Value<'a>,
    pub(super) unique_key: Value<'a>,
    details: bool,
    unique: bool,
}

/// The objects that hold them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum EventBlock {
    #[default]
    Event,
    /// `details`
    Details,
    /// `details.unique`
    Unique,
}

impl<'a> element::Fields<'a> for EventFields<'a> {
    type Block = EventBlock;

    #[inline(always)]
    fn member(&mut self, block: EventBlock, name: &[u8]) -> Member<'_, 'a, EventBlock> {
        match block {
            EventBlock::Event if name == b"type" => Member::Field(&mut self.event_type, "/type"),
            EventBlock::Event if name == b"email" => Member::Field(&mut self.email, "/email"),
            EventBlock::Event if name == b"date" => Member::Field(&mut self.date, "/date"),
            EventBlock::Event if name == b"details" => {
                Member::Block(EventBlock::Details, &mut self.details, "/details")
            }
            EventBlock::Details if name == b"unique" => {
                Member::Block(EventBlock::Unique, &mut self.unique, "/details/unique")
            }
            EventBlock::Unique if name == b"key" => {
                Member::Field(&mut self.unique_key, "/details/unique/key")
            }
            _ => Member::Unread,
        }
    }

    #[inline(always)]
    fn parent(block: EventBlock) -> EventBlock {
        match block {
            EventBlock::Unique => EventBlock::Details,
            EventBlock::Details | EventBlock::Event => EventBlock::Event,
        }
    }
}

/// Passes the event under the cursor.
#[inline(never)]
pub(super) fn event(scanner: &mut Scanner<'_>, open: u32, filling: &mut Filling<'_>) -> Scan<()> {
    element::read(scanner, open, filling, EventFields::default(), EventFields::normalize)
}

/// The fields of a subscriber, an e-mail or a command that are read.
#[derive(Debug)]
pub(super) struct AddresseeFields<'a> {
    pub(super) container: Container,
    /// `email`; of an e-mail `to`
    pub(super) address: Value<'a>,
    /// `command` of a command
    pub(super) command: Value<'a>,
}

impl<'a> element::Fields<'a> for AddresseeFields<'a> {
    type Block = ();

    #[inline(always)]
    fn member(&mut self, (): (), name: &[u8]) -> Member<'_, 'a, ()> {
        match self.container {
            Container::Emails if name == b"to" => Member::Field(&mut self.address, "/to"),
            Container::Subscribers | Container::Commands if name == b"email" => {
                Member::Field(&mut self.address, "/email")
            }
            Container::Commands if name == b"command" => Member::Field(&mut self.command, "/command"),
            _ => Member::Unread,
        }
    }

    fn parent((): ()) {}
}

/// Passes the subscriber, e-mail or command under the cursor.
#[inline(never)]
pub(super) fn addressee(
    scanner: &mut Scanner<'_>,
    open: u32,
    filling: &mut Filling<'_>,
    container: Container,
) -> Scan<()> {
    let fields = AddresseeFields { container, address: Value::default(), command: Value::default() };
    element::read(scanner, open, filling, fields, AddresseeFields::normalize)
}

/// The fields of a workflow webhook that are read.
#[derive(Debug, Default)]
pub(super) struct WorkflowFields<'a> {
    pub(super) event: Value<'a>,
    pub(super) email: Value<'a>,
}

impl<'a> element::Fields<'a> for WorkflowFields<'a> {
    type Block = ();

    #[inline(always)]
    fn member(&mut self, (): (), name: &[u8]) -> Member<'_, 'a, ()> {
        match () {
            () if name == b"event" => Member::Field(&mut self.event, "/event"),
            () if name == b"email" => Member::Field(&mut self.email, "/email"),
            _ => Member::Unread,
        }
    }

    fn parent((): ()) {}
}

/// Passes the workflow webhook under the cursor, which is an object.
#[inline(never)]
pub(super) fn workflow(scanner: &mut Scanner<'_>, open: u32, filling: &mut Filling<'_>) -> Scan<()> {
    element::read(scanner, open, filling, WorkflowFields::default(), |fields, raw| Ok(fields.normalize(raw)))
}
