//! What a body of Bento's is: a container of elements, one event, or a workflow webhook.

use alloc::{borrow::Cow, collections::BTreeSet};

use super::tracked;

use crate::{
    payload::{
        Value,
        scan::{Fault, Key, NameBuffer, Scan, Scanner},
    },
    reading::{ElementFault, Filling, Place, element},
    rejection::Problem,
};

/// What a body of Bento's can hold many of, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Events,
    Subscribers,
    Subscriber,
    Emails,
    Commands,
}

impl Container {
    #[inline(always)]
    fn of_key(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"events" => Self::Events,
            b"subscribers" => Self::Subscribers,
            b"subscriber" => Self::Subscriber,
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
            Self::Subscriber => ("/subscriber", "{},"),
            Self::Emails => ("/emails", "{},"),
            Self::Commands => ("/command", r#"{"command":"a"},"#),
        };
        Place { container, smallest: smallest.len() }
    }
}

/// What a body is, by the members at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One container, which was handed over.
    Container,
    /// An event without a container around it.
    BareEvent,
    Workflow,
}

/// Passes the body, which is an object, hands over the container in it, and tells what the body is.
///
/// A text `event` makes it a workflow webhook, wherever it stands: then what was handed over does not count, nor do
/// faults of containers. Only the first container is handed over, and so only its elements are counted.
#[inline(always)]
pub(super) fn shape<'b>(
    scanner: &mut Scanner<'b>,
    mut elements: impl FnMut(&mut Scanner<'b>, Container, Key<'b>) -> Scan<()>,
) -> Result<Shape, ElementFault> {
    let mut buffer = NameBuffer::default();
    let mut seen = [false; 5];
    let mut found = false;
    let mut fault = None;
    let mut has_event = false;
    let mut bare = BareEvent::default();
    let mut object = scanner.open_object(0)?;
    while let Some(key) = scanner.next_key(&mut object)? {
        let name = key.name(&mut buffer);
        let Some(container) = Container::of_key(name) else {
            match name {
                b"event" => has_event |= is_text(scanner.value(1)?),
                b"type" => bare.event_type.see(scanner.value(1)?),
                b"email" => bare.email.see(scanner.value(1)?),
                b"identity" => bare.identity_email |= has_text_email(scanner),
                _ => {}
            }
            if !matches!(name, b"event" | b"type" | b"email") {
                scanner.value(1)?;
            }
            continue;
        };
        let [events, subscribers, subscriber, emails, commands] = &mut seen;
        let seen = match container {
            Container::Events => events,
            Container::Subscribers => subscribers,
            Container::Subscriber => subscriber,
            Container::Emails => emails,
            Container::Commands => commands,
        };
        let problem = if core::mem::replace(seen, true) {
            Some(Problem::RepeatedField)
        } else if !matches!(scanner.token(), b'[' | b'{') {
            None
        } else if core::mem::replace(&mut found, true) {
            Some(Problem::TwoContainers)
        } else {
            elements(scanner, container, key)?;
            continue;
        };
        if let Some(problem) = problem {
            fault.get_or_insert(ElementFault { at: key.at(), problem, field: container.place().container });
        }
        scanner.value(1)?;
    }
    match fault {
        _ if has_event => Ok(Shape::Workflow),
        Some(fault) => Err(fault),
        None if found => Ok(Shape::Container),
        None if bare.is_event() => Ok(Shape::BareEvent),
        None => Ok(Shape::Workflow),
    }
}

/// What makes a body one event without a container.
#[derive(Debug, Default)]
struct BareEvent {
    event_type: First,
    email: First,
    identity_email: bool,
}

impl BareEvent {
    fn is_event(&self) -> bool {
        let has_email = match self.email {
            First::Absent => self.identity_email,
            First::Text => true,
            First::Other => false,
        };
        matches!(self.event_type, First::Text) && has_email
    }
}

/// What the first member of a name is; `null` counts as absent.
#[derive(Debug, Default)]
enum First {
    #[default]
    Absent,
    Text,
    Other,
}

impl First {
    fn see(&mut self, value: Value<'_>) {
        if matches!(self, Self::Absent) && value.json != b"null" {
            *self = if is_text(value) { Self::Text } else { Self::Other };
        }
    }
}

fn is_text(value: Value<'_>) -> bool {
    !element::optional_text(value).is_absent()
}

/// Whether the value under the cursor is an object with a text `email`. The cursor stays; a fault is met again there.
#[cold]
fn has_text_email(scanner: &Scanner<'_>) -> bool {
    let mut scanner = *scanner;
    if scanner.token() != b'{' {
        return false;
    }
    let mut email = First::default();
    let mut pass = || {
        let mut object = scanner.open_object(1)?;
        while let Some(key) = scanner.next_key(&mut object)? {
            let value = scanner.value(2)?;
            if key.name(&mut NameBuffer::default()) == b"email" {
                email.see(value);
            }
        }
        Ok::<(), Fault>(())
    };
    pass().is_ok() && matches!(email, First::Text)
}

/// How the members of an object stand for a list, as PHP and Ruby write some: each key is a decimal number without
/// leading zeros, and there is at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// Each number is larger than the one before, so that none stands twice.
    Ascending,
    /// In some other order.
    Unordered,
}

/// Whether and how the members of the object under the cursor are numbered. The cursor stays where it is.
pub(super) fn numbering(scanner: &Scanner<'_>, open: u32) -> Scan<Option<Numbering>> {
    let mut scanner = *scanner;
    let mut last: Option<Cow<'_, str>> = None;
    let mut numbering = Numbering::Ascending;
    let mut object = scanner.open_object(open)?;
    while let Some(key) = scanner.next_key(&mut object)? {
        let number = key.text();
        if !is_decimal(&number) {
            return Ok(None);
        }
        if last.is_some_and(|last| (last.len(), &*last) >= (number.len(), &*number)) {
            numbering = Numbering::Unordered;
        }
        last = Some(number);
        scanner.value(open + 1)?;
    }
    Ok(last.map(|_| numbering))
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && !text.is_empty()
}

/// Passes an object with numbered members, each of which is an element. One whose number stood before is malformed.
pub(super) fn numbered<'b>(
    scanner: &mut Scanner<'b>,
    open: u32,
    filling: &mut Filling<'_>,
    numbering: Numbering,
) -> Scan<()> {
    let mut numbers = BTreeSet::new();
    filling.members(scanner, open, Container::Events.place(), |scanner, open, filling, key| {
        if numbering == Numbering::Unordered && !numbers.insert(key.text()) {
            return filling.pass_malformed(scanner, open, key.at(), Problem::RepeatedField);
        }
        tracked::event(scanner, open, filling)
    })
}
