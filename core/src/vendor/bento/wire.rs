use crate::{
    payload::{
        Span, Value,
        scan::{Fault, Scan, Scanner},
    },
    rejection::Problem,
    vendor::element::{Collector, ElementFault, not_an_object},
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
    const ALL: [Self; 4] = [Self::Events, Self::Subscribers, Self::Emails, Self::Commands];

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

    fn place(self) -> &'static str {
        self.place_and_smallest().0
    }

    /// Its place in the body, and the length of its shortest element that can be read, with a comma.
    pub(super) fn place_and_smallest(self) -> (&'static str, usize) {
        match self {
            Self::Events => ("/events", r#"{"type":"a","email":"b"},"#.len()),
            Self::Subscribers => ("/subscribers", "{},".len()),
            Self::Emails => ("/emails", "{},".len()),
            Self::Commands => ("/command", r#"{"command":"a"},"#.len()),
        }
    }

    fn bit(self) -> u8 {
        Self::ALL.iter().position(|other| *other == self).map_or(0, |place| 1 << place)
    }
}

/// Passes an object, and hands over the container in it; tells whether there is one.
#[inline(always)]
pub(super) fn scan_containers(
    scanner: &mut Scanner<'_>,
    mut elements: impl FnMut(&mut Scanner<'_>, Container) -> Scan<()>,
) -> Result<bool, ElementFault> {
    let mut seen = 0_u8;
    let mut found = false;
    let mut fault = None;
    let scanned = scanner.object(0, |scanner, key| {
        let Some(container) = Container::of_key(scanner.name(key)) else {
            return scanner.value(1).map(drop);
        };
        let is_container = matches!(scanner.token(), b'[' | b'{');
        let problem = if seen & container.bit() != 0 {
            Problem::RepeatedField
        } else if found && is_container {
            Problem::TwoContainers
        } else {
            seen |= container.bit();
            if !is_container {
                return scanner.value(1).map(drop);
            }
            found = true;
            return elements(scanner, container);
        };
        fault = Some(ElementFault { at: key.at(), problem, field: container.place() });
        Err(Fault { at: key.at(), problem })
    });
    match (scanned, fault) {
        (_, Some(fault)) => Err(fault),
        (Err(fault), None) => Err(fault.into()),
        (Ok(_), None) => Ok(found),
    }
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

impl EventFields {
    #[inline(always)]
    pub(super) fn scan(scanner: &mut Scanner<'_>, open: u32) -> Scan<Result<Self, ElementFault>> {
        if scanner.token() != b'{' {
            return not_an_object(scanner, open);
        }
        let mut fields = Self::default();
        let mut collect = Collector::default();
        let (mut details, mut unique) = (false, false);
        let open = open + 1;
        fields.raw = scanner.object(open - 1, |scanner, key| match scanner.name(key) {
            b"type" => collect.field(scanner, key, open, &mut fields.event_type, "/type"),
            b"email" => collect.field(scanner, key, open, &mut fields.email, "/email"),
            b"date" => collect.field(scanner, key, open, &mut fields.date, "/date"),
            b"details" => {
                let slot = &mut fields.unique_key;
                collect.block(scanner, key, open, &mut details, "/details", |collect, scanner, key| {
                    let open = open + 1;
                    match scanner.name(key) {
                        b"unique" => collect.block(
                            scanner,
                            key,
                            open,
                            &mut unique,
                            "/details/unique",
                            |collect, scanner, key| match scanner.name(key) {
                                b"key" => collect.field(scanner, key, open + 1, slot, "/details/unique/key"),
                                _ => scanner.value(open + 1).map(drop),
                            },
                        ),
                        _ => scanner.value(open).map(drop),
                    }
                })
            }
            _ => scanner.value(open).map(drop),
        })?;
        Ok(collect.finish().map(|()| fields))
    }
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

impl AddresseeFields {
    pub(super) fn scan(
        scanner: &mut Scanner<'_>,
        open: u32,
        container: Container,
    ) -> Scan<Result<Self, ElementFault>> {
        if scanner.token() != b'{' {
            return not_an_object(scanner, open);
        }
        let mut fields = Self::default();
        let mut collect = Collector::default();
        fields.raw = scanner.object(open, |scanner, key| {
            let (slot, field) = match (scanner.name(key), container) {
                (b"to", Container::Emails) => (&mut fields.address, "/to"),
                (b"email", Container::Subscribers | Container::Commands) => (&mut fields.address, "/email"),
                (b"command", Container::Commands) => (&mut fields.command, "/command"),
                _ => return scanner.value(open + 1).map(drop),
            };
            collect.field(scanner, key, open + 1, slot, field)
        })?;
        Ok(collect.finish().map(|()| fields))
    }
}

/// The fields of a workflow webhook that are read.
#[derive(Debug, Default)]
pub(super) struct WorkflowFields {
    pub(super) raw: Span,
    pub(super) event: Value,
    pub(super) email: Value,
}

impl WorkflowFields {
    pub(super) fn scan(scanner: &mut Scanner<'_>, open: u32) -> Scan<Result<Self, ElementFault>> {
        let mut fields = Self::default();
        let mut collect = Collector::default();
        fields.raw = scanner.object(open, |scanner, key| {
            let (slot, field) = match scanner.name(key) {
                b"event" => (&mut fields.event, "/event"),
                b"email" => (&mut fields.email, "/email"),
                _ => return scanner.value(open + 1).map(drop),
            };
            collect.field(scanner, key, open + 1, slot, field)
        })?;
        Ok(collect.finish().map(|()| fields))
    }
}
