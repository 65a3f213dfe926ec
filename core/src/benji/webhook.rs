//! Reads the one shape of Benji's webhooks.

use crate::{
    event::{Entry, Family},
    freshness::HeaderTime,
    kind::{Action, Entity, Kind},
    payload::{
        JsonValue,
        scan::{Scan, ValueBuffer},
        string::{inside_quotes, short_text},
    },
    reading::{
        ElementFault, ElementFields, ReadContext, Reader, Role,
        element::{id, is_integer, required_text},
    },
    rejection::Problem,
    words::vendor_words,
};

#[derive(Debug, Default)]
struct WebhookFields<'a> {
    event: JsonValue<'a>,
    entity: JsonValue<'a>,
    entity_type: JsonValue<'a>,
    entity_id: JsonValue<'a>,
}

impl<'a> ElementFields<'a> for WebhookFields<'a> {
    type Object = ();

    #[inline]
    fn role(&mut self, (): (), name: &[u8]) -> Role<'_, 'a, ()> {
        let (value, pointer) = if name == b"event" {
            (&mut self.event, "/event")
        } else if name == b"entity" {
            (&mut self.entity, "/entity")
        } else if name == b"entity_type" {
            (&mut self.entity_type, "/entity_type")
        } else if name == b"entity_id" {
            (&mut self.entity_id, "/entity_id")
        } else {
            return Role::Ignored;
        };
        Role::Field { value, pointer }
    }

    fn parent((): ()) {}
}

#[inline]
pub(super) fn webhook(reader: &mut Reader<'_, '_>) -> Scan<()> {
    let context = reader.context();
    reader.element(WebhookFields::default(), |fields, element| fields.normalize(element, context))
}

impl WebhookFields<'_> {
    #[inline]
    fn normalize(&self, element: JsonValue<'_>, context: &ReadContext<'_>) -> Result<Entry, ElementFault> {
        let event = required_text(self.event, element, "/event")?;
        let entity = entity(self.entity, self.entity_type)?;
        let known = known_kind(short_text(self.event, &mut [0; LONGEST_NAME_BYTES]));
        let kind = match (entity, known) {
            (None, Some(known)) => known,
            (Some(entity), Some(known)) if entity == known.entity => known,
            (entity, _) => Kind::new(entity.unwrap_or(Entity::Other), Action::Other),
        };
        let subject = id(self.entity_id, "/entity_id")?;
        let webhook = Entry { subject, ..Entry::new(Family::Benji, element.span(), event, kind) };
        Ok(match context.header_time {
            None => webhook,
            Some(HeaderTime { time, zone_assumed }) => {
                Entry { time_zone_assumed: zone_assumed, ..webhook }.with_time(Some(time))
            }
        })
    }
}

const LONGEST_NAME_BYTES: usize = "user_partner_authentication_created".len();

/// The names of the events that are known.
pub(super) const NAMES: [(&[u8], Kind); 10] = [
    (b"user_partner_authentication_created", Kind::new(Entity::User, Action::Connected)),
    (b"user_partner_connected", Kind::new(Entity::User, Action::Connected)),
    (b"campaign_updated", Kind::new(Entity::Campaign, Action::Updated)),
    (b"campaign_activated", Kind::new(Entity::Campaign, Action::Activated)),
    (b"campaign_ended", Kind::new(Entity::Campaign, Action::Ended)),
    (b"transaction_created", Kind::new(Entity::Transaction, Action::Created)),
    (b"transaction_authenticated", Kind::new(Entity::Transaction, Action::Authenticated)),
    (b"transaction_status_updated", Kind::new(Entity::Transaction, Action::Updated)),
    (b"reward_transaction_updated", Kind::new(Entity::Transaction, Action::Updated)),
    (b"reward_transaction_update", Kind::new(Entity::Transaction, Action::Updated)),
];

fn known_kind(event: &[u8]) -> Option<Kind> {
    NAMES.into_iter().find_map(|(name, kind)| (name == event).then_some(kind))
}

/// The entity. Benji's sample has its type in `entity`, the text of the documentation in `entity_type`
/// (`core/docs/benji.md`).
fn entity(entity: JsonValue<'_>, entity_type: JsonValue<'_>) -> Result<Option<Entity>, ElementFault> {
    let mut buffer = ValueBuffer::default();
    let mut type_buffer = ValueBuffer::default();
    let first = integer(entity, "/entity", &mut buffer)?;
    let second = integer(entity_type, "/entity_type", &mut type_buffer)?;
    if first.is_some() && second.is_some() && first != second {
        let at = entity_type.at;
        return Err(ElementFault { at, problem: Problem::Contradiction, field: "/entity_type" });
    }
    Ok(first.or(second).map(|number| entity_of_type(number).unwrap_or(Entity::Other)))
}

vendor_words! {
    fn entity_of_type, ENTITY_TYPES: Entity {
        b"1" = User,
        b"2" = Campaign,
        b"3" = Transaction,
    }
}

/// The digits of an integer, or of a text that holds one.
#[inline]
fn integer<'n>(
    value: JsonValue<'n>,
    field: &'static str,
    buffer: &'n mut ValueBuffer,
) -> Result<Option<&'n [u8]>, ElementFault> {
    let json = value.json;
    if value.is_absent_or_null() {
        return Ok(None);
    }
    // A text with escapes that is longer than the buffer reads as empty, and empty is no integer.
    let text = if value.has_escapes { short_text(value, &mut buffer.0) } else { inside_quotes(json) };
    if is_integer(text) {
        Ok(Some(text))
    } else {
        Err(ElementFault { at: value.at, problem: Problem::NotAnInteger, field })
    }
}
