//! Reads an element that names an addressee: a subscriber, an e-mail or a command.

use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{JsonValue, Span, Text, scan::Scan},
    reading::{
        ElementFault, ElementFields, Reader, Role,
        element::{optional_text, required_text},
    },
};

/// The elements that name an addressee.
#[derive(Debug, Clone, Copy)]
pub(super) enum Addressee {
    Subscriber {
        /// The place of the word `subscriber` before the element. Absent for an element of `subscribers`.
        name: Span,
    },
    Email,
    Command,
}

#[derive(Debug)]
struct AddresseeFields<'a> {
    addressee: Addressee,
    /// `email`, or `to` in an e-mail.
    address: JsonValue<'a>,
    command: JsonValue<'a>,
    uuid: JsonValue<'a>,
}

impl<'a> ElementFields<'a> for AddresseeFields<'a> {
    type Object = ();

    #[inline]
    fn role(&mut self, (): (), name: &[u8]) -> Role<'_, 'a, ()> {
        let (value, pointer) = match (self.addressee, name) {
            (Addressee::Email, b"to") => (&mut self.address, "/to"),
            (Addressee::Subscriber { .. } | Addressee::Command, b"email") => (&mut self.address, "/email"),
            (Addressee::Command, b"uuid") => (&mut self.uuid, "/uuid"),
            (Addressee::Command, b"command") => (&mut self.command, "/command"),
            _ => return Role::Ignored,
        };
        Role::Field { value, pointer }
    }

    fn parent((): ()) {}
}

#[inline(never)]
pub(super) fn addressee(reader: &mut Reader<'_, '_>, addressee: Addressee) -> Scan<()> {
    let (address, command, uuid) = (JsonValue::default(), JsonValue::default(), JsonValue::default());
    reader.element(AddresseeFields { addressee, address, command, uuid }, AddresseeFields::normalize)
}

impl AddresseeFields<'_> {
    fn normalize(&self, element: JsonValue<'_>) -> Result<Entry, ElementFault> {
        let address = optional_text(self.address);
        match self.addressee {
            Addressee::Subscriber { name } => {
                let kind = Kind::new(Entity::Subscriber, Action::Updated);
                Ok(Entry {
                    subject: address,
                    ..Entry::new(Family::BentoSubscriber, element.span(), name, kind)
                })
            }
            Addressee::Email => {
                let kind = Kind::new(Entity::Email, Action::Requested);
                let subject = if names_several(self.address) { Span::ABSENT } else { address };
                Ok(Entry { subject, ..Entry::new(Family::BentoEmail, element.span(), Span::ABSENT, kind) })
            }
            Addressee::Command => {
                let kind = Kind::new(Entity::Subscriber, Action::Commanded);
                let name = required_text(self.command, element, "/command")?;
                let command = Entry::new(Family::BentoCommand, element.span(), name, kind);
                if address.is_absent() {
                    let uuid = optional_text(self.uuid);
                    return Ok(Entry { subject: uuid, ..command }.with_uuid(uuid));
                }
                Ok(Entry { subject: address, ..command })
            }
        }
    }
}

/// Whether an address names more than one recipient: some clients join them with commas.
fn names_several(address: JsonValue<'_>) -> bool {
    if address.has_escapes {
        return Text::from_checked(address.json).chars().any(|character| character == ',');
    }
    address.json.contains(&b',')
}
