//! A subscriber, an e-mail or a command: what names whom it is for.

use super::body::Container;
use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Text, Value,
        scan::{Scan, Scanner},
    },
    reading::{
        ElementFault, Filling,
        element::{self, Member, optional_text, required_text},
    },
};

/// The fields of a subscriber, an e-mail or a command that are read.
#[derive(Debug)]
struct AddresseeFields<'a> {
    container: Container,
    /// The key of the container.
    container_key: Span,
    /// `email`; of an e-mail `to`
    address: Value<'a>,
    /// `command` of a command
    command: Value<'a>,
    /// `uuid` of a command
    uuid: Value<'a>,
}

impl<'a> element::Fields<'a> for AddresseeFields<'a> {
    type Block = ();

    #[inline(always)]
    fn member(&mut self, (): (), name: &[u8]) -> Member<'_, 'a, ()> {
        match self.container {
            Container::Emails if name == b"to" => Member::Field(&mut self.address, "/to"),
            Container::Subscribers | Container::Subscriber | Container::Commands if name == b"email" => {
                Member::Field(&mut self.address, "/email")
            }
            Container::Commands if name == b"uuid" => Member::Field(&mut self.uuid, "/uuid"),
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
    container_key: Span,
) -> Scan<()> {
    let (address, command, uuid) = (Value::default(), Value::default(), Value::default());
    let fields = AddresseeFields { container, container_key, address, command, uuid };
    element::read(scanner, open, filling, fields, AddresseeFields::normalize)
}

impl AddresseeFields<'_> {
    fn normalize(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
        let (family, kind) = match self.container {
            Container::Emails => (Family::BentoEmail, Kind::new(Entity::Email, Action::Requested)),
            Container::Commands => (Family::BentoCommand, Kind::new(Entity::Subscriber, Action::Commanded)),
            Container::Subscribers | Container::Subscriber | Container::Events => {
                (Family::BentoSubscriber, Kind::new(Entity::Subscriber, Action::Updated))
            }
        };
        let name = match self.container {
            Container::Commands => required_text(self.command, raw, "/command")?,
            Container::Subscriber => self.container_key,
            _ => Span::ABSENT,
        };
        let address = optional_text(self.address);
        let uuid = if address.is_absent() { optional_text(self.uuid) } else { Span::ABSENT };
        let subject = match self.container {
            Container::Emails if names_several(self.address) => Span::ABSENT,
            _ if uuid.is_absent() => address,
            _ => uuid,
        };
        Ok(Entry { subject, extra: uuid, ..Entry::new(family, raw.span(), name, kind) })
    }
}

/// Whether an address names more than one recipient: some clients join them with commas.
fn names_several(address: Value<'_>) -> bool {
    if address.escaped {
        return Text::from_checked(address.json).chars().any(|character| character == ',');
    }
    address.json.contains(&b',')
}
