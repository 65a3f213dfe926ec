//! Reads an element that names an addressee: a subscriber, an e-mail or a command.

use super::body::Collection;
use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{Span, Text, Value, scan::Scan},
    reading::{
        ElementFault, ElementFields, Reader, Role,
        element::{optional_text, required_text},
    },
};

#[derive(Debug)]
struct AddresseeFields<'a> {
    collection: Collection,
    /// The member name of the collection.
    collection_key: Span,
    /// `email`, or `to` in an e-mail.
    address: Value<'a>,
    command: Value<'a>,
    uuid: Value<'a>,
}

impl<'a> ElementFields<'a> for AddresseeFields<'a> {
    type Object = ();

    #[inline(always)]
    fn role(&mut self, (): (), key: &[u8]) -> Role<'_, 'a, ()> {
        use Collection::{Commands, Emails, Subscriber, Subscribers};
        let (value, pointer) = match (self.collection, key) {
            (Emails, b"to") => (&mut self.address, "/to"),
            (Subscribers | Subscriber | Commands, b"email") => (&mut self.address, "/email"),
            (Commands, b"uuid") => (&mut self.uuid, "/uuid"),
            (Commands, b"command") => (&mut self.command, "/command"),
            _ => return Role::Ignored,
        };
        Role::Field { value, pointer }
    }

    fn parent((): ()) {}
}

#[inline(never)]
pub(super) fn addressee(
    reader: &mut Reader<'_, '_>,
    collection: Collection,
    collection_key: Span,
) -> Scan<()> {
    let (address, command, uuid) = (Value::default(), Value::default(), Value::default());
    let fields = AddresseeFields { collection, collection_key, address, command, uuid };
    reader.element(fields, AddresseeFields::normalize)
}

impl AddresseeFields<'_> {
    fn normalize(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
        let (family, kind) = match self.collection {
            Collection::Emails => (Family::BentoEmail, Kind::new(Entity::Email, Action::Requested)),
            Collection::Commands => (Family::BentoCommand, Kind::new(Entity::Subscriber, Action::Commanded)),
            Collection::Subscribers | Collection::Subscriber | Collection::Events => {
                (Family::BentoSubscriber, Kind::new(Entity::Subscriber, Action::Updated))
            }
        };
        let name = match self.collection {
            Collection::Commands => required_text(self.command, raw, "/command")?,
            Collection::Subscriber => self.collection_key,
            _ => Span::ABSENT,
        };
        let address = optional_text(self.address);
        let uuid = if address.is_absent() { optional_text(self.uuid) } else { Span::ABSENT };
        let subject = match self.collection {
            Collection::Emails if names_several(self.address) => Span::ABSENT,
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
