//! Tells the shapes of Bento's bodies apart: a container of elements, one event, or a workflow webhook.

use alloc::{borrow::Cow, collections::BTreeSet};

use super::tracked;
use crate::{
    payload::{
        JsonValue,
        scan::{Fault, MemberName, NameBuffer, Scan},
    },
    reading::{Container, ElementFault, Reader, element},
    rejection::Problem,
};

/// The containers that a body can have, by the names of their members.
#[derive(Debug, Clone, Copy)]
pub(super) enum ContainerName {
    Events,
    Subscribers,
    Subscriber,
    Emails,
    Commands,
}

impl ContainerName {
    #[inline]
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"events" => Self::Events,
            b"subscribers" => Self::Subscribers,
            b"subscriber" => Self::Subscriber,
            b"emails" => Self::Emails,
            b"command" => Self::Commands,
            _ => return None,
        })
    }

    fn bit(self) -> u8 {
        match self {
            Self::Events => 1,
            Self::Subscribers => 1 << 1,
            Self::Subscriber => 1 << 2,
            Self::Emails => 1 << 3,
            Self::Commands => 1 << 4,
        }
    }

    pub(super) fn container(self) -> Container {
        let (pointer, shortest_element) = match self {
            Self::Events => ("/events", r#"{"type":"a","email":"b"},"#),
            Self::Subscribers => ("/subscribers", "{},"),
            Self::Subscriber => ("/subscriber", "{},"),
            Self::Emails => ("/emails", "{},"),
            Self::Commands => ("/command", r#"{"command":"a"},"#),
        };
        Container { pointer, shortest_element_bytes: shortest_element.len() }
    }
}

/// The shape of a body, as its top-level members tell.
#[derive(Debug, Clone, Copy)]
pub(super) enum BodyShape {
    /// A container. [`shape`] has read its elements.
    Container,
    /// An event without a container around it.
    BareEvent,
    Workflow,
}

/// Walks the top level of the body and returns its shape. Reads the elements of the first container on the way.
///
/// If the body has a text `event`, before or after the container, it is a workflow webhook. Elements that were read
/// and faults of containers then do not count. Only the first container is read, so only its elements are counted.
#[inline]
pub(super) fn shape<'b>(
    reader: &mut Reader<'b, '_>,
    mut read_elements: impl FnMut(&mut Reader<'b, '_>, ContainerName, MemberName<'b>) -> Scan<()>,
) -> Result<BodyShape, ElementFault> {
    let mut buffer = NameBuffer::default();
    let mut containers = Containers::default();
    let mut fields = ShapeFields::default();
    reader.members(|reader, member| {
        let name = member.short_text(&mut buffer);
        match ContainerName::of(name) {
            None => fields.pass(name, reader),
            Some(container) if containers.begins_first(container, member, reader.token()) => {
                read_elements(reader, container, member)
            }
            Some(_) => reader.value().map(drop),
        }
    })?;
    match containers.fault {
        _ if fields.has_event => Ok(BodyShape::Workflow),
        Some(fault) => Err(fault),
        None if containers.has_first => Ok(BodyShape::Container),
        None if fields.are_of_bare_event() => Ok(BodyShape::BareEvent),
        None => Ok(BodyShape::Workflow),
    }
}

/// The members with the name of a container.
#[derive(Debug, Default)]
struct Containers {
    /// One bit for each name that was seen.
    seen: u8,
    /// Whether one of them is a list or an object.
    has_first: bool,
    fault: Option<ElementFault>,
}

impl Containers {
    /// Whether this member is the first container, so that its elements are read. `token` is the first byte of its
    /// value. A repeated name is a fault, and so is a second container. Any other value counts as absent.
    fn begins_first(&mut self, name: ContainerName, member: MemberName<'_>, token: u8) -> bool {
        let is_repeated = self.seen & name.bit() != 0;
        self.seen |= name.bit();
        let problem = if is_repeated {
            Problem::RepeatedField
        } else if !matches!(token, b'[' | b'{') {
            return false;
        } else if self.has_first {
            Problem::TwoContainers
        } else {
            self.has_first = true;
            return true;
        };
        let field = name.container().pointer;
        self.fault.get_or_insert(ElementFault { at: member.at(), problem, field });
        false
    }
}

/// The other members that tell the shape of a body.
#[derive(Debug, Default)]
struct ShapeFields {
    /// Whether there is a text `event`.
    has_event: bool,
    event_type: FirstValue,
    email: FirstValue,
    /// Whether there is an object `identity` with a text `email`.
    has_identity_email: bool,
}

impl ShapeFields {
    /// Passes the value of the member with this name.
    #[inline]
    fn pass(&mut self, name: &[u8], reader: &mut Reader<'_, '_>) -> Scan<()> {
        if name == b"identity" {
            self.has_identity_email |= has_text_email(reader);
        }
        let value = reader.value()?;
        match name {
            b"event" => self.has_event |= is_text(value),
            b"type" => self.event_type.note(value),
            b"email" => self.email.note(value),
            _ => {}
        }
        Ok(())
    }

    /// Whether they make the body one event without a container.
    fn are_of_bare_event(&self) -> bool {
        let has_email = match self.email {
            FirstValue::Absent => self.has_identity_email,
            FirstValue::Text => true,
            FirstValue::Other => false,
        };
        matches!(self.event_type, FirstValue::Text) && has_email
    }
}

/// The value of the first member with a name. `null` counts as absent.
#[derive(Debug, Default)]
enum FirstValue {
    #[default]
    Absent,
    Text,
    Other,
}

impl FirstValue {
    fn note(&mut self, value: JsonValue<'_>) {
        if matches!(self, Self::Absent) && !value.is_absent_or_null() {
            *self = if is_text(value) { Self::Text } else { Self::Other };
        }
    }
}

fn is_text(value: JsonValue<'_>) -> bool {
    !element::optional_text(value).is_absent()
}

/// Whether the value under the cursor is an object with a text `email`. The cursor does not move, so the caller meets a
/// fault again when it passes the value.
#[cold]
fn has_text_email(reader: &Reader<'_, '_>) -> bool {
    let (mut scanner, depth) = reader.ahead();
    if scanner.token() != b'{' {
        return false;
    }
    let mut email = FirstValue::default();
    let mut pass_object = || {
        let mut object = scanner.open_object(depth)?;
        while let Some(member) = scanner.next_member(&mut object)? {
            let value = scanner.value(depth + 1)?;
            if member.short_text(&mut NameBuffer::default()) == b"email" {
                email.note(value);
            }
        }
        Ok::<(), Fault>(())
    };
    pass_object().is_ok() && matches!(email, FirstValue::Text)
}

/// How the members of a numbered object are ordered. Some PHP and Ruby clients write a list as such an object. Each name
/// is a decimal number without leading zeros, and there is at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    /// Each number is larger than the one before, so none occurs twice.
    Ascending,
    /// In another order, so a number may occur twice.
    Unordered,
}

