//! Tells the shapes of Bento's bodies apart: a container of elements, one event, or a workflow webhook.

use alloc::{borrow::Cow, collections::BTreeSet};

use super::tracked;
use crate::{
    payload::{
        Value,
        scan::{Fault, Key, NameBuffer, Scan},
    },
    reading::{Container, ElementFault, Reader, element},
    rejection::Problem,
};

/// The containers that a body can have, each with several elements or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Events,
    Subscribers,
    Subscriber,
    Emails,
    Commands,
}

impl Collection {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One collection, which `elements` has read.
    Collection,
    /// An event without a collection around it.
    BareEvent,
    Workflow,
}

/// Passes the body, which is an object, and returns its shape. Calls `elements` for the first collection.
///
/// If the body has a text `event`, before or after the collection, it is a workflow webhook. Elements that were read
/// and faults of collections then do not count. Only the first collection is read, so only its elements are counted.
#[inline(always)]
pub(super) fn shape<'b>(
    reader: &mut Reader<'b, '_>,
    mut elements: impl FnMut(&mut Reader<'b, '_>, Collection, Key<'b>) -> Scan<()>,
) -> Result<Shape, ElementFault> {
    let mut buffer = NameBuffer::default();
    let mut seen = [false; 5];
    let mut has_collection = false;
    let mut fault = None;
    let mut has_event = false;
    let mut bare = BareEvent::default();
    reader.members(|reader, key| {
        let name = key.name(&mut buffer);
        let Some(collection) = Collection::of_key(name) else {
            match name {
                b"event" => has_event |= is_text(reader.value()?),
                b"type" => bare.event_type.see(reader.value()?),
                b"email" => bare.email.see(reader.value()?),
                b"identity" => {
                    bare.has_identity_email |= has_text_email(reader);
                    reader.value()?;
                }
                _ => {
                    reader.value()?;
                }
            }
            return Ok(());
        };
        let [events, subscribers, subscriber, emails, commands] = &mut seen;
        let was_seen = match collection {
            Collection::Events => events,
            Collection::Subscribers => subscribers,
            Collection::Subscriber => subscriber,
            Collection::Emails => emails,
            Collection::Commands => commands,
        };
        let problem = if core::mem::replace(was_seen, true) {
            Some(Problem::RepeatedField)
        } else if !matches!(reader.token(), b'[' | b'{') {
            None
        } else if core::mem::replace(&mut has_collection, true) {
            Some(Problem::TwoContainers)
        } else {
            return elements(reader, collection, key);
        };
        if let Some(problem) = problem {
            let field = collection.container().pointer;
            fault.get_or_insert(ElementFault { at: key.at(), problem, field });
        }
        reader.value().map(drop)
    })?;
    match fault {
        _ if has_event => Ok(Shape::Workflow),
        Some(fault) => Err(fault),
        None if has_collection => Ok(Shape::Collection),
        None if bare.is_event() => Ok(Shape::BareEvent),
        None => Ok(Shape::Workflow),
    }
}

/// The members that make a body one event without a collection.
#[derive(Debug, Default)]
struct BareEvent {
    event_type: First,
    email: First,
    has_identity_email: bool,
}

impl BareEvent {
    fn is_event(&self) -> bool {
        let has_email = match self.email {
            First::Absent => self.has_identity_email,
            First::Text => true,
            First::Other => false,
        };
        matches!(self.event_type, First::Text) && has_email
    }
}

/// The value of the first member with a name. `null` counts as absent.
#[derive(Debug, Default)]
enum First {
    #[default]
    Absent,
    Text,
    Other,
}

impl First {
    fn see(&mut self, value: Value<'_>) {
        if matches!(self, Self::Absent) && !value.is_absent_or_null() {
            *self = if is_text(value) { Self::Text } else { Self::Other };
        }
    }
}

fn is_text(value: Value<'_>) -> bool {
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
    let mut email = First::default();
    let mut pass = || {
        let mut object = scanner.open_object(depth)?;
        while let Some(key) = scanner.next_key(&mut object)? {
            let value = scanner.value(depth + 1)?;
            if key.name(&mut NameBuffer::default()) == b"email" {
                email.see(value);
            }
        }
        Ok::<(), Fault>(())
    };
    pass().is_ok() && matches!(email, First::Text)
}

/// The order of the member names in an object that replaces a list, as some PHP and Ruby clients write it. Each name is
/// a decimal number without leading zeros, and there is at least one.
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
    while let Some(key) = scanner.next_key(&mut object)? {
        let number = key.text();
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
#[inline(always)]
pub(super) fn events(reader: &mut Reader<'_, '_>) -> Scan<()> {
    let container = Collection::Events.container();
    let numbering = if reader.token() == b'{' { numbering(reader)? } else { None };
    let Some(numbering) = numbering else { return reader.list_or_one(container, tracked::event) };
    let mut numbers = BTreeSet::new();
    reader.one_for_each_member(container, |reader, key| {
        if numbering == Numbering::Unordered && !numbers.insert(key.text()) {
            return reader.pass_malformed(key.at(), Problem::RepeatedField);
        }
        tracked::event(reader)
    })
}