/// The numbering of the object under the cursor, if it is numbered. The cursor does not move.
fn numbering(reader: &Reader<'_, '_>) -> Scan<Option<Numbering>> {
    let (mut scanner, depth) = reader.ahead();
    let mut last: Option<Cow<'_, str>> = None;
    let mut numbering = Numbering::Ascending;
    let mut object = scanner.open_object(depth)?;
    while let Some(member) = scanner.next_member(&mut object)? {
        let number = member.text();
        if !is_decimal(&number) {
            return Ok(None);
        }
        if last.is_some_and(|last| (last.len(), &*last) >= (number.len(), &*number)) {
            numbering = Numbering::Unordered;
        }
        last = Some(number);
        scanner.value(depth + 1)?;
    }
    Ok(last.map(|_| numbering))
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && !text.is_empty()
}

/// Passes a list of events, one event, or an object with numbered events. A repeated number makes its event malformed.
#[inline]
pub(super) fn events(reader: &mut Reader<'_, '_>) -> Scan<()> {
    let container = ContainerName::Events.container();
    let numbering = if reader.token() == b'{' { numbering(reader)? } else { None };
    let Some(numbering) = numbering else { return reader.list_or_one(container, tracked::event) };
    let mut numbers = BTreeSet::new();
    reader.one_for_each_member(container, |reader, member| {
        if numbering == Numbering::Unordered && !numbers.insert(member.text()) {
            return reader.pass_malformed(member.at(), Problem::RepeatedField);
        }
        tracked::event(reader)
    })
}
